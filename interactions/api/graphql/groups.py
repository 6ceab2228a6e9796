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
from interactions.api.graphql.present import Completions, Metrics
from interactions.filters.tree import Tree
from interactions.services.analysis import group_pages
from interactions.services.analysis.group_pages import Group, GroupBy, SortBy, Stats, Value
from projects.api.present import Shown
from projects.api.roots import Info, project_named, query
from projects.models import Metric, Project
from projects.services.access import Caller

USUAL_GROUPS = 50
USUAL_MEMBERS = 10
# Of all groups together: the SDK asks for as many interactions in each group as for groups.
MOST_MEMBERS = 5_000
SORTS = {
    "group": SortBy.KEY,
    "key": SortBy.KEY,
    "count": SortBy.COUNT,
    "created_at": SortBy.NEWEST,
    "createdAt": SortBy.NEWEST,
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
    by, tree = GroupBy(groupBy), tree_of(filter)
    asked = paging.read(page, usual=USUAL_GROUPS)
    field, is_descending = _order(order)
    named = f"{by}:{field}"
    with time_limit(LIST_LIMIT_MS):
        found, total = group_pages.page(
            project,
            tree,
            by,
            limit=asked.offset + asked.size + 1,
            sort=field,
            is_descending=is_descending,
            after=paging.place_at(asked.after, named, field="page.after"),
            before=paging.place_at(asked.before, named, field="page.before"),
            from_end=asked.from_end,
        )
    has_more = len(found) > asked.offset + asked.size
    found = found[asked.offset : asked.offset + asked.size]
    if asked.from_end:
        found.reverse()
    ends = [paging.group_cursor_at(named, one.place) for one in (*found[:1], *found[-1:])]
    return {
        "totalCount": total,
        "groupBy": groupBy,
        "pageInfo": {
            "hasNextPage": bool(asked.before) if asked.from_end else has_more,
            "hasPreviousPage": has_more if asked.from_end else bool(asked.after or asked.offset),
            "startCursor": ends[0] if ends else None,
            "endCursor": ends[-1] if ends else None,
        },
        "nodes": Groups(caller, project, tree, by, found).all,
    }


def _order(order: list[dict[str, Any]] | None) -> tuple[SortBy, bool]:
    if not order:
        return SortBy.KEY, False
    if len(order) > 1:
        raise Invalid("expected one order", field="order")
    field = SORTS.get(order[0]["field"])
    if field is None:
        raise Invalid(f"expected one of {', '.join(SORTS)}", field="order")
    return field, order[0]["order"] == "DESC"


class Groups:
    """Groups that are shown together."""

    def __init__(
        self, caller: Caller, project: Project, tree: Tree, by: GroupBy, found: list[Group]
    ) -> None:
        self._caller = caller
        self._project = project
        self._tree = tree
        self._by = by
        self._groups = found
        self._known: dict[tuple[int, bool], tuple[dict[Value, list[UUID]], Completions]] = {}

    def all(self) -> list[Shown]:
        """Each of them."""
        return [self._one(group) for group in self._groups]

    def _one(self, group: Group) -> Shown:
        """`CompletionGroupData`."""

        def stats() -> list[Shown]:
            return [self._figures(one) for one in self._stats.get(group.value, [])]

        def completions(page: dict[str, Any], order: list[dict[str, Any]] | None = None) -> Shown:
            return self._members(group, page, order)

        return {
            "key": group.place.key or None,
            "count": group.n,
            "directScoresStats": stats,
            "directFeedbacksStats": stats,
            "completions": completions,
        }

    @property
    def _values(self) -> list[Value]:
        return [group.value for group in self._groups]

    @cached_property
    def _stats(self) -> dict[Value, list[Stats]]:
        with time_limit(LIST_LIMIT_MS):
            return group_pages.stats(self._project, self._tree, self._by, self._values)

    @cached_property
    def _metrics(self) -> Metrics:
        ids = {one.metric_id for given in self._stats.values() for one in given}
        return Metrics(self._caller, Metric.objects.in_project(self._project).filter(id__in=ids))

    def _figures(self, one: Stats) -> Shown:
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
        self, group: Group, page: dict[str, Any], order: list[dict[str, Any]] | None
    ) -> Shown:
        """The group's own list, read for all groups at once."""
        asked = paging.read(paging.without_group_cursors(page), usual=USUAL_MEMBERS)
        if asked.after or asked.before:
            raise Invalid("expected no cursor of interactions in a list of groups", field="page")
        size = min(asked.size, MOST_MEMBERS // max(len(self._groups), 1))
        oldest_first = is_oldest_first(order) != asked.from_end
        members, shown = self._read_members(size, oldest_first=oldest_first)
        ids = members.get(group.value, [])
        has_more = len(ids) > size
        ids = ids[:size][::-1] if asked.from_end else ids[:size]
        window = Window(
            ids,
            has_next=has_more and not asked.from_end,
            has_previous=has_more and asked.from_end,
        )
        return {
            "totalCount": group.n,
            "pageInfo": page_info(window),
            "nodes": lambda: shown.some(ids),
        }

    def _read_members(
        self, size: int, *, oldest_first: bool
    ) -> tuple[dict[Value, list[UUID]], Completions]:
        """By group one more id than `size`, if there are so many, and what is shown of them."""
        key = (size, oldest_first)
        if key not in self._known:
            with time_limit(LIST_LIMIT_MS):
                members = group_pages.members(
                    self._project,
                    self._tree,
                    self._by,
                    self._values,
                    limit=size + 1,
                    oldest_first=oldest_first,
                )
            shown = [id for ids in members.values() for id in ids[:size]]
            self._known[key] = members, Completions(self._caller, self._project, shown)
        return self._known[key]
