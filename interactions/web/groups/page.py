"""The matches of the filter in groups: how many of each, and their feedback."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.services.analysis import groups as grouping
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.analysis.groups import MatchGroups
from interactions.web.filtering.feedback_analysis import METRICS_SHOWN, FeedbackAnalysis
from interactions.web.filtering.group_links import GroupLinks
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls
from interactions.web.filtering.query_string import Pairs
from interactions.web.filtering.searched import note_search
from interactions.web.groups.table import GroupRow, MetricColumn, group_rows, metric_columns
from projects.models import Metric
from projects.web.requests import ProjectRequest, in_project, project_page

GROUPS_PER_PAGE = 50
MOST_PAGES = 40  # who looks for something further down sorts otherwise
FIGURES_LIMIT_MS = 1_000  # for the feedback, before the page is shown without
PATIENT_LIMIT_MS = 15_000
GROUP_SORTS = {"count": True, "name": False, "newest": True}  # and whether they begin with the most
GROUP_KINDS = tuple(kind for kind in GroupKind if kind != GroupKind.LABEL)


@dataclass
class GroupsPage(FeedbackAnalysis):
    """The groups of a filter, a page of them; `groups` is None when that took too long."""

    has_facets = True
    heading = "Groups"
    option_names = ("by", "metric", "sort", "order", "least", "all", "page", "patient")
    form_options = ("metric", "least")
    page_size = GROUPS_PER_PAGE

    url_name: str = "groups"
    is_patient: bool = False
    groups: MatchGroups | None = None
    columns: list[MetricColumn] = field(default_factory=list)
    rows: list[GroupRow] = field(default_factory=list)
    is_late: bool = False
    are_figures_late: bool = False
    are_numbers_late: bool = False
    unseen: list[Metric] = field(default_factory=list)
    number: int = 1
    sorting: Sorting = field(default_factory=Sorting)

    @cached_property
    def grouping(self) -> Grouping:
        """What the matches are grouped by, "model" unless the address says otherwise."""
        return self.grouping_named(self.options.get("by", "model"), GROUP_KINDS)

    @property
    def group_links(self) -> GroupLinks:
        """Links to the rows of groups."""
        return GroupLinks(self, self.grouping)

    def read(self) -> "GroupsPage":
        """Group the matches and their feedback, or say what is wrong with the address."""
        # With more time for the feedback; no link keeps it.
        self.is_patient = bool(self.options.pop("patient", []))
        readers = {
            "by": lambda: self.grouping,
            "metric": lambda: self.chosen,
            "sort": self._read_sort,
            "order": self._read_order,
            "least": self._read_least,
            "page": self._read_page,
        }
        if not self.can_be_read(readers):
            return self
        try:
            self.groups = grouping.grouped(
                self.project,
                self.tree,
                self.grouping,
                self.sorting,
                limit=GROUPS_PER_PAGE,
                offset=(self.number - 1) * GROUPS_PER_PAGE,
                of_all=self.is_of_all,
            )
        except TookTooLong:
            self.is_late = True
            return self
        metrics = self._read_feedback(self.groups)
        self.columns = metric_columns(self.groups, metrics, self.sorting, self._sorted_by)
        self.rows = group_rows(self.groups, self.columns, self.group_links)
        return self

    def _read_feedback(self, found: MatchGroups) -> list[Metric]:
        """The metrics of the columns: those asked for, else those most used in the shown groups.

        Latency, tokens and cost come last: what is late leaves the feedback there.
        """
        metrics = self.chosen or self.metrics
        is_patient = self.is_patient or self.is_of_all
        are_figures_there = False
        try:
            with time_limit(PATIENT_LIMIT_MS if is_patient else FIGURES_LIMIT_MS):
                grouping.add_ticks(self.project, self.tree, self.grouping, found)
                grouping.add_feedback(self.project, self.tree, self.grouping, found, metrics)
                are_figures_there = True
                grouping.add_numbers(self.project, self.tree, self.grouping, found)
        except TookTooLong:
            self.are_numbers_late = True
            self.are_figures_late = not are_figures_there
        if self.are_figures_late:
            return self.chosen
        if self.chosen:
            return self.chosen
        sorted_by = self.sorting.metric_id
        n = {metric.id: 0 for metric in metrics if metric.id in found.overall}
        for metric_id, figures in (one for group in found.shown for one in group.figures.items()):
            n[metric_id] += figures.sample.n
        self.unseen = [metric for metric in metrics if metric.id in n]
        self.unseen.sort(key=lambda metric: -found.overall[metric.id].sample.n)
        used = [metric for metric in metrics if n.get(metric.id)]
        used.sort(key=lambda m: (m.id != sorted_by, -n[m.id], m.key))
        return used[:METRICS_SHOWN]

    @property
    def numbers_head(self) -> str:
        """Which of latency, tokens and cost any shown group has: the head of their column."""
        found = [row.group.numbers for row in self.rows if row.group.numbers]
        names = {
            "latency": any(one.latency for one in found),
            "tokens": any(one.tokens for one in found),
            "cost": any(one.cost is not None for one in found),
        }
        return ", ".join(name for name, is_there in names.items() if is_there).capitalize()

    @property
    def shown_metrics(self) -> Collection[Metric]:
        """The metrics of the columns."""
        return [column.metric for column in self.columns]

    @property
    def fields_of_groups(self) -> Pairs:
        """What is sent beside the ticked groups: the filter, and what they are groups of."""
        kept = [(name, str(self.options[name])) for name in ("by", "all") if name in self.options]
        return [*self.links.fields, *kept]

    @property
    def is_of_all(self) -> bool:
        """Whether all matches are grouped, however long that takes."""
        return bool(self.options.get("all"))

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each way to group but labels."""
        now = self.grouping.kind
        return [(kind.capitalize(), self.grouped_by(kind), kind == now) for kind in GROUP_KINDS]

    def _sorted_by(self, name: str, *, descending: bool = True) -> str:
        """The page sorted so; the other way round where it is sorted so already."""
        if self.options.get("sort", "count") == name:
            descending = not self.sorting.is_descending
        order = "desc" if descending else "asc"
        return self.links.changing(sort=name, order=order, page=None)

    @property
    def sorts(self) -> dict[str, str]:
        """Links of the columns' heads."""
        return {name: self._sorted_by(name, descending=most) for name, most in GROUP_SORTS.items()}

    @property
    def feedback_on_other_pages(self) -> list[tuple[str, str]]:
        """Metrics that no shown group has feedback under, and the pages that begin with those
        that have.
        """
        if self.columns:
            return []
        return [(metric.key, self._first_by(metric.key)) for metric in self.unseen[:METRICS_SHOWN]]

    def _first_by(self, key: str) -> str:
        return self.links.changing(sort=f"mean:{key}", order="desc", page=None)

    @property
    def older(self) -> str:
        """The next page, if there is one."""
        assert self.groups is not None
        if self.groups.many <= self.number * GROUPS_PER_PAGE or self.number >= MOST_PAGES:
            return ""
        return self.links.changing(page=str(self.number + 1))

    @property
    def newer(self) -> str:
        """The page before."""
        number = None if self.number == 2 else str(self.number - 1)
        return self.links.changing(page=number) if self.number > 1 else ""

    @property
    def is_cut(self) -> bool:
        """Whether there are groups that no page shows."""
        return self.groups is not None and self.groups.many > MOST_PAGES * GROUPS_PER_PAGE

    @property
    def first(self) -> int:
        """The number of the first group of the page, from 1."""
        return (self.number - 1) * GROUPS_PER_PAGE + 1

    @property
    def last(self) -> int:
        """The number of the last group of the page."""
        return self.first + len(self.rows) - 1

    @property
    def everything(self) -> str:
        """The page with all matches grouped, however long that takes."""
        return self.links.changing(all="1", page=None)

    @property
    def again(self) -> str:
        """The page with more time for the feedback."""
        return self.links.changing(patient="1")

    def grouped_by(self, name: str) -> str:
        """The page grouped otherwise; only an order by a metric means the same there."""
        if self.options.get("sort", "").startswith("mean:"):
            return self.links.changing(by=name, page=None)
        return self.links.changing(by=name, page=None, sort=None, order=None)

    def with_metric(self, key: str) -> str:
        """The page with one metric alone, sorted by that."""
        return self.links.changing(metric=key, sort=f"mean:{key}", order="desc", page=None)

    def _read_sort(self) -> None:
        name, _, key = self.options.get("sort", "count").partition(":")
        if name == "mean" and key:
            self.sorting = Sorting("mean", self.metric_named(key).id)
        elif name in GROUP_SORTS and not key:
            self.sorting = Sorting(name, None, GROUP_SORTS[name])
        else:
            raise ValueError(f"expected one of {', '.join(GROUP_SORTS)}, or mean: and a metric")

    def _read_order(self) -> None:
        order = self.options.get("order")
        if order not in (None, "asc", "desc"):
            raise ValueError("expected asc or desc")
        if order is not None:
            self.sorting = replace(self.sorting, is_descending=order == "desc")

    def _read_least(self) -> None:
        least = _whole_number(self.options.get("least", "1"), 1_000_000)
        self.sorting = replace(self.sorting, least=least)

    def _read_page(self) -> None:
        self.number = _whole_number(self.options.get("page", "1"), MOST_PAGES)


def _whole_number(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise ValueError(f"expected a whole number from 1 to {most:,}")
    return int(text)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
@opens_ids
def groups(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx, which comes back with more time, the table alone."""
    page = GroupsPage.of(request)
    if has_form_controls(request.GET):
        return HttpResponseRedirect(page.links.changing(patient=None))
    part = "#table" if request.htmx else ""
    context = {"page": page.read()}
    note_search(page)
    return project_page(request, f"interactions/groups.html{part}", context, tab="groups")
