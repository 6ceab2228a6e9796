"""The side of a filtered page: labels, models, users, metrics and sources to narrow by.

The panel has a group for each; a group's counts are a fragment of their own, asked for when the
group is in view. They are of what the *other* conditions leave, so that alternatives stay visible.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import NotFound
from interactions.filters.address.parameters import NO_MODEL
from interactions.filters.conditions import CreatedBy, HasFeedback, HasLabel, HasLlm, HasSource
from interactions.filters.sql import queries
from interactions.filters.tree import Not, conjuncts
from interactions.services.analysis import facets as counting
from interactions.services.analysis import metric_usage
from interactions.services.analysis.sample_sizes import is_everything
from interactions.services.rollups import counts
from interactions.web.facets import comparing
from interactions.web.facets.comparing import (
    Base,
    PanelLink,
    StandingOut,
    base_of,
    panel_links,
)
from interactions.web.facets.group import Facet, FacetGroup, ValuesWanted, facet_of, late
from interactions.web.filtering.filtered_page import FilteredPage
from projects.models import Llm
from projects.web.requests import ProjectRequest, in_project, project_page

GROUP_LIMIT_MS = 2_000  # of one group
APART_LIMIT_MS = 4_000  # of what sets the matches apart: two counts of 50,000, and of their pairs
EMPTY_LIMIT_MS = 1_000
VALUES_SHOWN = 8  # of each group; `more` shows many
MOST_VALUES = 500
MOST_MODELS = 5000
OPEN_LABELS, OPEN_METRICS = 3, 3  # groups that are open before anybody opens them
LABEL_GROUPS_SHOWN, METRIC_GROUPS_SHOWN = 12, 8  # the others are folded into one
MOST_LABEL_GROUPS = 200
VALUES_STANDING_OUT = 8  # values that set the matches apart
LONGEST_SEARCHED_TEXT = 200  # characters of a text that is looked for in values
SINGLE_GROUPS = ("model", "user", "source")  # kinds of which there is one group
KEYS_LIMIT_MS = 500
GROUPS_COUNTED_AT_ONCE = 8  # groups of the page that is read without scripts


@dataclass(frozen=True, slots=True)
class Section:
    """Groups under a title; `folded` are shown after one more click, `left` are not."""

    title: str
    groups: list[FacetGroup]
    folded: Sequence[FacetGroup] = ()
    left: int = 0


@dataclass
class FacetPanel(FilteredPage):
    """The groups of the panel, what they are compared with, and what sets the matches apart."""

    base: Base | None = None
    apart: StandingOut | None = None
    sections: list[Section] = field(default_factory=list)
    is_empty: bool = False

    def read(self, *, is_counted: bool) -> "FacetPanel":
        """Find the groups; if `is_counted` also their counts, for a reader without scripts."""
        self.base = base_of(self)
        if self.filter.is_valid():
            self.apart = _apart(self, self.base) if self.base else None
            self.sections = _sections(self, self.apart.keys if self.apart else None)
            if is_counted:
                self.sections = _counted(self, self.sections, self.base)
                self.is_empty = _is_empty(self)
        return self

    @property
    def panel_links(self) -> list[PanelLink]:
        """Links between counts and comparisons."""
        return panel_links(self, self.base)


@dataclass
class OneFacet(FilteredPage):
    """The values of one group; `facet` is None of a filter that cannot be read."""

    group: FacetGroup | None = None
    facet: Facet | None = None


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facets(request: ProjectRequest) -> HttpResponse:
    """The panel; with `only=links` the links above its groups, which follow the filter."""
    address = request.GET.copy()
    only = address.pop("only", [""])[-1]
    page = FacetPanel.part_of(request, address)
    if only == "links":
        page.base = base_of(page)
        return render(request, "interactions/facets.html#links", {"page": page})
    page.read(is_counted=not request.htmx)
    return project_page(request, "interactions/facets.html", {"page": page})


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facet(request: ProjectRequest) -> HttpResponse:
    """The counts of one group, which `of` names; `more` shows many of its values, and `like`
    those that hold a text.
    """
    address = request.GET.copy()
    group = group_of(address.pop("of", [""])[-1])
    most = MOST_VALUES if any(address.pop("more", [])) else VALUES_SHOWN
    like = address.pop("like", [""])[-1].strip().replace("\0", "")[:LONGEST_SEARCHED_TEXT]
    page = OneFacet.part_of(request, address)
    page.group, wanted = group, ValuesWanted(most, like, base_of(page))
    page.facet = _facet(page, group, wanted) if page.filter.is_valid() else None
    return project_page(request, "interactions/facet.html", {"page": page})


@require_GET
@in_project()
def models(request: ProjectRequest) -> HttpResponse:
    """The project's models as the options of an input, fetched when someone begins to type."""
    keys = Llm.objects.in_project(request.project).order_by("key").values_list("key", flat=True)
    model_keys = [NO_MODEL, *keys[:MOST_MODELS]]
    return render(request, "interactions/models.html", {"model_keys": model_keys})


def group_of(name: str) -> FacetGroup:
    """The group with this name in an address. Raises NotFound."""
    kind, _, key = name.partition(":")
    if (kind in ("label", "metric") and key) or (kind in SINGLE_GROUPS and not key):
        return FacetGroup(kind, key)
    raise NotFound(f"no facet is called {name[:100]!r}")


def _sections(page: FilteredPage, apart: Sequence[str] | None) -> list[Section]:
    """Labels, model, user, feedback and source, those open that the filter speaks of.

    The label keys of the filter come first, then those of values that set the matches `apart`, by
    rank, or where nothing is compared those that most matches have. Metrics are ordered by how
    much feedback there is under them.
    """
    asked = [one.child if isinstance(one, Not) else one for one in conjuncts(page.tree)]
    keys = {one.key for one in asked if isinstance(one, HasLabel)}
    labels = _label_keys(page, keys, apart)
    groups = [
        FacetGroup("label", key, key in keys or number < max(OPEN_LABELS, len(keys)))
        for number, key in enumerate(labels[:MOST_LABEL_GROUPS])
    ]
    model, user, source = (
        FacetGroup(kind, "", kind == "model" or any(isinstance(one, condition) for one in asked))
        for kind, condition in (("model", HasLlm), ("user", CreatedBy), ("source", HasSource))
    )
    metrics = _metric_groups(page, {one.metric for one in asked if isinstance(one, HasFeedback)})
    return [
        Section(
            "Labels",
            groups[:LABEL_GROUPS_SHOWN],
            groups[LABEL_GROUPS_SHOWN:],
            len(labels) - len(groups),
        ),
        Section("", [model, user]),
        Section("Feedback", metrics[:METRIC_GROUPS_SHOWN], metrics[METRIC_GROUPS_SHOWN:]),
        Section("", [source]),
    ]


def _label_keys(
    page: FilteredPage, asked: Collection[str], apart: Sequence[str] | None
) -> list[str]:
    """The project's label keys in the order of the panel."""
    order = apart or ()
    if apart is None and not is_everything(page.tree):
        with suppress(TookTooLong), time_limit(KEYS_LIMIT_MS):  # else by use in the project
            order = counting.label_keys(page.project, page.tree)
    rank = {key: number for number, key in enumerate(order)}
    known = counts.keys(page.project)
    return sorted(known, key=lambda key: (key not in asked, rank.get(key, len(rank))))


def _metric_groups(page: FilteredPage, asked: Collection[str | None]) -> list[FacetGroup]:
    """The metrics with feedback, and those the filter speaks of, which come first."""
    given = metric_usage.feedback_uses(page.project)
    shown = [metric for metric in page.metrics if metric.id in given or metric.key in asked]
    n = {metric.id: given[metric.id].n if metric.id in given else 0 for metric in shown}
    shown.sort(key=lambda metric: (metric.key not in asked, -n[metric.id]))  # of as many, by name
    most = max(OPEN_METRICS, len(asked))
    return [FacetGroup("metric", metric.key, number < most) for number, metric in enumerate(shown)]


def _is_empty(page: FilteredPage) -> bool:
    """Whether nothing matches; not where that takes long to know."""
    try:
        with time_limit(EMPTY_LIMIT_MS):
            return not queries.page(page.project, page.tree, limit=1).ids
    except TookTooLong:
        return False


def _counted(page: FilteredPage, sections: list[Section], base: Base | None) -> list[Section]:
    """The sections with the counts of their first open groups."""
    left = GROUPS_COUNTED_AT_ONCE
    made = []
    for section in sections:
        groups = []
        for group in section.groups:
            if group.is_open and left:
                left -= 1
                group = replace(
                    group, counted=_facet(page, group, ValuesWanted(VALUES_SHOWN, base=base))
                )
            groups.append(group)
        made.append(replace(section, groups=groups))
    return made


def _facet(page: FilteredPage, group: FacetGroup, wanted: ValuesWanted) -> Facet:
    """A group's choices within its time; without them when it takes longer."""
    try:
        with time_limit(GROUP_LIMIT_MS):
            return facet_of(page, group, wanted)
    except TookTooLong:
        return late(page, group, wanted)


def _apart(page: FilteredPage, base: Base) -> StandingOut:
    """What sets the matches apart, within its time."""
    try:
        with time_limit(APART_LIMIT_MS):
            return comparing.standing_out(page, base, VALUES_STANDING_OUT)
    except TookTooLong:
        return StandingOut(base, is_late=True)
