"""One interaction: its page, the same beside the list, and its raw JSON."""

from dataclasses import dataclass
from uuid import UUID

import orjson
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from interactions.filters import compile
from interactions.filters.form import InteractionFilter
from interactions.models import Comparison, Interaction
from interactions.services import images, reading
from interactions.services.lines import line_of
from interactions.services.reading import SESSION_SHOWN, Whole
from interactions.services.scales import scales
from projects.models import Project
from projects.services.access import WRITE, Caller, project_for

from .address import query as spelled
from .callers import caller_of, has_credentials
from .images import image_url
from .requests import ProjectRequest, in_project
from .tags import Tags, tags_of
from .turns import Turn, turns_of
from .verdicts import Verdicts, verdicts_of

SIBLINGS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Judgement:
    """A comparison seen from one of its two sides: `symbol` and `words` say how it did."""

    comparison: Comparison
    other: Interaction
    link: str
    symbol: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another answer to the same prompt."""

    interaction: Interaction
    link: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One interaction with everything its page shows, and every link around it.

    `older` and `newer` are the neighbours within the filter of the address, "" at its ends.
    """

    project: Project
    whole: Whole
    turns: list[Turn]
    verdicts: Verdicts
    tags: Tags
    judgements: list[Judgement]
    query: QueryDict
    older: str
    newer: str

    siblings_shown = SIBLINGS_SHOWN

    @property
    def interaction(self) -> Interaction:
        """The row."""
        return self.whole.interaction

    @property
    def is_peek(self) -> bool:
        """Whether it stands beside the list."""
        return "open" in self.query

    @property
    def is_raw(self) -> bool:
        """Whether texts are shown letter for letter."""
        return self.query.get("raw") == "1"

    @property
    def page(self) -> str:
        """Its own page, which knows the filter it was found by."""
        return _page(self.project, self.interaction.id, _without(self.query, "open"))

    @property
    def list(self) -> str:
        """The list it was found in, with it open."""
        changed = _without(self.query, "raw")
        changed["open"] = str(self.interaction.id)
        return _list(self.project) + spelled(changed)

    @property
    def other_reading(self) -> str:
        """This very page with texts shown the other way, raw or as Markdown."""
        changed = _without(self.query, "raw")
        if not self.is_raw:
            changed["raw"] = "1"
        return spelled(changed)

    @property
    def raw(self) -> str:
        """Its JSON."""
        key = self.project.key
        return reverse("interaction-raw", kwargs={"key": key, "id": self.interaction.id})

    @property
    def session_link(self) -> str:
        """The list of its session's turns."""
        return f"{_list(self.project)}?session={self.interaction.session_id}"

    @property
    def turn(self) -> str:
        """Its place in its session in words; of a long one only the first turns are counted."""
        if len(self.whole.session) > SESSION_SHOWN:
            return f"beyond turn {SESSION_SHOWN}"
        count = len(self.whole.session)
        return f"turn {self.whole.turn} of {count}{'+' if count == SESSION_SHOWN else ''}"

    @property
    def turn_before(self) -> str:
        """The page of the turn before it in its session, "" when there is none."""
        return self._turn_at(self.whole.turn - 2)

    @property
    def turn_after(self) -> str:
        """The page of the turn after it."""
        return self._turn_at(self.whole.turn)

    def _turn_at(self, index: int) -> str:
        session = self.whole.session
        if len(session) > SESSION_SHOWN or not 0 <= index < len(session):
            return ""
        return _page(self.project, session[index].id)


def detail_of(caller: Caller, project: Project, id: UUID, *, query: QueryDict) -> Detail:
    """Everything the page of an interaction shows. Raises NotFound.

    `query` is the address it is looked at from: the filter of the list, `raw=1` to show texts
    as they are, `open` when it stands beside the list.
    """
    whole = reading.whole(project, id)
    older, newer = _neighbours(project, id, query)
    return Detail(
        project=project,
        whole=whole,
        turns=turns_of(project, whole, is_raw=query.get("raw") == "1"),
        verdicts=verdicts_of(caller, project, id, scales=scales(project), feedback=whole.feedback),
        tags=tags_of(project, id, whole.labels, may_change=caller.may(WRITE, project)),
        judgements=[_judgement(one, id) for one in whole.comparisons],
        query=query,
        older=older,
        newer=newer,
    )


def _judgement(comparison: Comparison, id: UUID) -> Judgement:
    is_preferred = comparison.preferred_id == id
    other = comparison.other if is_preferred else comparison.preferred
    if comparison.tied:
        tone = "good" if comparison.tied == Comparison.Tied.GOOD else "bad"
        return Judgement(comparison, other, "=", f"{comparison.get_tied_display()}, with", tone)
    if is_preferred:
        return Judgement(comparison, other, "▲", "better than", "good")
    return Judgement(comparison, other, "▼", "worse than", "bad")


def _neighbours(project: Project, id: UUID, query: QueryDict) -> tuple[str, str]:
    """Links to the next older and the next newer that match the filter."""
    form = InteractionFilter(query)
    if not form.is_valid():
        return "", ""
    tree = form.tree()
    older = compile.page(project, tree, limit=1, before=id).ids
    newer = compile.page(project, tree, limit=1, after=id).ids
    return _beside(project, older, query), _beside(project, newer, query)


def _beside(project: Project, ids: list[UUID], query: QueryDict) -> str:
    if not ids:
        return ""
    if "open" not in query:
        return _page(project, ids[0], query)
    changed = query.copy()
    changed["open"] = str(ids[0])
    return _list(project) + spelled(changed)


def _list(project: Project) -> str:
    return reverse("interactions", kwargs={"key": project.key})


def _page(project: Project, id: UUID, query: QueryDict | None = None) -> str:
    address = reverse("interaction", kwargs={"key": project.key, "id": id})
    return address + spelled(query) if query else address


def _without(query: QueryDict, name: str) -> QueryDict:
    changed = query.copy()
    changed.pop(name, None)
    return changed


@require_GET
@in_project()
def interaction(request: ProjectRequest, id: UUID) -> HttpResponse:
    """The page."""
    detail = detail_of(request.caller, request.project, id, query=request.GET)
    return render(request, "interactions/detail.html", {"detail": detail})


@require_GET
def raw(request: HttpRequest, key: str, id: UUID) -> HttpResponse:
    """The whole interaction as a line for `ingest`; `?images=inline` puts their bytes in."""
    if not has_credentials(request):
        return redirect_to_login(request.get_full_path())
    project = project_for(caller_of(request), key)
    if request.GET.get("images") == "inline":
        line = line_of(reading.whole(project, id), image_url=images.as_data_uri)
    else:
        line = line_of(
            reading.whole(project, id),
            image_url=lambda image: request.build_absolute_uri(image_url(project, image)),
        )
    response = HttpResponse(
        orjson.dumps(line, option=orjson.OPT_INDENT_2), content_type="application/json"
    )
    response["Content-Disposition"] = f'inline; filename="{id}.json"'
    return response
