"""The side of the list: labels, models, sources and metrics to narrow it by.

The panel has a group for each; a group's counts are a fragment of their own, asked for when the
group is in view. They are of what the *other* conditions leave, so that alternatives stay visible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.limits import TookTooLong, time_limit
from interactions.filters.conditions import HasFeedback, HasLabel, HasLlm, HasSource
from interactions.filters.form import NO_MODEL, canonical
from interactions.filters.terms import parse_label
from interactions.filters.tree import And, Not, Tree
from interactions.services import facets as counting
from interactions.services import rollups, usage
from projects.models import Llm, Metric
from projects.web.requests import ProjectRequest, in_project, project_page

from . import choices
from .choices import Choice
from .look import Look

LIMIT_MS = 1_000  # of one group
VALUES = 8  # shown of each group; `more` shows many
MANY = 500
MANY_MODELS = 5000
OPEN_LABELS, OPEN_METRICS = 3, 3  # groups that are open before anybody opens them
SHOWN_LABELS, MANY_LABELS = 12, 200  # groups; from the thirteenth on they are folded into one
COUNTED_AT_ONCE = 8  # groups of the page that is read without scripts


@dataclass(frozen=True, slots=True)
class Group:
    """What a facet is of; `of` names it in an address: `model`, `source`, `label:env`."""

    kind: str
    key: str
    is_open: bool = False
    counted: "Facet | None" = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.key or self.kind

    @property
    def of(self) -> str:
        """The name in an address, which `group_of` reads."""
        return f"{self.kind}:{self.key}" if self.kind in ("label", "metric") else self.kind


@dataclass(frozen=True, slots=True)
class Section:
    """Groups under a title; `folded` are shown after one more click, `left` are not."""

    title: str
    groups: list[Group]
    folded: Sequence[Group] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Facet:
    """The choices of a group; `others` are not shown, `more` shows them.

    `newest` says that only so many of the newest matches were counted, `note` what else is to be
    known of the counts. `is_late` when they took too long; `again` asks once more.
    """

    group: Group
    again: str
    choices: list[Choice]
    others: int = 0
    newest: int = 0
    note: str = ""
    is_late: bool = False

    @property
    def more(self) -> str:
        """The same with as many values as are ever shown."""
        return f"{self.again}&more=1"


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facets(request: ProjectRequest) -> HttpResponse:
    """The panel: its groups, and for a reader without scripts the counts of those that are open."""
    look = Look(request.caller, request.project, canonical(request.GET))
    sections = _sections(look)
    if not request.htmx and look.filter.is_valid():
        sections = _counted(look, sections)
    context = {"look": look, "sections": sections}
    return project_page(request, "interactions/facets.html", context)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facet(request: ProjectRequest) -> HttpResponse:
    """The counts of one group, which `of` names; `more` shows many of its values."""
    data = canonical(request.GET)
    group = group_of(data.pop("of", [""])[-1])
    most = MANY if data.pop("more", []) else VALUES
    look = Look(request.caller, request.project, data)
    found = _facet(look, group, most) if look.filter.is_valid() else None
    context = {"look": look, "group": group, "facet": found}
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


def _sections(look: Look) -> list[Section]:
    """Open are the most used keys and metrics, and those the filter speaks of, which come first."""
    asked = [child.child if isinstance(child, Not) else child for child in _children(look)]
    keys = {one.key for one in asked if isinstance(one, HasLabel)}
    metrics = {one.metric for one in asked if isinstance(one, HasFeedback)}
    known = rollups.keys(look.project)
    labels = sorted(known, key=lambda key: key not in keys)[:MANY_LABELS]
    given = usage.feedback_uses(look.project)
    judged = [m.key for m in look.metrics if m.id in given or m.key in metrics]
    groups = {
        kind: [Group(kind, key, n < most or key in wanted) for n, key in enumerate(names)]
        for kind, names, most, wanted in (
            ("label", labels, OPEN_LABELS, keys),
            ("metric", sorted(judged, key=lambda key: key not in metrics), OPEN_METRICS, metrics),
        )
    }
    source = Group("source", "", any(isinstance(one, HasSource) for one in asked))
    return [
        Section("", [Group("model", "", True)]),
        Section(
            "Labels",
            groups["label"][:SHOWN_LABELS],
            groups["label"][SHOWN_LABELS:],
            len(known) - len(labels),
        ),
        Section("Feedback", groups["metric"]),
        Section("", [source]),
    ]


def _children(look: Look) -> tuple[Tree, ...]:
    """The conditions of the filter; none of one that cannot be read."""
    if not look.filter.is_valid():
        return ()
    return look.tree.children if isinstance(look.tree, And) else (look.tree,)


def _counted(look: Look, sections: list[Section]) -> list[Section]:
    """The sections with the counts of their first open groups."""
    left = COUNTED_AT_ONCE
    made = []
    for section in sections:
        groups = []
        for group in section.groups:
            if group.is_open and left:
                left -= 1
                group = replace(group, counted=_facet(look, group, VALUES))
            groups.append(group)
        made.append(replace(section, groups=groups))
    return made


def _facet(look: Look, group: Group, most: int) -> Facet:
    """A group's choices within its time; without them when it takes longer."""
    again = _address(look, group)
    try:
        with time_limit(LIMIT_MS):
            if group.kind == "metric":
                return _judged(look, group, again)
            return _spread(look, group, again, most)
    except TookTooLong:
        return Facet(group, again, [], is_late=True)


def _address(look: Look, group: Group) -> str:
    own = reverse("interactions-facet", kwargs={"key": look.project.key})
    return f"{own}{look.query}&{urlencode({'of': group.of})}".replace("?&", "?")


def _spread(look: Look, group: Group, again: str, most: int) -> Facet:
    project, tree, data = look.project, others_of(look.tree, group), look.data
    if group.kind == "label":
        terms = [parse_label(t) for n in ("label", "not_label") for t in data.getlist(n)]
        also = [value for key, value in terms if key == group.key and value is not None]
        found = counting.labels(project, tree, group.key, most=most, also=also)
        made = choices.label_choices(data, group.key, found.uses, found.of)
    elif group.kind == "model":
        found = counting.llms(project, tree, most=most, also=data.getlist("model"))
        made = choices.llm_choices(data, found.uses, found.of)
    else:
        found = counting.sources(project, tree)
        made = choices.source_choices(data, found.uses, found.of)
    shown = sorted(made, key=lambda choice: (choice.is_none, -(choice.n or 0)))
    return Facet(group, again, shown, found.others, found.newest)


def _judged(look: Look, group: Group, again: str) -> Facet:
    metric = Metric.objects.in_project(look.project).filter(key=group.key).first()
    if metric is None:
        return Facet(group, again, [])
    found = counting.feedback(look.project, others_of(look.tree, group), metric)
    note = ""
    if metric.kind == Metric.Kind.SCALAR:
        known = found.in_all or found
        note = (
            f"mean {known.mean:.3g} of {known.n:,} value{'s' * (known.n != 1)}" if known.n else ""
        )
    made = list(choices.metric_choices(look.data, metric, found))
    if not found.n and not any(choice.is_on or choice.is_off for choice in made):
        made = []
    return Facet(group, again, made, newest=found.newest, note=note)


def others_of(tree: Tree, group: Group) -> Tree:
    """The filter without the group's own conditions."""
    children = tree.children if isinstance(tree, And) else (tree,)
    return And(tuple(child for child in children if not _is_of(child, group)))


def _is_of(tree: Tree, group: Group) -> bool:
    match tree.child if isinstance(tree, Not) else tree:
        case HasLabel(key):
            return (group.kind, group.key) == ("label", key)
        case HasFeedback(metric):
            return (group.kind, group.key) == ("metric", metric)
        case HasLlm():
            return group.kind == "model"
        case HasSource():
            return group.kind == "source"
        case _:
            return False
