"""The matches of a filter in groups, page by page behind a cursor, as clients of the API ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import TRUE, Sql, fetch, joined
from interactions.filters.sql.queries import has_list, row_test
from interactions.filters.tree import And, Tree
from interactions.services.analysis.group_queries import (
    GROUP_COLUMNS,
    GroupedRows,
    Grouping,
    GroupKind,
    GroupValue,
    Sorting,
    rows,
)
from projects.models import Project


@dataclass(frozen=True, slots=True)
class GroupCursor:
    """Where a group stands in the order of groups; `rank` is 0 where they are sorted by name."""

    rank: int
    name: str


@dataclass(frozen=True, slots=True)
class CountedGroup:
    """How many matches there are of a model or a prompt, and where the group stands."""

    value: GroupValue
    n: int
    cursor: GroupCursor

    @property
    def key(self) -> str:
        """The key of the model, "" for none; of a prompt its hash in hex."""
        return self.value.hex if isinstance(self.value, UUID) else self.cursor.name


@dataclass(frozen=True, slots=True)
class GroupFeedback:
    """What feedback under one metric says of a group."""

    metric_id: int
    n: int
    average: float
    most: float
    least: float
    deviation: float | None
    total: float


_CURSOR_RANKS = {
    "name": "0::bigint",
    "count": "n",
    "newest": "(extract(epoch FROM newest) * 1000)::bigint",
}


@dataclass(frozen=True, slots=True)
class GroupPages:
    """The matches of a filter by their model or prompt."""

    project: Project
    tree: Tree
    kind: GroupKind

    def page(
        self,
        sorting: Sorting,
        *,
        limit: int,
        after: GroupCursor | None = None,
        before: GroupCursor | None = None,
        from_end: bool = False,
    ) -> tuple[list[CountedGroup], int]:
        """At most `limit` groups between two cursors, from either end, and how many there are.

        They come in the order they were read in: from the end, that is the last one first.
        """
        forward, backward = ("<", ">") if sorting.is_descending else (">", "<")
        tests = [
            Sql(f"(rank, name) {sign} (%s, %s)", (cursor.rank, cursor.name))
            for sign, cursor in ((forward, after), (backward, before))
            if cursor is not None
        ]
        where = joined([TRUE, *tests], " AND ")
        direction = "DESC" if sorting.is_descending != from_end else "ASC"
        query = self._rows.with_groups(sorting).then(
            " SELECT c.many, p.* FROM (SELECT count(*) AS many FROM s) c"
            " LEFT JOIN LATERAL (SELECT value, n, rank, name"
            f" FROM (SELECT s.*, {_CURSOR_RANKS[sorting.by]} AS rank FROM s) r WHERE {where.text}"
            f" ORDER BY rank {direction}, name {direction} LIMIT %s) p ON TRUE",
            *(*where.params, limit),
        )
        found = fetch(query)
        shown = [CountedGroup(value, n, GroupCursor(*place)) for _, value, n, *place in found if n]
        return shown, found[0][0]

    def feedback(self, values: Sequence[GroupValue]) -> dict[GroupValue, list[GroupFeedback]]:
        """By group: the feedback on its matches, metric by metric."""
        these = self._rows
        shown = these.among(values)
        query = these.then(
            " SELECT r.value, f.metric_id, count(*), avg(f.value), max(f.value), min(f.value),"
            " stddev(f.value), sum(f.value) FROM r JOIN feedback f ON f.interaction_id = r.id"
            f" WHERE {shown.text} GROUP BY 1, 2 ORDER BY 2",
            *shown.params,
        )
        made: dict[GroupValue, list[GroupFeedback]] = {}
        for value, *figures in fetch(query):
            made.setdefault(value, []).append(GroupFeedback(*figures))
        return made

    def members(
        self, values: Sequence[GroupValue], *, limit: int, oldest_first: bool = False
    ) -> dict[GroupValue, list[UUID]]:
        """By group: at most `limit` of its matches, newest or oldest first."""
        is_listed = not isinstance(self.tree, And) or has_list(self.project, self.tree)
        read = self._ranked if is_listed else self._walked
        made: dict[GroupValue, list[UUID]] = {}
        for value, id in fetch(read(values, limit, "ASC" if oldest_first else "DESC")):
            made.setdefault(value, []).append(id)
        return made

    @property
    def _rows(self) -> GroupedRows:
        return rows(self.project, self.tree, Grouping(self.kind), None, is_read_once=True)

    def _ranked(self, values: Sequence[GroupValue], limit: int, direction: str) -> Sql:
        """All matches of the groups are read; right where the filter leaves few."""
        these = self._rows
        shown = these.among(values)
        return these.then(
            " SELECT value, id FROM (SELECT r.value, r.id, row_number() OVER (PARTITION BY r.value"
            f" ORDER BY r.id {direction}) AS place FROM r WHERE {shown.text}) q"
            " WHERE place <= %s ORDER BY place",
            *(*shown.params, limit),
        )

    def _walked(self, values: Sequence[GroupValue], limit: int, direction: str) -> Sql:
        """Each group is walked from its end in an index; right where the filter leaves much."""
        test, column = row_test(self.project, self.tree, "d.id"), GROUP_COLUMNS[self.kind]

        def walk(source: str, which: str, params: tuple[Any, ...]) -> Sql:
            return Sql(
                f"SELECT g.value, w.id FROM {source} CROSS JOIN LATERAL (SELECT d.id"
                f" FROM interaction d WHERE d.project_id = %s AND {which} AND {test.text}"
                f" ORDER BY d.id {direction} LIMIT %s) w",
                (*params, self.project.id, *test.params, limit),
            )

        some = [value for value in values if value is not None]
        array = f"unnest(%s::{self.kind.type}[]) AS g(value)"
        walks = [walk(array, f"d.{column} = g.value", (some,))]
        if len(some) < len(values):
            walks.append(walk("(SELECT NULL::int AS value) g", f"d.{column} IS NULL", ()))
        union = joined(walks, " UNION ALL ")
        return Sql(f"SELECT value, id FROM ({union.text}) m ORDER BY id {direction}", union.params)
