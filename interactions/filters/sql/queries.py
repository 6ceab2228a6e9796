"""A filter answered: pages of ids, counts and histograms.

`planner.py` says which list drives; here it becomes SQL. What the index of texts suggests is tested
batch by batch instead, until there is enough. See `DESIGN.md`, "Reading".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from adaptive_site.lib.database.sql import Sql, joined
from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.filters.conditions import Contains, Reads
from interactions.filters.sql import select
from interactions.filters.sql.names import Names, conditions_of
from interactions.filters.sql.planner import Hunt, Look, Walk, Way, as_test, ways
from interactions.filters.sql.row_tests import Row
from interactions.filters.tree import And, Tree
from projects.models import Project

TEXTS = 5_000  # matches of a text that are looked at together


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
    names = Names(project, tree)
    look = Look(limit, before, after, oldest_first)
    return _window(names, ways(names, tree, look), look)


def newest(project: Project, tree: Tree, cap: int, *, one_in: int = 1) -> Newest:
    """The `cap` newest matches, for what is counted over many; of a text fewer.

    With `one_in`, a power of two, a sample of them: where most entries of a list fail a test, as
    in NOT of a common label, that is as much quicker. Texts are not sampled.
    """
    if has_text(tree):
        cap, one_in = min(cap, TEXTS), 1
    return Newest(_ordered(project, tree, Look(cap // one_in, one_in=one_in)), cap, one_in)


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
    return _ordered(project, tree, Look(limit, before, after, oldest_first))


def _ordered(project: Project, tree: Tree, look: Look) -> Sql:
    names = Names(project, tree)
    found = ways(names, tree, look)
    lists = [way for way in found if isinstance(way, Walk)]
    if len(lists) < len(found):
        return _listed(_window(names, found, look))
    return select.ordered(names, lists, look)


def matches(project: Project, tree: Tree) -> Sql:
    """All ids that match, each once, in no order; column `id`."""
    names = Names(project, tree)
    found = ways(names, tree, Look())
    lists = [way for way in found if isinstance(way, Walk)]
    if len(lists) < len(found):
        return _listed(_window(names, found, Look()))
    return select.everything(names, lists)


def count(project: Project, tree: Tree, *, cap: int | None = 10_000) -> Count:
    """How many match, exactly up to `cap`; with None, all of them, however long that takes."""
    names = Names(project, tree)
    look = Look(None if cap is None else cap + 1)
    found = ways(names, tree, look)
    lists = [way for way in found if isinstance(way, Walk)]
    if len(lists) < len(found):
        n = len(_window(names, found, look))
    else:
        some = select.everything(names, lists) if cap is None else select.some(names, lists, look)
        n = fetch(Sql(f"SELECT count(*) FROM ({some.text}) AS m", some.params))[0][0]
    return Count(n, True) if cap is None else Count(min(n, cap), n <= cap)


def passed(project: Project, tree: Tree, *, since: UUID, most: int) -> int:
    """How many entries of lists are read on the way from the newest match to that one.

    Of each list `most` at most. Of a filter without texts.
    """
    names = Names(project, tree)
    parts = []
    for way in ways(names, tree, Look()):
        if isinstance(way, Walk):
            bounds = replace(way.bounds, least=str(since))
            parts += [select.entries(one, bounds, most) for one in select.lists_of(way)]
    if not parts:
        return 0
    union = joined(parts, " UNION ALL ")
    return int(fetch(Sql(f"SELECT sum(n) FROM ({union.text}) AS p(n)", union.params))[0][0])


def estimate(project: Project, tree: Tree) -> int:
    """How many match, about, as the database plans: from its statistics, without reading rows.

    A text is expected as often as the index of texts suggests.
    """
    names = Names(project, tree)
    n = 0.0
    for way in ways(names, tree, Look()):
        if isinstance(way, Hunt):
            n += way.candidates.n
        else:
            query = select.everything(names, [way])
            plan = fetch(Sql(f"EXPLAIN (FORMAT JSON) {query.text}", query.params))[0][0]
            n += (orjson.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]
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


def fetch(query: Sql) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _window(names: Names, found: Sequence[Way], look: Look) -> list[UUID]:
    """The ids that the ways lead to, merged."""
    by_lists = [way for way in found if isinstance(way, Walk)]
    ids: list[UUID] = []
    if by_lists:
        query = select.ordered(names, by_lists, look)
        ids = [row[0] for row in fetch(query)]
    hunts = [way for way in found if isinstance(way, Hunt)]
    for hunt in hunts:
        ids += islice(_caught(names, hunt, look), look.limit)
    if not hunts:
        return ids
    return sorted(set(ids), reverse=not look.oldest_first)[: look.limit]


def _caught(names: Names, hunt: Hunt, look: Look) -> Iterator[UUID]:
    """Those of the candidates that match, in order, as far as they are asked for."""
    row = Row("hunted.id", hunt.bounds)
    tests = as_test(names, And(hunt.tests), row)
    wanted = look.limit
    for batch in hunt.candidates.batches(hunt.bounds, oldest_first=look.oldest_first):
        stop_if_late()
        # The rows of an array come in its order, and every test stays one of a row: the first
        # matches are found first, and the texts of the others are never read.
        source = "SELECT hunted.id FROM unnest(%s::uuid[]) AS hunted(id)"
        query = f"{source} WHERE {tests.text} LIMIT %s"
        ids = [row[0] for row in fetch(Sql(query, (batch, *tests.params, wanted)))]
        yield from ids
        if wanted is not None and (wanted := wanted - len(ids)) <= 0:
            return


def _listed(ids: list[UUID]) -> Sql:
    return Sql("SELECT unnest(%s::uuid[]) AS id", (ids,))


def has_text(tree: Tree) -> bool:
    """Whether a text is looked for."""
    return any(isinstance(one, Contains | Reads) for one in conditions_of(tree))
