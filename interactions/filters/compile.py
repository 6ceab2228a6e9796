"""A filter as ordered SQL: pages of ids, counts and histograms.

One list drives: the rarest condition that an index holds in id order. The other labels join it
as lists in the same order, the rest are tests of its id. Without such a condition the project's
interactions themselves are the list. See `DESIGN.md`, "Reading".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from adaptive_site.lib.ids import first_id_at
from projects.models import Project

from .conditions import CreatedIn
from .names import Names
from .sql import FALSE, TRUE, Bounds, List, Sql, joined, project_list
from .tree import And, Not, Or, Tree

PROBE = 1000  # entries counted of each list before the rarest is known


@dataclass(frozen=True, slots=True)
class Page:
    """Ids newest first, and whether there are more on either side."""

    ids: list[UUID]
    has_older: bool
    has_newer: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many match; not `is_exact` means at least `n`."""

    n: int
    is_exact: bool


def page(
    project: Project,
    tree: Tree,
    *,
    limit: int,
    before: UUID | None = None,
    after: UUID | None = None,
) -> Page:
    """The newest `limit` ids that match, older than `before`, or the next newer than `after`."""
    is_upwards = after is not None
    ids = window(
        project, tree, limit=limit + 1, before=before, after=after, oldest_first=is_upwards
    )
    has_more = len(ids) > limit
    ids = ids[:limit]
    if is_upwards:
        return Page(ids[::-1], has_older=True, has_newer=has_more)
    return Page(ids, has_older=has_more, has_newer=before is not None)


def window(
    project: Project,
    tree: Tree,
    *,
    limit: int,
    before: UUID | None = None,
    after: UUID | None = None,
    oldest_first: bool = False,
) -> list[UUID]:
    """At most `limit` ids that match, older than `before` and newer than `after`, from one end."""
    return _run(
        ordered(project, tree, limit, before=before, after=after, oldest_first=oldest_first)
    )


def ordered(
    project: Project,
    tree: Tree,
    limit: int,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
    oldest_first: bool = False,
) -> Sql:
    """The query of `window`; column `id`."""
    direction = "ASC" if oldest_first else "DESC"
    branches = [
        Sql(
            f"(SELECT {selected} {body.text} ORDER BY id {direction} LIMIT %s)",
            (*body.params, limit),
        )
        for selected, body in _branches(project, tree, before, after)
    ]
    if not branches:
        return Sql("SELECT NULL::uuid AS id WHERE FALSE")
    if len(branches) == 1:
        return Sql(branches[0].text[1:-1], branches[0].params)
    union = joined(branches, " UNION ")
    return Sql(
        f"SELECT id FROM ({union.text}) AS page ORDER BY id {direction} LIMIT %s",
        (*union.params, limit),
    )


def matches(project: Project, tree: Tree) -> Sql:
    """All ids that match, each once, in no order; column `id`."""
    branches = [
        Sql(f"SELECT {selected} {body.text}", body.params)
        for selected, body in _branches(project, tree, None, None)
    ]
    return joined(branches, " UNION ") if branches else Sql("SELECT NULL::uuid AS id WHERE FALSE")


def count(project: Project, tree: Tree, *, cap: int = 10_000) -> Count:
    """How many match, exactly up to `cap`."""
    found = matches(project, tree)
    rows = fetch(
        Sql(f"SELECT count(*) FROM ({found.text} LIMIT %s) AS m", (*found.params, cap + 1))
    )
    n = rows[0][0]
    return Count(min(n, cap), n <= cap)


def histogram(project: Project, tree: Tree, edges: Sequence[UUID], *, cap: int) -> list[int]:
    """How many match between each two neighbouring `edges`, of the `cap` newest matches."""
    newest = ordered(project, tree, cap)
    counts = [0] * (len(edges) - 1)
    for bucket, n in fetch(
        Sql(
            "SELECT width_bucket(id, %s::uuid[]) AS bucket, count(*)"
            f" FROM ({newest.text}) AS m GROUP BY bucket",
            ([str(edge) for edge in edges], *newest.params),
        )
    ):
        if 1 <= bucket < len(edges):
            counts[bucket - 1] = n
    return counts


def _run(query: Sql) -> list[UUID]:
    return [row[0] for row in fetch(query)]


def fetch(query: Sql) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _branches(
    project: Project, tree: Tree, before: UUID | None, after: UUID | None
) -> Iterator[tuple[str, Sql]]:
    """What to select and from where, for each list whose union is the answer."""
    names = Names(project, tree)
    for alternative in tree.children if isinstance(tree, Or) else (tree,):
        yield from _conjunction(names, alternative, before, after)


def _conjunction(
    names: Names, tree: Tree, before: UUID | None, after: UUID | None
) -> Iterator[tuple[str, Sql]]:
    children = list(_flat(tree))
    bounds = _bounds(children, before, after)
    rest = [child for child in children if not isinstance(child, CreatedIn)]
    driver, lists = _driver(names, rest, bounds) or (None, [project_list(names.project_id)])
    rest = [child for child in rest if child is not driver]
    others = {child: one for child in rest if (one := names.one_posting_list(child)) is not None}
    for one in lists:
        id = f"d.{one.column}"
        joins = Sql(f"FROM {one.table} d")
        where = one.within(bounds)
        for n, other in enumerate(others.values()):
            joins = Sql(f"{joins.text} JOIN {other.table} j{n} ON j{n}.{other.column} = {id}")
            where &= other.within(bounds, f"j{n}")
        for child in rest:
            if child not in others:
                where &= as_test(names, child, id, bounds)
        selected = f"{id} AS id" if one.is_distinct else f"DISTINCT {id} AS id"
        yield selected, Sql(f"{joins.text} WHERE {where.text}", where.params)


def _flat(tree: Tree) -> Iterator[Tree]:
    """The conditions under AND, whatever the nesting."""
    if isinstance(tree, And):
        for child in tree.children:
            yield from _flat(child)
    else:
        yield tree


def _bounds(children: Sequence[Tree], before: UUID | None, after: UUID | None) -> Bounds:
    """The span of ids that the time conditions and the cursor leave."""
    spans = [child for child in children if isinstance(child, CreatedIn)]
    starts = [first_id_at(span.start) for span in spans if span.start is not None]
    ends = [first_id_at(span.end) for span in spans if span.end is not None]
    if before is not None:
        ends.append(before)
    return Bounds(
        least=str(max(starts)) if starts else None,
        below=str(min(ends)) if ends else None,
        above=str(after) if after is not None else None,
    )


def _driver(
    names: Names, children: Sequence[Tree], bounds: Bounds
) -> tuple[Tree, list[List]] | None:
    """The condition with the fewest entries among those that are lists, and its lists."""
    candidates = [
        (child, lists) for child in children if (lists := names.lists_of(child)) is not None
    ]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    probes = []
    for number, (_, lists) in enumerate(candidates):
        for one in lists:
            body = one.within(bounds)
            probes.append(
                Sql(
                    f"SELECT {number} AS list, (SELECT count(*) FROM (SELECT 1 FROM {one.table} d"
                    f" WHERE {body.text} LIMIT {PROBE}) AS p) AS n",
                    body.params,
                )
            )
    sizes = dict.fromkeys(range(len(candidates)), 0)
    if probes:
        rows = sorted(fetch(joined(probes, " UNION ALL ")))
        sizes |= {n: sum(row[1] for row in same) for n, same in groupby(rows, lambda r: r[0])}
    return candidates[min(sizes, key=lambda number: sizes[number])]


def as_test(names: Names, tree: Tree, id: str, bounds: Bounds) -> Sql:
    """The tree as a test of one interaction's id, which lies between `bounds`."""
    match tree:
        case And(children):
            return joined([TRUE, *(as_test(names, c, id, bounds) for c in children)], " AND ")
        case Or(children):
            either = joined([FALSE, *(as_test(names, c, id, bounds) for c in children)], " OR ")
            return Sql(f"({either.text})", either.params)
        case Not(child):
            inner = as_test(names, child, id, bounds)
            return Sql(f"NOT ({inner.text})", inner.params)
        case CreatedIn():
            span = _bounds([tree], None, None)
            return Sql(f"(TRUE{span.on(id).text})", span.on(id).params)
        case _:
            return names.test_of(tree, id, bounds)
