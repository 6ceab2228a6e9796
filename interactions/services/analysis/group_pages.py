"""The matches of a filter, by the model that answered or by their prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, joined
from interactions.filters.sql.queries import fetch, has_list, matches, row_test
from interactions.filters.tree import And, Tree
from projects.models import Project

# What stands for a group: a model's id, None for no model, or a prompt's hash.
Value: TypeAlias = int | UUID | None


class GroupBy(StrEnum):
    """What the members of a group have in common."""

    MODEL = "MODEL"
    PROMPT = "PROMPT"

    @property
    def column(self) -> str:
        """Where a row has it."""
        return "llm_id" if self == GroupBy.MODEL else "prompt_hash"

    @property
    def array(self) -> str:
        """The type of several of them."""
        return "int[]" if self == GroupBy.MODEL else "uuid[]"


class SortBy(StrEnum):
    """What groups are ordered by; those that are equal in it, by their key."""

    KEY = "key"
    COUNT = "count"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group stands in the order; `rank` is 0 when it is its key alone."""

    rank: int
    key: str


@dataclass(frozen=True, slots=True)
class Group:
    """How many matches there are of a model, by its key, or of a prompt, by its hash in hex.

    `place.key` is "" for the interactions without a model.
    """

    value: Value
    n: int
    place: Place


@dataclass(frozen=True, slots=True)
class Stats:
    """What feedback under one metric says of a group."""

    metric_id: int
    n: int
    average: float
    most: float
    least: float
    deviation: float | None
    total: float


_RANKS = {
    SortBy.KEY: "0::bigint",
    SortBy.COUNT: "n",
    SortBy.NEWEST: "(extract(epoch FROM newest) * 1000)::bigint",
}


def page(
    project: Project,
    tree: Tree,
    by: GroupBy,
    *,
    limit: int,
    sort: SortBy = SortBy.KEY,
    is_descending: bool = False,
    after: Place | None = None,
    before: Place | None = None,
    from_end: bool = False,
) -> tuple[list[Group], int]:
    """At most `limit` groups between two places, from either end of them, and how many there are
    in all.

    They come in the order they were read in: from the end, that is the last one first.
    """
    found = matches(project, tree)
    key = "coalesce(l.key, '')" if by == GroupBy.MODEL else "replace(g.value::text, '-', '')"
    names = "LEFT JOIN projects_llm l ON l.id = g.value" if by == GroupBy.MODEL else ""
    forward, backward = ("<", ">") if is_descending else (">", "<")
    tests = [
        Sql(f"(rank, key) {sign} (%s, %s)", (place.rank, place.key))
        for sign, place in ((forward, after), (backward, before))
        if place is not None
    ]
    where = joined([Sql("TRUE"), *tests], " AND ")
    direction = "DESC" if is_descending != from_end else "ASC"
    query = (
        f'WITH ranked AS (SELECT g.value, g.n, {_RANKS[sort]} AS rank, {key} COLLATE "C" AS key'
        f" FROM (SELECT i.{by.column} AS value, count(*) AS n, max(i.created_at) AS newest"
        f" FROM ({found.text}) m JOIN interaction i ON i.id = m.id GROUP BY 1) g {names})"
        " SELECT value, n, rank, key, (SELECT count(*) FROM ranked) FROM ranked"
        f" WHERE {where.text} ORDER BY rank {direction}, key {direction} LIMIT %s"
    )
    rows = fetch(Sql(query, (*found.params, *where.params, limit)))
    groups = [Group(value, n, Place(rank, key)) for value, n, rank, key, _ in rows]
    return groups, rows[0][4] if rows else _number(project, tree, by)


def _number(project: Project, tree: Tree, by: GroupBy) -> int:
    found = matches(project, tree)
    query = (
        f"SELECT count(*) FROM (SELECT 1 FROM ({found.text}) m JOIN interaction i ON i.id = m.id"
        f" GROUP BY i.{by.column}) g"
    )
    return int(fetch(Sql(query, found.params))[0][0])


def stats(
    project: Project, tree: Tree, by: GroupBy, values: Sequence[Value]
) -> dict[Value, list[Stats]]:
    """By group: the feedback on its matches, metric by metric."""
    found, those = matches(project, tree), _among(by, values)
    query = (
        f"SELECT i.{by.column}, f.metric_id, count(*), avg(f.value), max(f.value), min(f.value),"
        f" stddev(f.value), sum(f.value) FROM ({found.text}) m"
        " JOIN interaction i ON i.id = m.id JOIN feedback f ON f.interaction_id = i.id"
        f" WHERE {those.text} GROUP BY 1, 2 ORDER BY 2"
    )
    made: dict[Value, list[Stats]] = {}
    for value, *figures in fetch(Sql(query, (*found.params, *those.params))):
        made.setdefault(value, []).append(Stats(*figures))
    return made


def members(
    project: Project,
    tree: Tree,
    by: GroupBy,
    values: Sequence[Value],
    *,
    limit: int,
    oldest_first: bool = False,
) -> dict[Value, list[UUID]]:
    """By group: at most `limit` of its matches, newest or oldest first."""
    made: dict[Value, list[UUID]] = {}
    read = _ranked if not isinstance(tree, And) or has_list(project, tree) else _walked
    for value, id in fetch(read(project, tree, by, values, limit, oldest_first)):
        made.setdefault(value, []).append(id)
    return made


def _ranked(
    project: Project, tree: Tree, by: GroupBy, values: Sequence[Value], limit: int, oldest: bool
) -> Sql:
    """All matches of the groups are read; right where the filter leaves few."""
    found, those = matches(project, tree), _among(by, values)
    direction = "ASC" if oldest else "DESC"
    return Sql(
        f"SELECT value, id FROM (SELECT i.{by.column} AS value, i.id, row_number() OVER"
        f" (PARTITION BY i.{by.column} ORDER BY i.id {direction}) AS place"
        f" FROM ({found.text}) m JOIN interaction i ON i.id = m.id WHERE {those.text}) r"
        " WHERE place <= %s ORDER BY place",
        (*found.params, *those.params, limit),
    )


def _walked(
    project: Project, tree: Tree, by: GroupBy, values: Sequence[Value], limit: int, oldest: bool
) -> Sql:
    """Each group is walked from its end in an index; right where the filter leaves much."""
    test = row_test(project, tree, "d.id")
    direction = "ASC" if oldest else "DESC"

    def walk(source: str, those: str, given: tuple[Any, ...]) -> Sql:
        return Sql(
            f"SELECT g.value, w.id FROM {source} CROSS JOIN LATERAL (SELECT d.id FROM interaction d"
            f" WHERE d.project_id = %s AND {those} AND {test.text}"
            f" ORDER BY d.id {direction} LIMIT %s) w",
            (*given, project.id, *test.params, limit),
        )

    some = [value for value in values if value is not None]
    array = f"unnest(%s::{by.array}) AS g(value)"
    walks = [walk(array, f"d.{by.column} = g.value", (some,))]
    if len(some) < len(values):
        walks.append(walk("(SELECT NULL::int AS value) g", f"d.{by.column} IS NULL", ()))
    union = joined(walks, " UNION ALL ")
    return Sql(f"SELECT value, id FROM ({union.text}) m ORDER BY id {direction}", union.params)


def _among(by: GroupBy, values: Sequence[Value]) -> Sql:
    """Whether the row `i` is of one of these groups."""
    some = [value for value in values if value is not None]
    test = Sql(f"i.{by.column} = ANY(%s::{by.array})", (some,))
    if len(some) == len(values):
        return test
    return Sql(f"({test.text} OR i.{by.column} IS NULL)", test.params)
