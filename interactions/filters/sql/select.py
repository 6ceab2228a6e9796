"""The SQL of lists that drive: ordered and cut, or all there is."""

from collections.abc import Sequence

from adaptive_site.lib.database.sql import Bounds, Sql, joined
from interactions.filters.sql.index_lists import List
from interactions.filters.sql.names import Names
from interactions.filters.sql.planner import Look, Walk, as_test
from interactions.filters.sql.row_tests import Row

NOTHING = Sql("SELECT NULL::uuid AS id WHERE FALSE")


def ordered(names: Names, walks: Sequence[Walk], look: Look) -> Sql:
    """The nearest ids of all walks together, each once, in order."""
    direction = "ASC" if look.oldest_first else "DESC"
    branches = [_nearest(names, walk, look, direction) for walk in walks]
    if not branches:
        return NOTHING
    if len(branches) == 1 and walks[0].driver.keys is None:
        return branches[0]
    once = "" if len(branches) == 1 and walks[0].driver.is_distinct else "DISTINCT "
    union = _union(branches)
    return Sql(
        f"SELECT {once}id FROM ({union.text}) AS page ORDER BY id {direction} LIMIT %s",
        (*union.params, look.limit),
    )


def some(names: Names, walks: Sequence[Walk], look: Look) -> Sql:
    """So many ids of the walks, any, each once; read as `ordered` does, so that it stops early."""
    branches = [_nearest(names, walk, look, "DESC") for walk in walks]
    if not branches:
        return NOTHING
    once = "" if len(branches) == 1 and walks[0].driver.is_distinct else "DISTINCT "
    union = _union(branches)
    return Sql(f"SELECT {once}id FROM ({union.text}) AS m LIMIT %s", (*union.params, look.limit))


def everything(names: Names, walks: Sequence[Walk]) -> Sql:
    """All ids of the walks, each once."""
    branches = []
    for walk in walks:
        body = _body(names, walk, is_alone=False)
        keys = walk.driver.keys
        source = Sql("") if keys is None else Sql(f"{keys.text} CROSS JOIN ", keys.params)
        once = "" if walk.driver.is_distinct else "DISTINCT "
        id = f"d.{walk.driver.column}"
        branches.append(
            Sql(
                f"SELECT {once}{id} AS id FROM {source.text}{body.text}",
                source.params + body.params,
            )
        )
    return joined(branches, " UNION ") if branches else NOTHING


def lists_of(walk: Walk) -> tuple[List, ...]:
    """All lists that are read side by side."""
    return (walk.driver, *walk.merged, *walk.without)


def entries(one: List, bounds: Bounds, most: int) -> Sql:
    """How many entries a list has between bounds, `most` at most; of each of its keys."""
    within = one.entries(bounds)
    counted = Sql(
        f"SELECT count(*) AS n FROM (SELECT FROM {one.source.text} d WHERE {within.text}"
        " LIMIT %s) AS e",
        (*one.source.params, *within.params, most),
    )
    if one.keys is None:
        return counted
    keys = one.keys
    return Sql(
        f"SELECT c.n FROM {keys.text} CROSS JOIN LATERAL ({counted.text}) AS c",
        (*keys.params, *counted.params),
    )


def _nearest(names: Names, walk: Walk, look: Look, direction: str) -> Sql:
    """The nearest ids of one walk: in order, unless it has keys; then of each of these."""
    body = _body(names, walk, is_alone=True, direction=direction, one_in=look.one_in)
    driver = walk.driver
    once = "" if driver.is_distinct else "DISTINCT "
    one = Sql(
        f"SELECT {once}d.{driver.column} AS id FROM {body.text}"
        f" ORDER BY {driver.order(direction)} LIMIT %s",
        (*body.params, look.limit),
    )
    if driver.keys is None:
        return one
    return Sql(
        f"SELECT w.id FROM {driver.keys.text} CROSS JOIN LATERAL ({one.text}) AS w",
        driver.keys.params + one.params,
    )


def _body(
    names: Names, walk: Walk, *, is_alone: bool, direction: str = "DESC", one_in: int = 1
) -> Sql:
    """From where, and which: the driver is `d`, what is merged with it `j0` …, without `w0` …"""
    driver = walk.driver
    id = f"d.{driver.column}"
    source = Sql(f"{driver.source.text} d", driver.source.params)
    where = driver.within(walk.bounds)
    if one_in > 1:
        where &= Sql(f"uuid_hash({id}) & {one_in - 1} = 0")
    for n, other in enumerate(walk.merged):
        source = Sql(
            f"{source.text} JOIN {other.source.text} j{n} ON j{n}.{other.column} = {id}",
            source.params,
        )
        where &= other.within(walk.bounds, f"j{n}")
    for n, other in enumerate(walk.without):
        entries = other.within(walk.bounds, "u")
        # Only when it is told the order does PostgreSQL merge the two: counting 10,000 rows that
        # lack a 90 % label took 220 ms by looking each up, so 30.
        source = Sql(
            f"{source.text} LEFT JOIN (SELECT u.{other.column} AS id FROM {other.source.text} u"
            f" WHERE {entries.text} ORDER BY u.{other.column} {direction}) w{n} ON w{n}.id = {id}",
            source.params + entries.params,
        )
        where &= Sql(f"w{n}.id IS NULL")
    for test in walk.tests:
        where &= as_test(names, test, Row(id, walk.bounds, is_alone))
    return Sql(f"{source.text} WHERE {where.text}", source.params + where.params)


def _union(branches: Sequence[Sql]) -> Sql:
    if len(branches) == 1:
        return branches[0]
    return joined([Sql(f"({one.text})", one.params) for one in branches], " UNION ALL ")
