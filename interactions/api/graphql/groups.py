"""Interactions through GraphQL, grouped by their model or by their prompt."""

from functools import cached_property
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.time_limits import time_limit
from adaptive_site.lib.errors import Invalid
from interactions.api.graphql import paging
from interactions.api.graphql.advanced_filter import tree_of
from interactions.api.graphql.interactions import (
    LIST_LIMIT_MS,
    Window,
    is_oldest_first,
    page_info,
)
from interactions.api.graphql.present import ShownCompletions, ShownMetrics
from interactions.services.analysis.group_pages import CountedGroup, GroupFeedback, GroupPages
from interactions.services.analysis.group_queries import GroupKind, GroupValue, Sorting
from projects.api.present import Shown
from projects.api.roots import Info, project_named, query
from projects.models import Metric
from projects.services.access import Caller

USUAL_GROUPS = 50
USUAL_MEMBERS = 10
# Of all groups together: the SDK asks for as many interactions in each group as for groups.
MOST_MEMBERS = 5_000
SORT_FIELDS = {
    "group": "name",
    "key": "name",
    "count": "count",
    "created_at": "newest",
    "createdAt": "newest",
}


@query.field("completionsGrouped")
def completions_grouped(
    _: None,
    info: Info,
    *,
    groupBy: str,
    filter: dict[str, Any],
    page: dict[str, Any],
    order: list[dict[str, Any]] | None = None,
) -> Shown:
    """A page of groups, with their counts, what feedback says of them, and their newest."""
    caller = info.context
    project = project_named(caller, filter, field="filter")
    groups = GroupPages(project, tree_of(filter), GroupKind[groupBy])
    wanted = paging.read(page, usual=USUAL_GROUPS)
    sorting = _sorting(order)
    named = f"{groupBy}:{sorting.by}"
    with time_limit(LIST_LIMIT_MS):
        found, total = groups.page(
            sorting,
            limit=wanted.offset + wanted.size + 1,
            after=paging.group_at(wanted.after, named, field="page.after"),
            before=paging.group_at(wanted.before, named, field="page.before"),
            from_end=wanted.from_end,
        )
    has_more = len(found) > wanted.offset + wanted.size
    found = found[wanted.offset : wanted.offset + wanted.size]
    if wanted.from_end:
        found.reverse()
    ends = [paging.group_cursor_at(named, one.cursor) for one in (*found[:1], *found[-1:])]
    return {
        "totalCount": total,
        "groupBy": groupBy,
        "pageInfo": {
            "hasNextPage": bool(wanted.before) if wanted.from_end else has_more,
            "hasPreviousPage": has_more if wanted.from_end else bool(wanted.after or wanted.offset),
            "startCursor": ends[0] if ends else None,
            "endCursor": ends[-1] if ends else None,
        },
        "nodes": GroupNodes(caller, groups, found).all,
    }


def _sorting(order: list[dict[str, Any]] | None) -> Sorting:
    if not order:
        return Sorting("name", is_descending=False)
    if len(order) > 1:
        raise Invalid("expected one order", field="order")
    field = SORT_FIELDS.get(order[0]["field"])
    if field is None:
        raise Invalid(f"expected one of {', '.join(SORT_FIELDS)}", field="order")
    return Sorting(field, is_descending=order[0]["order"] == "DESC")


class GroupNodes:
    """Groups that are shown together: what each needs of the database is read for all at once."""

    def __init__(self, caller: Caller, pages: GroupPages, found: list[CountedGroup]) -> None:
        self._caller = caller
        self._pages = pages
        self._values = [group.value for group in found]
        self._groups = found
        self._known: dict[
            tuple[int, bool], tuple[dict[GroupValue, list[UUID]], ShownCompletions]
        ] = {}

    def all(self) -> list[Shown]:
        """A node of each group."""
        return [self._one(group) for group in self._groups]

    def _one(self, group: CountedGroup) -> Shown:
        """`CompletionGroupData`."""

        def stats() -> list[Shown]:
            return [self._figures(one) for one in self._feedback.get(group.value, [])]

        def completions(page: dict[str, Any], order: list[dict[str, Any]] | None = None) -> Shown:
            return self._members(group, page, order)

        return {
            "key": group.key or None,
            "count": group.n,
            "directScoresStats": stats,
            "directFeedbacksStats": stats,
            "completions": completions,
        }

    @cached_property
    def _feedback(self) -> dict[GroupValue, list[GroupFeedback]]:
        with time_limit(LIST_LIMIT_MS):
            return self._pages.feedback(self._values)

    @cached_property
    def _metrics(self) -> ShownMetrics:
        ids = {one.metric_id for feedback in self._feedback.values() for one in feedback}
        return ShownMetrics(
            self._caller, Metric.objects.in_project(self._pages.project).filter(id__in=ids)
        )

    def _figures(self, one: GroupFeedback) -> Shown:
        """`CompletionGroupScoreStats`."""
        return {
            "metric": self._metrics.by_id(one.metric_id),
            "scores": one.n,
            "feedbacks": one.n,
            "average": one.average,
            "max": one.most,
            "min": one.least,
            "stddev": one.deviation,
            "sum": one.total,
        }

    def _members(
        self, group: CountedGroup, page: dict[str, Any], order: list[dict[str, Any]] | None
    ) -> Shown:
        """The group's own list, read for all groups at once."""
        wanted = paging.read(paging.without_group_cursors(page), usual=USUAL_MEMBERS)
        if wanted.after or wanted.before:
            raise Invalid("expected no cursor of interactions in a list of groups", field="page")
        size = min(wanted.size, MOST_MEMBERS // max(len(self._groups), 1))
        oldest_first = is_oldest_first(order) != wanted.from_end
        members, shown = self._read_members(size, oldest_first=oldest_first)
        ids = members.get(group.value, [])
        has_more = len(ids) > size
        ids = ids[:size][::-1] if wanted.from_end else ids[:size]
        window = Window(
            ids,
            has_next=has_more and not wanted.from_end,
            has_previous=has_more and wanted.from_end,
        )
        return {
            "totalCount": group.n,
            "pageInfo": page_info(window),
            "nodes": lambda: shown.some(ids),
        }

    def _read_members(
        self, size: int, *, oldest_first: bool
    ) -> tuple[dict[GroupValue, list[UUID]], ShownCompletions]:
        """By group one more id than `size`, if there are so many, and what is shown of them."""
        key = (size, oldest_first)
        if key not in self._known:
            with time_limit(LIST_LIMIT_MS):
                members = self._pages.members(
                    self._values, limit=size + 1, oldest_first=oldest_first
                )
            shown = [id for ids in members.values() for id in ids[:size]]
            self._known[key] = members, ShownCompletions(self._caller, self._pages.project, shown)
        return self._known[key]
