"""Two groups of a filter compared: their feedback, and their answers to the same prompts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.services.analysis import groups as grouping
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.analysis.groups import MatchGroups
from interactions.services.comparing import group_differences, shared_prompts
from interactions.services.comparing.shared_prompts import SharedPrompts
from interactions.web.filtering.feedback_analysis import FeedbackAnalysis
from interactions.web.filtering.group_links import GroupLinks
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls, joined
from interactions.web.filtering.query_string import QueryString
from interactions.web.filtering.searched import note_search
from interactions.web.groups.differences import DifferenceRow, difference_rows
from interactions.web.groups.page import GROUP_KINDS
from interactions.web.groups.shared_answers import PromptRow, prompt_rows
from interactions.web.groups.table import GroupRow, group_rows, metric_columns
from projects.models import Metric
from projects.web.requests import ProjectRequest, in_project, project_page

MOST_METRICS_COMPARED = 30
PROMPTS_PER_PAGE = 10
FEEDBACK_LIMIT_MS = 10_000
PROMPTS_LIMIT_MS = 5_000


@dataclass
class TickedGroups(FeedbackAnalysis):
    """The groups that `group` names, of those a filter's matches are put into."""

    heading = "Groups compared"
    option_names = ("by", "group", "metric", "all")
    form_options = ("metric",)

    url_name: str = "groups-compare"

    @cached_property
    def grouping(self) -> Grouping:
        """What the matches are grouped by, "model" unless the address says otherwise."""
        return self.grouping_named(self.options.get("by", "model"), GROUP_KINDS)

    @property
    def shown_metrics(self) -> Collection[Metric]:
        """The metrics of the page."""
        return self.chosen

    @property
    def group_links(self) -> GroupLinks:
        """Links to the rows of groups."""
        return GroupLinks(self, self.grouping)

    @cached_property
    def names(self) -> list[str | None]:
        """The groups, each once, None for the group of none. Raises ValueError."""
        named = map(self.group_links.name_of, self.options.getlist("group"))
        return list(dict.fromkeys(named))

    def grouped_by(self, name: str) -> str:
        """The groups of the filter by a kind or by `label:KEY`, none of them ticked."""
        return self.links.changing(by=name, group=None)

    @property
    def all_groups(self) -> str:
        """The page of all groups."""
        return self.path.removesuffix("compare/") + self.links.changing(group=None, metric=None)

    def can_be_compared(self) -> bool:
        """Read the address, and blame what is wrong with it."""
        readers = {"by": lambda: self.grouping, "metric": lambda: self.chosen}
        if not self.can_be_read(readers):
            return False
        try:
            n = len(self.names)
        except ValueError as error:
            self.blame("group", str(error))
        else:
            if n != 2:
                self.blame("group", f"expected two different groups to compare, not {n or 'none'}")
        return not self.faults


@dataclass
class GroupComparison(TickedGroups):
    """The page. `rows` are the two groups, an empty one left out; `differences` one a metric."""

    found: MatchGroups | None = None
    rows: list[GroupRow] = field(default_factory=list)
    differences: list[DifferenceRow] = field(default_factory=list)
    prompts: SharedPrompts | None = None
    prompt_rows: list[PromptRow] = field(default_factory=list)
    is_late: bool = False
    are_prompts_late: bool = False

    def read(self) -> "GroupComparison":
        """Compare the groups, or say what is wrong with the address."""
        if self.can_be_compared():
            before = self.cursor("before")
            if not self.faults:
                self._read_feedback()
                if self.has_prompts:
                    self._read_prompts(before)
        return self

    @property
    def has_prompts(self) -> bool:
        """Whether both groups have interactions, and may have prompts in common."""
        return len(self.rows) == 2 and self.grouping.kind != GroupKind.PROMPT

    def _read_feedback(self) -> None:
        tree = group_differences.either(self.tree, self.grouping, self.names)
        metrics = self.chosen or self.metrics
        try:
            found = group_differences.of_two(
                self.project, self.tree, self.grouping, self.names, of_all=self.is_of_all
            )
            with time_limit(FEEDBACK_LIMIT_MS):
                grouping.add_ticks(self.project, tree, self.grouping, found)
                grouping.add_feedback(self.project, tree, self.grouping, found, metrics)
        except TookTooLong:
            self.is_late = True
            return
        self.found = found
        used = group_differences.metrics_of(found, metrics, MOST_METRICS_COMPARED)
        columns = metric_columns(found, used, Sorting(), lambda _: "")
        made = {row.group_name: row for row in group_rows(found, columns, self.group_links)}
        self.rows = [made[name] for name in self.names if name in made]
        if len(self.rows) == 2:
            self.differences = difference_rows(columns, *self.rows)

    def _read_prompts(self, before: UUID | None) -> None:
        """Look for shared prompts along the smaller group, whose answers come first then."""
        smaller = min(self.rows, key=lambda row: row.group.n)
        conditions = [
            group_differences.members_of(self.grouping, row.group_name) for row in self.rows
        ]
        is_second = smaller is self.rows[1]
        walked, other = reversed(conditions) if is_second else conditions
        try:
            with time_limit(PROMPTS_LIMIT_MS):
                self.prompts = shared_prompts.page(
                    self.project, self.tree, walked, other, limit=PROMPTS_PER_PAGE, before=before
                )
        except TookTooLong:
            self.are_prompts_late = True
            return
        self.prompt_rows = prompt_rows(self.project, self.prompts.shown, is_second_walked=is_second)

    @property
    def is_of_all(self) -> bool:
        """Whether all matches are compared, however long that takes."""
        return bool(self.options.get("all"))

    @property
    def missing(self) -> list[str]:
        """The groups in which nothing matches, in words."""
        shown = {row.group_name for row in self.rows}
        return [name or "none" for name in self.names if name not in shown]

    @property
    def both(self) -> str:
        """The interactions of both groups."""
        return self.group_links.link_to_all(self.names)

    @property
    def pairs(self) -> str:
        """Where answers of the two groups are compared in pairs."""
        path = reverse("pairs", kwargs={"key": self.project.key})
        return path + self.group_links.query_of_all(self.names)

    @property
    def swapped(self) -> str:
        """The page with the second group first."""
        options = self.options.copy()
        options.setlist("group", self.options.getlist("group")[::-1])
        return str(QueryString(joined(self.data, options)))

    @property
    def everything(self) -> str:
        """The page with all matches compared, however long that takes."""
        return self.links.changing(all="1")

    @property
    def older(self) -> str:
        """The next page of prompts, "" at the end."""
        older = self.prompts.older if self.prompts else None
        return self.links.page.at(before=str(older)) if older else ""

    @property
    def is_first(self) -> bool:
        """Whether the newest prompts are shown."""
        return not self.data.get("before")


@require_GET
@in_project()
@opens_ids
def compare(request: ProjectRequest) -> HttpResponse:
    """The page of two ticked groups."""
    page = GroupComparison.of(request)
    if has_form_controls(request.GET):
        return HttpResponseRedirect(page.links.changing())
    context = {"page": page.read()}
    note_search(page)
    return project_page(request, "interactions/groups_compared.html", context, tab="groups")


@require_GET
@in_project()
def open_groups(request: ProjectRequest) -> HttpResponse:
    """The interactions of the ticked groups; without a tick those of all."""
    page = TickedGroups.of(request)
    readers = {"by": lambda: page.grouping, "group": lambda: page.names}
    if page.can_be_read(readers):
        names: Sequence[str | None] = page.names
        return HttpResponseRedirect(page.group_links.link_to_all(names))
    context = {"page": page}
    return project_page(request, "interactions/groups_compared.html", context, tab="groups")
