"""How a benchmark's database grows: its sizes, when each interaction was, and how quickly it came.

A project grows tenfold a year: the first 100,000 interactions spread over one year, those up to
a million over the next, and so on; the last year ends when the plan was made. So each size on the
way to the planned one has a whole year as its newest, and what is added is newer than what was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from adaptive_site.lib.ids import EPOCH

YEAR = timedelta(days=365)
FIRST = 100_000
MILLION = 1_000_000
BATCH = 1000  # interactions a transaction

_MILLISECOND = timedelta(milliseconds=1)
_TABLES = """
CREATE TABLE IF NOT EXISTS benchmark_plan (
    planned bigint, seed int, until timestamptz, CHECK (planned % 1000 = 0));
CREATE TABLE IF NOT EXISTS benchmark_load (
    at timestamptz DEFAULT now(), rows_then bigint, n int, seconds float8, ours float8,
    theirs float8, bare float8, bare_twice float8, load float8);
"""


@dataclass(frozen=True)
class Plan:
    """A database of `planned` interactions, wherever on the way to them it is."""

    planned: int
    seed: int
    until: datetime

    @property
    def sizes(self) -> list[int]:
        """The sizes at which to measure: powers of ten, and the planned one."""
        sizes = []
        size = FIRST
        while size < self.planned:
            sizes.append(size)
            size *= 10
        return [*sizes, self.planned]

    def ids(self, first: int, number: int) -> list[UUID]:
        """The ids of the interactions numbered from `first` on, all within one year's share.

        They are UUIDv7; behind the clock stands the number, which makes them unique, and 32 bits
        that look like chance.
        """
        sizes = self.sizes
        year = next(n for n, size in enumerate(sizes) if first < size)
        begin = 0 if year == 0 else sizes[year - 1]
        start = (self.until - (len(sizes) - year) * YEAR - EPOCH) // _MILLISECOND
        spacing = YEAR / _MILLISECOND / (sizes[year] - begin)
        return [
            UUID(
                int=int(start + (n - begin) * spacing) << 80
                | 0x7 << 76
                | 0b10 << 62
                | n << 32
                | n * 2_654_435_761 % (1 << 32)
            )
            for n in range(first, first + number)
        ]


def plan_of(planned: int, seed: int) -> Plan:
    """The plan of this database, made now if it has none."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        cursor.execute("SELECT planned, seed, until FROM benchmark_plan")
        row = cursor.fetchone()
        if row is None:
            row = (planned, seed, datetime.now(UTC))
            cursor.execute("INSERT INTO benchmark_plan VALUES (%s, %s, %s)", row)
        return Plan(*row)


def missing(plan: Plan, until: int) -> list[int]:
    """The first numbers of the batches below `until` that are not stored yet."""
    firsts = {plan.ids(first, 1)[0]: first for first in range(0, until, BATCH)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM interaction WHERE id = ANY(%s)", [list(firsts)])
        there = {id for (id,) in cursor.fetchall()}
    return [first for id, first in firsts.items() if id not in there]


def parts(plan: Plan, firsts: Sequence[int]) -> list[list[int]]:
    """Batches in groups that end with a million or with a size of the plan."""
    ends = sorted({*plan.sizes, *range(MILLION, plan.planned + 1, MILLION)})
    groups: dict[int, list[int]] = {}
    for first in firsts:
        groups.setdefault(next(end for end in ends if first < end), []).append(first)
    return list(groups.values())


@dataclass(frozen=True)
class Load:
    """How one part came in: rows then, rows of it, wall clock, and processor seconds.

    `ours` is Python's, `theirs` PostgreSQL's; `bare` is the rate of a bare COPY just before, on
    one connection, and `bare_twice` on two at the same time.
    """

    rows_then: int
    n: int
    seconds: float
    ours: float
    theirs: float
    bare: float
    bare_twice: float
    load: float

    @property
    def rate(self) -> float:
        """Interactions per second."""
        return self.n / self.seconds

    def keep(self) -> None:
        """Remember it in the database."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO benchmark_load (rows_then, n, seconds, ours, theirs, bare,"
                " bare_twice, load) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                [self.rows_then, self.n, self.seconds, self.ours, self.theirs, self.bare,
                 self.bare_twice, self.load],
            )  # fmt: skip


def loads() -> list[Load]:
    """All that are remembered, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rows_then, n, seconds, ours, theirs, bare, bare_twice, load"
            " FROM benchmark_load ORDER BY rows_then, at"
        )
        return [Load(*row) for row in cursor.fetchall()]
