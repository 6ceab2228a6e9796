"""The side of the list: labels, models, sources and metrics to narrow it by.

The panel has a group for each; a group's counts are a fragment of their own, asked for when the
group is in view. They are of what the *other* conditions leave, so that alternatives stay visible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import NotFound
from interactions.filters.address.form import NO_MODEL, canonical
from interactions.filters.conditions import HasFeedback, HasLabel, HasLlm, HasSource
from interactions.filters.sql import queries
from interactions.filters.tree import Not, conjuncts
from interactions.services.analysis import metric_usage
from interactions.services.rollups import counts
from interactions.web.facets import comparing
from interactions.web.facets.comparing import Apart, Base, base_of, ways_of
from interactions.web.facets.group import Asked, Facet, Group, facet_of, late
from interactions.web.filtering.filtered_page import Look
from projects.models import Llm
from projects.web.requests import ProjectRequest, in_project, project_page

LIMIT_MS = 2_000  # of one group
APART_LIMIT_MS = 4_000  # of what sets the matches apart: two counts of 50,000, and of their pairs
EMPTY_LIMIT_MS = 1_000
VALUES = 8  # shown of each group; `more` shows many
MANY = 500
MANY_MODELS = 5000
OPEN_LABELS, OPEN_METRICS = 3, 3  # groups that are open before anybody opens them
SHOWN_LABELS, MANY_LABELS = 12, 200  # groups; from the thirteenth on they are folded into one
SHOWN_METRICS = 8  # likewise from the ninth on
STANDING_OUT = 8  # values that set the matches apart
LIKE = 200  # characters of a text that is looked for in values
COUNTED_AT_ONCE = 8  # groups of the page that is read without scripts


@dataclass(frozen=True, slots=True)
class Section:
    """Groups under a title; `folded` are shown after one more click, `left` are not."""

    title: str
    groups: list[Group]
    folded: Sequence[Group] = ()
    left: int = 0


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facets(request: ProjectRequest) -> HttpResponse:
    """The panel: its groups, and for a reader without scripts the counts of those that are open.

    With `only=ways` only the links above them, which follow the filter when groups stay.
    """
    data = canonical(request.GET)
    only = data.pop("only", [""])[-1]
    look = Look(request.caller, request.project, data)
    base = base_of(look)
    if only == "ways":
        context = {"look": look, "ways": ways_of(look, base)}
        return render(request, "interactions/facets.html#ways", context)
    apart = _apart(look, base) if base and look.filter.is_valid() else None
    sections, is_empty = [], False
    if look.filter.is_valid():
        sections = _sections(look, apart.keys if apart else ())
        if not request.htmx:
            sections, is_empty = _counted(look, sections, base), _is_empty(look)
    ways = ways_of(look, base)
    context = {"look": look, "sections": sections, "ways": ways, "base": base, "apart": apart}
    context["is_empty"] = is_empty
    return project_page(request, "interactions/facets.html", context)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facet(request: ProjectRequest) -> HttpResponse:
    """The counts of one group, which `of` names; `more` shows many of its values, and `like`
    those that hold a text.
    """
    data = canonical(request.GET)
    group = group_of(data.pop("of", [""])[-1])
    most = MANY if data.pop("more", []) else VALUES
    like = data.pop("like", [""])[-1].replace("\0", "")[:LIKE]
    look = Look(request.caller, request.project, data)
    asked = Asked(most, like, base_of(look))
    found = _facet(look, group, asked) if look.filter.is_valid() else None
    context = {"look": look, "group": group, "facet": found, "many": MANY}
    return project_page(request, "interactions/facet.html", context)


@require_GET
@in_project()
def models(request: ProjectRequest) -> HttpResponse:
    """The project's models as the options of an input, fetched when someone begins to type."""
    keys = Llm.objects.in_project(request.project).order_by("key").values_list("key", flat=True)
    context = {"keys": keys[:MANY_MODELS], "none": NO_MODEL}
    return render(request, "interactions/models.html", context)


def group_of(name: str) -> Group:
    """The group that `Group.of` names so. Raises NotFound."""
    kind, _, key = name.partition(":")
    if (kind in ("label", "metric") and key) or (kind in ("model", "source") and not key):
        return Group(kind, key)
    raise NotFound(f"no facet is called {name[:100]!r}")


def _sections(look: Look, apart: Sequence[str]) -> list[Section]:
    """First the groups that the filter speaks of, which are open, as the most used keys and metrics
    are. The keys of values that set the matches `apart` come before other keys, by rank; the
    metrics by how much was given under them.
    """
    asked = [one.child if isinstance(one, Not) else one for one in conjuncts(look.tree)]
    keys = {one.key for one in asked if isinstance(one, HasLabel)}
    metrics = {one.metric for one in asked if isinstance(one, HasFeedback)}
    known = counts.keys(look.project)
    rank = {key: number for number, key in enumerate(apart)}
    others = sorted((key for key in known if key not in keys), key=lambda k: rank.get(k, len(rank)))
    labels = others[:MANY_LABELS]
    given = metric_usage.feedback_uses(look.project)
    judged = [m for m in look.metrics if m.id in given and m.key not in metrics]
    judged.sort(key=lambda metric: -given[metric.id].n)  # of as many, by name
    made = {
        kind: [Group(kind, name, number < most) for number, name in enumerate(names)]
        for kind, names, most in (
            ("label", labels, OPEN_LABELS),
            ("metric", [metric.key for metric in judged], OPEN_METRICS),
            ("model", [""], 1),
            ("source", [""], 0),
        )
    }
    first = [Group("label", key, True) for key in known if key in keys]
    first += [Group("metric", m.key, True) for m in look.metrics if m.key in metrics]
    for kind, condition in (("model", HasLlm), ("source", HasSource)):
        if any(isinstance(one, condition) for one in asked):
            first += [replace(made[kind].pop(), is_open=True)]
    shown, folded = made["label"][:SHOWN_LABELS], made["label"][SHOWN_LABELS:]
    return [
        Section("In the filter", first),
        Section("", made["model"]),
        Section("Feedback", made["metric"][:SHOWN_METRICS], made["metric"][SHOWN_METRICS:]),
        Section("Labels", shown, folded, len(others) - len(labels)),
        Section("", made["source"]),
    ]


def _is_empty(look: Look) -> bool:
    """Whether nothing matches; not where that takes long to know."""
    try:
        with time_limit(EMPTY_LIMIT_MS):
            return not queries.page(look.project, look.tree, limit=1).ids
    except TookTooLong:
        return False


def _counted(look: Look, sections: list[Section], base: Base | None) -> list[Section]:
    """The sections with the counts of their first open groups."""
    left = COUNTED_AT_ONCE
    made = []
    for section in sections:
        groups = []
        for group in section.groups:
            if group.is_open and left:
                left -= 1
                group = replace(group, counted=_facet(look, group, Asked(VALUES, base=base)))
            groups.append(group)
        made.append(replace(section, groups=groups))
    return made


def _facet(look: Look, group: Group, asked: Asked) -> Facet:
    """A group's choices within its time; without them when it takes longer."""
    try:
        with time_limit(LIMIT_MS):
            return facet_of(look, group, asked)
    except TookTooLong:
        return late(look, group, asked)


def _apart(look: Look, base: Base) -> Apart:
    """What sets the matches apart, within its time."""
    try:
        with time_limit(APART_LIMIT_MS):
            return comparing.apart(look, base, STANDING_OUT)
    except TookTooLong:
        return Apart(base, is_late=True)
