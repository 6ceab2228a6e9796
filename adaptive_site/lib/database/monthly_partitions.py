"""A table in parts by month, where its key is a UUIDv7: a month goes by dropping its part.

The parts are PostgreSQL's range partitions of the key. What the table held before is the first
part, as it is; months ahead are made before they begin; `…_default` takes what fits in none.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from adaptive_site.lib.ids import first_id_at

MONTHS_AHEAD = 3  # months
_PATIENCE = "5s"  # for a lock, while which nobody else gets one
_BOUNDS = re.compile(r"FROM \((?:'([0-9a-f-]+)'|MINVALUE)\) TO \('([0-9a-f-]+)'\)")
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that holds the ids from `start` on, before `end`."""

    name: str
    start: UUID
    end: UUID

    def holds(self, id: UUID) -> bool:
        """Whether a row with this id is in it."""
        return self.start <= id < self.end


@dataclass(frozen=True, slots=True)
class Parted:
    """A table that is or may be in parts; `options` are the storage options of each part."""

    table: str
    key: str
    options: str

    def is_parted(self) -> bool:
        """Whether it is in parts already."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)", [self.table]
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def parts(self) -> list[Part]:
        """The parts, oldest first, without the default one."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
                " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)",
                [self.table],
            )
            rows = cursor.fetchall()
        found = []
        for name, said in rows:
            if bounds := _BOUNDS.search(said):
                found.append(Part(name, UUID(bounds[1]) if bounds[1] else _FIRST, UUID(bounds[2])))
        return sorted(found, key=lambda part: part.end)

    @property
    def _until(self) -> str:
        return f"{self.table}_until"

    def is_half_split(self) -> bool:
        """Whether `split` was killed: the table then refuses ids of the months to come."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_constraint WHERE conname = %s", [self._until])
            return cursor.fetchone() is not None

    def split(self, *, now: datetime | None = None) -> None:
        """Make the table one in parts; what it holds becomes the first, without being rewritten.

        Others may write while the rows are checked against the first part's end, which reads the
        table once; the change itself takes milliseconds. May be tried again after a failure.
        """
        now = now or datetime.now(UTC)
        end = next_month(now + timedelta(days=2))  # not one that begins meanwhile
        limit = first_id_at(end)
        drop = f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {self._until}"
        with _locking() as cursor:
            cursor.execute(drop)
            cursor.execute(
                f"ALTER TABLE {self.table} ADD CONSTRAINT {self._until}"
                f" CHECK ({self.key} < '{limit}') NOT VALID"
            )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {self.table} VALIDATE CONSTRAINT {self._until}")
            with _locking() as cursor:
                self._change(cursor, f"{self.table}_before_{end:y%Ym%m}", limit)
        except BaseException:
            with _locking() as cursor:
                cursor.execute(drop)
            raise
        self.make_ahead(now=now)

    def _change(self, cursor: CursorWrapper, old: str, limit: UUID) -> None:
        table = self.table
        for statement in (
            f"ALTER TABLE {table} RENAME TO {old}",
            f"ALTER INDEX {table}_pkey RENAME TO {old}_pkey",
            f"CREATE TABLE {table} (LIKE {old} INCLUDING DEFAULTS INCLUDING STORAGE"
            f" INCLUDING COMPRESSION) PARTITION BY RANGE ({self.key})",
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({self.key})",
            f"ALTER TABLE {table} ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ('{limit}')",
            f"ALTER TABLE {old} DROP CONSTRAINT {self._until}",
            f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT WITH ({self.options})",
        ):
            cursor.execute(statement)

    def make_ahead(self, *, now: datetime | None = None) -> int:
        """Make the parts of the coming months that are not there yet; returns how many."""
        start, made = next_month(now or datetime.now(UTC)), 0
        there = self.parts()
        for _ in range(MONTHS_AHEAD):
            end = next_month(start)
            ids = first_id_at(start), first_id_at(end)
            if not any(part.holds(ids[0]) for part in there):
                with _locking() as cursor:
                    cursor.execute(
                        f"CREATE TABLE {self.table}_{start:y%Ym%m} PARTITION OF {self.table}"
                        f" FOR VALUES FROM ('{ids[0]}') TO ('{ids[1]}') WITH ({self.options})"
                    )
                made += 1
            start = end
        return made

    def drop(self, part: Part, *, unless: str) -> bool:
        """Drop a part unless the query `unless` finds a row, which is asked under the lock.

        So a writer who is about to write there has finished before it is asked, and one who
        comes later finds the part gone.
        """
        with _locking() as cursor:
            cursor.execute(f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(f"SELECT EXISTS ({unless})", [part.end])
            if cursor.fetchone()[0]:
                return False
            cursor.execute(f"DROP TABLE {part.name}")
        return True


def next_month(at: datetime) -> datetime:
    """When the next month begins, in UTC."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


@contextmanager
def _locking() -> Iterator[CursorWrapper]:
    """A transaction that gives up rather than have everybody wait behind it for long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
        yield cursor
