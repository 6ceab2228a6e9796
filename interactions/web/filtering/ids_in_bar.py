"""An id in the query bar opens what has it, wherever somebody pasted it from."""

from collections.abc import Callable, Iterable
from functools import wraps
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from interactions.filters.conditions import (
    CreatedBy,
    HasId,
    HasLabel,
    HasLlm,
    HasPrompt,
    InSession,
)
from interactions.filters.query.errors import QueryError
from interactions.filters.query.grammar import LONGEST_QUERY, parse
from interactions.filters.tree import conditions_of
from interactions.services.browsing.ids_in_text import Found, find, ids_in
from interactions.services.rollups import counts
from projects.models import Project
from projects.web.requests import ProjectRequest

View = Callable[..., HttpResponseBase]


def opens_ids(view: View) -> View:
    """A page with a query bar: what is written there may be an id, and then leads to its page."""

    @wraps(view)
    def inner(request: ProjectRequest, **kwargs: object) -> HttpResponseBase:
        text = request.GET.get("bar", "")
        ids = _meant(request.project, text) if text else []
        found = find(request.caller, ids, first=request.project) if ids else []
        if not found:
            return view(request, **kwargs)
        # Several things of one kind are listed; else it is the first kind that was meant.
        alike = [one for one in found if one.kind == found[0].kind]
        where = link_of(alike[0]) if len(alike) == 1 else all_of(text)
        if request.htmx:
            return HttpResponse(headers={"HX-Redirect": where})
        return HttpResponseRedirect(where)

    return inner


def link_of(found: Found) -> str:
    """The page of what was found."""
    key = found.project.key
    match found.kind:
        case "session":
            return reverse("session", kwargs={"key": key, "session": UUID(found.id)})
        case "image":
            return reverse("image-page", kwargs={"key": key, "sha256": found.id})
        case "prompt":
            return f"{reverse('interactions', kwargs={'key': key})}?prompt={found.id}"
    return reverse("interaction", kwargs={"key": key, "id": UUID(found.id)})


def all_of(text: str) -> str:
    """The page with everything that is found of the ids in a text."""
    return f"{reverse('go')}?q={'+'.join(ids_in(text))}"


def _meant(project: Project, text: str) -> list[str]:
    """The ids in a query, but for those that are the value of a condition."""
    ids = ids_in(text)
    if not ids:
        return []
    try:
        conditions = list(conditions_of(parse(text[:LONGEST_QUERY])))
    except QueryError:
        return ids
    values: set[str] = set()
    keys: set[str] | None = None
    for one in conditions:
        match one:
            case HasId(id) | InSession(id) | HasPrompt(id):
                values.add(id.hex)
            case CreatedBy(names):
                values.update(_digits(names))
            case HasLlm(names):
                values.update(_digits(name or "" for name in names))
            case HasLabel(key, labels):
                keys = set(counts.label_keys(project)) if keys is None else keys
                values.update(_digits(labels or ()) if key in keys else ())
    return [id for id in ids if id not in values]


def _digits(names: Iterable[str]) -> list[str]:
    return [id for name in names for id in ids_in(name)]
