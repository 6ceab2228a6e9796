"""The SQL of lists that drive: ordered and cut, or all there is."""

from collections.abc import Sequence

from adaptive_site.lib.database.sql import Bounds, Sql, joined
from interactions.filters.sql.index_lists import IndexList
from interactions.filters.sql.planner import ListScan, Plan
from interactions.filters.sql.row_tests import RowUnderTest

NO_IDS = Sql("SELECT NULL::uuid AS id WHERE FALSE")


def ordered(plan: Plan) -> Sql:
    """The nearest ids of all lists together, each once, in order."""
    direction = "ASC" if plan.wanted.oldest_first else "DESC"
    branches = [_nearest(scan, plan, direction) for scan in plan.lists]
    if not branches:
        return NO_IDS
    if len(branches) == 1 and plan.lists[0].driver.keys is None:
        return branches[0]
    once = _distinct(plan.lists)
    union = _union(branches)
    return Sql(
        f"SELECT {once}id FROM ({union.text}) AS page ORDER BY id {direction} LIMIT %s",
        (*union.params, plan.wanted.limit),
    )


def some(plan: Plan) -> Sql:
    """So many ids of the lists, any, each once; read as `ordered` does, so that it stops early."""
    if not plan.lists:
        return NO_IDS
    union = _union([_nearest(scan, plan, "DESC") for scan in plan.lists])
    return Sql(
        f"SELECT {_distinct(plan.lists)}id FROM ({union.text}) AS m LIMIT %s",
        (*union.params, plan.wanted.limit),
    )


def everything(scans: Sequence[ListScan]) -> Sql:
    """All ids of the lists, each once."""
    branches = []
    for scan in scans:
        body = _body(scan, is_alone=False)
        keys = scan.driver.keys
        source = Sql("") if keys is None else Sql(f"{keys.text} CROSS JOIN ", keys.params)
        once = "" if scan.driver.is_distinct else "DISTINCT "
        id = f"d.{scan.driver.column}"
        branches.append(
            Sql(
                f"SELECT {once}{id} AS id FROM {source.text}{body.text}",
                source.params + body.params,
            )
        )
    return joined(branches, " UNION ") if branches else NO_IDS


def entries(one: IndexList, bounds: Bounds, most: int) -> Sql:
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


def _nearest(scan: ListScan, plan: Plan, direction: str) -> Sql:
    """The nearest ids of one list: in order, unless it has keys; then of each of these."""
    body = _body(scan, is_alone=True, direction=direction, one_in=plan.wanted.one_in)
    driver = scan.driver
    once = "" if driver.is_distinct else "DISTINCT "
    one = Sql(
        f"SELECT {once}d.{driver.column} AS id FROM {body.text}"
        f" ORDER BY {driver.order(direction)} LIMIT %s",
        (*body.params, plan.wanted.limit),
    )
    if driver.keys is None:
        return one
    return Sql(
        f"SELECT w.id FROM {driver.keys.text} CROSS JOIN LATERAL ({one.text}) AS w",
        driver.keys.params + one.params,
    )


def _body(scan: ListScan, *, is_alone: bool, direction: str = "DESC", one_in: int = 1) -> Sql:
    """From where, and which: the driver is `d`, what is merged with it `j0` …, without `w0` …"""
    driver = scan.driver
    id = f"d.{driver.column}"
    source = Sql(f"{driver.source.text} d", driver.source.params)
    where = driver.within(scan.bounds)
    if one_in > 1:
        where &= Sql(f"uuid_hash({id}) & {one_in - 1} = 0")
    for n, other in enumerate(scan.merged):
        source = Sql(
            f"{source.text} JOIN {other.source.text} j{n} ON j{n}.{other.column} = {id}",
            source.params,
        )
        where &= other.within(scan.bounds, f"j{n}")
    for n, other in enumerate(scan.without):
        entries = other.within(scan.bounds, "u")
        # Only when it is told the order does PostgreSQL merge the two: counting 10,000 rows that
        # lack a 90 % label took 220 ms by looking each up, so 30.
        source = Sql(
            f"{source.text} LEFT JOIN (SELECT u.{other.column} AS id FROM {other.source.text} u"
            f" WHERE {entries.text} ORDER BY u.{other.column} {direction}) w{n} ON w{n}.id = {id}",
            source.params + entries.params,
        )
        where &= Sql(f"w{n}.id IS NULL")
    where &= scan.test.on(RowUnderTest(id, scan.bounds, is_alone))
    return Sql(f"{source.text} WHERE {where.text}", source.params + where.params)


def _distinct(scans: Sequence[ListScan]) -> str:
    return "" if len(scans) == 1 and scans[0].driver.is_distinct else "DISTINCT "


def _union(branches: Sequence[Sql]) -> Sql:
    if len(branches) == 1:
        return branches[0]
    return joined([Sql(f"({one.text})", one.params) for one in branches], " UNION ALL ")
