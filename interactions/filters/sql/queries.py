"""A filter answered: pages of ids, counts and histograms.

`planner.py` says which list drives; here it becomes SQL. What the index of texts suggests is tested
batch by batch instead, until there is enough. See `DESIGN.md`, "Reading".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

import orjson

from adaptive_site.lib.database.sql import Bounds, Sql, fetch, joined
from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.filters.conditions import Contains, Reads
from interactions.filters.sql.index_lists import (
    all_ids,
    any_ids,
    entry_count,
    nearest_ids,
)
from interactions.filters.sql.names import Names
from interactions.filters.sql.planner import Plan, Slice, TextScan, lists_of, plan
from interactions.filters.sql.row_tests import RowTest, RowUnderTest
from interactions.filters.tree import And, Tree, conditions_of
from projects.models import Project

MOST_TEXTS_COUNTED = 5_000  # matches of a text that are looked at together


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


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest matches as a query with the column `id`, in no order.

    They are all there are, if fewer than `cap`; each stands for `one_in`, which `cap` counts.
    """

    ids: Sql
    cap: int
    one_in: int


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
    return _window(plan(project, tree, Slice(limit, before, after, oldest_first)))


def newest(project: Project, tree: Tree, cap: int, *, one_in: int = 1) -> Newest:
    """The `cap` newest matches, for what is counted over many; of a text fewer.

    With `one_in`, a power of two, a sample of them: where most entries of a list fail a test, as
    in NOT of a common label, that is as much quicker. Texts are not sampled.
    """
    if has_text(tree):
        cap, one_in = min(cap, MOST_TEXTS_COUNTED), 1
    return Newest(_ordered(plan(project, tree, Slice(cap // one_in, one_in=one_in))), cap, one_in)


def ordered(
    project: Project,
    tree: Tree,
    limit: int,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
    oldest_first: bool = False,
) -> Sql:
    """The query of `window`, column `id`; of what the index of texts suggests, the found ids."""
    return _ordered(plan(project, tree, Slice(limit, before, after, oldest_first)))


def matches(project: Project, tree: Tree) -> Sql:
    """All ids that match, each once, in no order; column `id`."""
    found = plan(project, tree)
    return _listed(_window(found)) if found.texts else all_ids(found.lists)


def count(project: Project, tree: Tree, *, cap: int | None = 10_000) -> Count:
    """How many match, exactly up to `cap`; with None, all of them, however long that takes."""
    found = plan(project, tree, Slice(None if cap is None else cap + 1))
    if found.texts:
        n = len(_window(found))
    else:
        some = all_ids(found.lists) if cap is None else any_ids(found.lists, cap + 1)
        n = fetch(Sql(f"SELECT count(*) FROM ({some.text}) AS m", some.params))[0][0]
    return Count(n, True) if cap is None else Count(min(n, cap), n <= cap)


def passed(project: Project, tree: Tree, *, since: UUID, most: int) -> int:
    """How many entries of lists are read on the way from the newest match to that one.

    Of each list `most` at most. Of a filter without texts.
    """
    parts = []
    for scan in plan(project, tree).lists:
        bounds = replace(scan.bounds, least=str(since))
        parts += [entry_count(one, bounds, most) for one in scan.lists]
    if not parts:
        return 0
    union = joined(parts, " UNION ALL ")
    return int(fetch(Sql(f"SELECT sum(n) FROM ({union.text}) AS p(n)", union.params))[0][0])


def estimate(project: Project, tree: Tree) -> int:
    """How many match, about, as the database plans: from its statistics, without reading rows.

    A text is expected as often as the index of texts suggests.
    """
    found = plan(project, tree)
    n = float(sum(scan.candidates.n for scan in found.texts))
    for scan in found.lists:
        query = all_ids([scan])
        explained = fetch(Sql(f"EXPLAIN (FORMAT JSON) {query.text}", query.params))[0][0]
        steps = orjson.loads(explained) if isinstance(explained, str) else explained
        n += steps[0]["Plan"]["Plan Rows"]
    return round(n)


def histogram(
    project: Project, tree: Tree, edges: Sequence[UUID], *, cap: int, one_in: int = 1
) -> list[int]:
    """How many match between each two neighbouring `edges`, of the `cap` newest matches.

    Of a text, of fewer; see `newest`. With `one_in`, a power of two, about: of a sample, each of
    which stands for so many.
    """
    found = newest(project, tree, cap, one_in=one_in)
    counts = [0] * (len(edges) - 1)
    for bucket, n in fetch(
        Sql(
            "SELECT width_bucket(id, %s::uuid[]) AS bucket, count(*)"
            f" FROM ({found.ids.text}) AS m GROUP BY bucket",
            ([str(edge) for edge in edges], *found.ids.params),
        )
    ):
        if 1 <= bucket < len(edges):
            counts[bucket - 1] = n * found.one_in
    return counts


def has_list(project: Project, tree: Tree) -> bool:
    """Whether an index holds what matches one of the filter's conditions as a list."""
    names = Names(project, tree)
    return any(lists_of(names, one) is not None for one in conditions_of(tree))


def row_test(project: Project, tree: Tree, id: str) -> Sql:
    """Whether one interaction matches, as a test in SQL; `id` is the expression of its id."""
    return row_tests(project, [tree], id)[0]


def row_tests(project: Project, trees: Sequence[Tree], id: str) -> list[Sql]:
    """The test of `row_test` for each of several filters, whose names are looked up together."""
    names = Names(project, And(tuple(trees)))
    return [RowTest(names, tree).on(RowUnderTest(id, Bounds())) for tree in trees]


def _ordered(found: Plan) -> Sql:
    return _listed(_window(found)) if found.texts else _nearest(found)


def _window(found: Plan) -> list[UUID]:
    """The ids that the scans find, merged."""
    ids = [row[0] for row in fetch(_nearest(found))] if found.lists else []
    for scan in found.texts:
        ids += islice(_with_text(scan, found.wanted), found.wanted.limit)
    if not found.texts:
        return ids
    return sorted(set(ids), reverse=not found.wanted.oldest_first)[: found.wanted.limit]


def _nearest(found: Plan) -> Sql:
    wanted = found.wanted
    return nearest_ids(
        found.lists, wanted.limit, oldest_first=wanted.oldest_first, one_in=wanted.one_in
    )


def _with_text(scan: TextScan, wanted: Slice) -> Iterator[UUID]:
    """The candidates that match, in order, read as far as they are asked for."""
    test = scan.test.on(RowUnderTest("candidate.id", scan.bounds))
    left = wanted.limit
    for batch in scan.candidates.batches(scan.bounds, oldest_first=wanted.oldest_first):
        stop_if_late()
        # The rows of an array come in its order, and every test stays one of a row: the first
        # matches are found first, and the texts of the others are never read.
        source = "SELECT candidate.id FROM unnest(%s::uuid[]) AS candidate(id)"
        query = f"{source} WHERE {test.text} LIMIT %s"
        ids = [row[0] for row in fetch(Sql(query, (batch, *test.params, left)))]
        yield from ids
        if left is not None and (left := left - len(ids)) <= 0:
            return


def _listed(ids: list[UUID]) -> Sql:
    return Sql("SELECT unnest(%s::uuid[]) AS id", (ids,))


def has_text(tree: Tree) -> bool:
    """Whether a text is looked for."""
    return any(isinstance(one, Contains | Reads) for one in conditions_of(tree))
