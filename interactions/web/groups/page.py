"""The matches of the filter in groups: how many of each, and what was judged of them."""

from dataclasses import dataclass, field
from functools import cached_property

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.notation import parse_label, spell_label
from interactions.services.analysis import groups as grouping
from interactions.services.analysis import metric_usage
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.analysis.groups import MatchGroups
from interactions.services.rollups import counts
from interactions.web.filtering.filtered_page import Look
from interactions.web.filtering.group_links import Opening
from interactions.web.filtering.page_parameters import is_sent_by_form, separate
from interactions.web.go_to.ids import opens_ids
from interactions.web.groups.table import Column, Line, columns, lines
from projects.models import Metric
from projects.web.requests import ProjectRequest, in_project, project_page

OWN = ("by", "metric", "sort", "order", "least", "all", "page")
PAGE = 50
DEEPEST = 40  # pages; who looks for something further down sorts otherwise
USUAL = 3  # metrics
MOST_METRICS = 6
QUICK_MS = 1_000  # for what was judged, before the page is shown without
PATIENT_MS = 15_000
SORTS = {"count": True, "name": False, "newest": True}  # and whether they begin with the most
KEYS = 200  # of labels to choose from


@dataclass
class GroupsPage(Look):
    """The groups of a filter, a page of them; `groups` is None when that took too long."""

    page_size = PAGE
    controls = ("metric", "least")

    is_patient: bool = False
    groups: MatchGroups | None = None
    columns: list[Column] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    is_late: bool = False
    are_figures_late: bool = False
    unseen: list[Metric] = field(default_factory=list)
    number: int = 1
    sorting: Sorting = field(default_factory=Sorting)

    @cached_property
    def grouping(self) -> Grouping:
        """What it is grouped by, "model" unless the address says otherwise."""
        name = self.own.get("by", "model")
        if name.startswith("label:"):
            key, value = parse_label(name.removeprefix("label:"))
            if value is None and key in self.label_keys:
                return Grouping(GroupKind.LABEL, key)
        elif name in set(GroupKind) - {GroupKind.LABEL}:
            return Grouping(GroupKind(name))
        kinds = ", ".join(kind for kind in GroupKind if kind != GroupKind.LABEL)
        raise ValueError(f"expected one of {kinds}, or label: and a key that the project has")

    @cached_property
    def chosen(self) -> list[Metric]:
        """The metrics that the address names."""
        return [self._metric(key) for key in self.own.getlist("metric")]

    @property
    def opening(self) -> Opening:
        """How groups are opened."""
        return Opening(self, self.grouping)

    def read(self) -> "GroupsPage":
        """Group the matches and judge the groups, or say what is wrong with the address."""
        if not self.checked():
            return self
        for name in ("by", "metric", "sort", "order", "least", "page"):
            try:
                getattr(self, f"_read_{name}")()
            except ValueError as error:
                self.blame(name, str(error))
        if self.faults:
            return self
        try:
            self.groups = grouping.grouped(
                self.project,
                self.tree,
                self.grouping,
                self.sorting,
                limit=PAGE,
                offset=(self.number - 1) * PAGE,
                of_all=self.is_of_all,
            )
        except TookTooLong:
            self.is_late = True
            return self
        self.columns = columns(self, self._judged(self.groups))
        self.lines = lines(self, self.groups, self.columns)
        return self

    def _judged(self, found: MatchGroups) -> list[Metric]:
        """The metrics of the columns: those asked for, else those most used in the shown groups."""
        metrics = self.chosen or self.metrics
        try:
            with time_limit(PATIENT_MS if self.is_patient or self.is_of_all else QUICK_MS):
                grouping.add_ticks(self.project, self.tree, self.grouping, found)
                grouping.add_feedback(self.project, self.tree, self.grouping, found, metrics)
        except TookTooLong:
            self.are_figures_late = True
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
        return used[:USUAL]

    @property
    def is_of_all(self) -> bool:
        """Whether all matches are grouped, however long that takes."""
        return bool(self.own.get("all"))

    @cached_property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each way to group but labels."""
        now = self.grouping.kind
        return [
            (kind.capitalize(), self._by(kind), kind == now)
            for kind in GroupKind
            if kind != GroupKind.LABEL
        ]

    @cached_property
    def keys(self) -> list[tuple[str, str, bool]]:
        """Likewise of label keys, those that most interactions carry first."""
        return [
            (
                key,
                self._by(f"label:{spell_label(key)}"),
                self.grouping == Grouping(GroupKind.LABEL, key),
            )
            for key in counts.keys(self.project)[:KEYS]
        ]

    @cached_property
    def choices(self) -> list[tuple[Metric, int, bool, str]]:
        """The metrics to show, how often each was ever given, whether it is shown, and the page
        with it alone, sorted by it.
        """
        uses = metric_usage.feedback_uses(self.project)
        shown = {column.metric.id for column in self.columns}
        found = [
            (m, uses[m.id].n, m.id in shown, self._only(m.key))
            for m in self.metrics
            if m.id in uses
        ]
        return sorted(found, key=lambda one: (-one[1], one[0].key))

    def sorted_by(self, name: str, *, descending: bool) -> str:
        """The page sorted so; the other way round where it is so already."""
        if self.own.get("sort", "count") == name:
            descending = not self.sorting.is_descending
        return self.having(sort=name, order="desc" if descending else "asc", page=None)

    @property
    def sorts(self) -> dict[str, str]:
        """Links of the columns' heads."""
        return {name: self.sorted_by(name, descending=most) for name, most in SORTS.items()}

    @property
    def judged_elsewhere(self) -> list[tuple[str, str]]:
        """Metrics under which none of the shown groups was judged, and the pages that begin with
        those that were.
        """
        if self.columns:
            return []
        order = {"order": "desc", "page": None}
        return [(m.key, self.having(sort=f"mean:{m.key}", **order)) for m in self.unseen[:USUAL]]

    @property
    def older(self) -> str:
        """The next page, if there is one."""
        assert self.groups is not None
        if self.groups.many <= self.number * PAGE or self.number >= DEEPEST:
            return ""
        return self.having(page=str(self.number + 1))

    @property
    def newer(self) -> str:
        """The page before."""
        number = None if self.number == 2 else str(self.number - 1)
        return self.having(page=number) if self.number > 1 else ""

    @property
    def is_cut(self) -> bool:
        """Whether there are groups that no page shows."""
        return self.groups is not None and self.groups.many > DEEPEST * PAGE

    @property
    def first(self) -> int:
        """The number of the first group of the page, from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The number of its last group."""
        return self.first + len(self.lines) - 1

    @property
    def everything(self) -> str:
        """The same over all matches."""
        return self.having(all="1", page=None)

    @property
    def again(self) -> str:
        """The same with more time for what was judged."""
        return self.having(patient="1")

    def _by(self, name: str) -> str:
        """Grouped otherwise; only an order by a metric means the same there."""
        if self.own.get("sort", "").startswith("mean:"):
            return self.having(by=name, page=None)
        return self.having(by=name, page=None, sort=None, order=None)

    def _only(self, key: str) -> str:
        return self.having(metric=key, sort=f"mean:{key}", order="desc", page=None)

    def _metric(self, key: str) -> Metric:
        found = next((metric for metric in self.metrics if metric.key == key), None)
        if found is None:
            raise ValueError(f"“{key[:100]}” is no metric of this project")
        return found

    def _read_by(self) -> None:
        assert self.grouping

    def _read_metric(self) -> None:
        if len(self.chosen) > MOST_METRICS:
            raise ValueError(f"expected at most {MOST_METRICS}")

    def _read_sort(self) -> None:
        name, _, key = self.own.get("sort", "count").partition(":")
        if name == "mean" and key:
            self.sorting = Sorting("mean", self._metric(key).id)
        elif name in SORTS and not key:
            self.sorting = Sorting(name, None, SORTS[name])
        else:
            raise ValueError(f"expected one of {', '.join(SORTS)}, or mean: and a metric")

    def _read_order(self) -> None:
        order = self.own.get("order")
        if order not in (None, "asc", "desc"):
            raise ValueError("expected asc or desc")
        if order is not None:
            self.sorting = Sorting(self.sorting.by, self.sorting.metric_id, order == "desc")

    def _read_least(self) -> None:
        least = _whole(self.own.get("least", "1"), 1, 1_000_000)
        now = self.sorting
        self.sorting = Sorting(now.by, now.metric_id, now.is_descending, least)

    def _read_page(self) -> None:
        self.number = _whole(self.own.get("page", "1"), 1, DEEPEST)


def _whole(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
        raise ValueError(f"expected a whole number from {least} to {most:,}")
    return int(text)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
@opens_ids
def groups(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx, which comes back with more time, the table alone."""
    filter, own = separate(request.GET, (*OWN, "patient"))
    is_patient = bool(own.pop("patient", []))
    look = GroupsPage(
        request.caller, request.project, filter, page="groups", own=own, is_patient=is_patient
    )
    if is_sent_by_form(request.GET):
        return HttpResponseRedirect(look.having())
    look.read()
    part = "#table" if request.htmx else ""
    context = {"look": look, "heading": "MatchGroups"}
    return project_page(request, f"interactions/groups.html{part}", context, tab="groups")
