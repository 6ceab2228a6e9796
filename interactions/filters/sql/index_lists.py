"""Lists of ids that an index holds in order, and the SQL that reads them: ordered, or all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from adaptive_site.lib.database.sql import TRUE, Bounds, Sql, joined
from interactions.filters.sql.row_tests import RowTest, RowUnderTest

NO_IDS = Sql("SELECT NULL::uuid AS id WHERE FALSE")


@dataclass(frozen=True, slots=True)
class IndexList:
    """Interaction ids in the order of an index: of `source`, the rows for which `where` holds.

    In `where` and `test` `@` stands for the source's alias. `test` is what the index cannot
    find, only check. With `keys`, rows called `k`, there is one list for each of these, and `where`
    compares with their columns. `is_distinct` says that no id stands twice in all of them (under
    a metric it may: two people gave feedback). `leads` is a column that comes before the ids in
    the index, where equality does not show that it is the same in all rows.
    """

    source: Sql
    column: str
    where: Sql
    test: Sql = TRUE
    keys: Sql | None = None
    many: int = 1  # keys
    is_distinct: bool = True
    leads: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the list is one index's entries, in order."""
        return self.keys is None and self.test == TRUE and not self.leads and not self.source.params

    def any_of(self, column: str, type: str, values: Sequence[Any]) -> list["IndexList"]:
        """The rows whose column has one of the values; a list for each of several."""
        if not values:
            return []
        if len(values) == 1:
            return [replace(self, where=self.where & Sql(f"@.{column} = %s", (values[0],)))]
        where = self.where & Sql(f"@.{column} = k.value")
        keys = Sql(f"unnest(%s::{type}[]) AS k(value)", (list(values),))
        return [replace(self, where=where, keys=keys, many=len(values))]

    def within(self, bounds: Bounds, alias: str = "d") -> Sql:
        """What makes a row part of the list, between `bounds`."""
        test = Sql(self.test.text.replace("@", alias), self.test.params)
        return self.entries(bounds, alias) & test

    def entries(self, bounds: Bounds, alias: str = "d") -> Sql:
        """What the index finds between `bounds`, not yet tested."""
        span = bounds.on(f"{alias}.{self.column}")
        return Sql(self.where.text.replace("@", alias) + span.text, self.where.params + span.params)

    def order(self, direction: str) -> str:
        """How to read the list, ASC or DESC, as the index has it."""
        leads = f"d.{self.leads} {direction}, " if self.leads else ""
        return f"{leads}d.{self.column} {direction}"


def project_list(project_id: int) -> IndexList:
    """All interactions of the project."""
    return IndexList(Sql("interaction"), "id", Sql("@.project_id = %s", (project_id,)))


@dataclass(frozen=True, slots=True)
class ListScan:
    """A list that drives, lists merged with it that hold its ids or do not, and a test of each."""

    driver: IndexList
    test: RowTest
    bounds: Bounds
    merged: tuple[IndexList, ...] = ()
    without: tuple[IndexList, ...] = ()

    @property
    def lists(self) -> tuple[IndexList, ...]:
        """All lists that are read side by side."""
        return (self.driver, *self.merged, *self.without)


def nearest_ids(
    scans: Sequence[ListScan], limit: int | None, *, oldest_first: bool = False, one_in: int = 1
) -> Sql:
    """The first ids of all lists together, each once, in order.

    With `one_in`, a power of two, those of a random sample: of one id in so many.
    """
    direction = "ASC" if oldest_first else "DESC"
    branches = [_nearest(scan, limit, direction, one_in) for scan in scans]
    if not branches:
        return NO_IDS
    if len(branches) == 1 and scans[0].driver.keys is None:
        return branches[0]
    once = _distinct(scans)
    union = _union(branches)
    return Sql(
        f"SELECT {once}id FROM ({union.text}) AS page ORDER BY id {direction} LIMIT %s",
        (*union.params, limit),
    )


def any_ids(scans: Sequence[ListScan], limit: int | None) -> Sql:
    """Any ids of the lists, each once, `limit` at most; read in order, so that it stops early."""
    if not scans:
        return NO_IDS
    union = _union([_nearest(scan, limit, "DESC") for scan in scans])
    return Sql(
        f"SELECT {_distinct(scans)}id FROM ({union.text}) AS m LIMIT %s",
        (*union.params, limit),
    )


def all_ids(scans: Sequence[ListScan]) -> Sql:
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


def entry_count(one: IndexList, bounds: Bounds, most: int) -> Sql:
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


def _nearest(scan: ListScan, limit: int | None, direction: str, one_in: int = 1) -> Sql:
    """The nearest ids of one list: in order, unless it has keys; then of each of these."""
    body = _body(scan, is_alone=True, direction=direction, one_in=one_in)
    driver = scan.driver
    once = "" if driver.is_distinct else "DISTINCT "
    one = Sql(
        f"SELECT {once}d.{driver.column} AS id FROM {body.text}"
        f" ORDER BY {driver.order(direction)} LIMIT %s",
        (*body.params, limit),
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
