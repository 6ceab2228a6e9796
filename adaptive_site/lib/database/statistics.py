"""How PostgreSQL stands: what its tables weigh, what it has not tidied, how it is set.

All of it is read from the catalogue and the statistics, in milliseconds whatever the size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

# A partitioned table counts as all its partitions; for another one there is no tree.
_PARTS = """
    WITH wanted AS (
        SELECT name, to_regclass(name) AS relid FROM unnest(%s::text[]) AS given(name)
    ), parts AS (
        SELECT * FROM wanted WHERE relid IS NOT NULL
        UNION SELECT name, t.relid FROM wanted, pg_partition_tree(wanted.relid) t
    )
"""
_TABLES = f"""
    {_PARTS}
    SELECT p.name,
        sum(CASE WHEN s.n_live_tup > 0 THEN s.n_live_tup ELSE greatest(c.reltuples, 0) END)::bigint,
        sum(pg_relation_size(c.oid)),
        sum(coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)),
        sum(coalesce(s.n_dead_tup, 0)),
        sum(coalesce(s.n_ins_since_vacuum, 0)),
        sum(greatest(c.relpages, 0)),
        sum(c.relallvisible),
        max(greatest(s.last_vacuum, s.last_autovacuum)),
        max(greatest(s.last_analyze, s.last_autoanalyze)),
        bool_and(c.relkind = 'p' OR s.n_live_tup < 10000
            OR EXISTS (SELECT FROM pg_statistic a WHERE a.starelid = c.oid))
    FROM parts p JOIN pg_class c ON c.oid = p.relid LEFT JOIN pg_stat_user_tables s USING (relid)
    GROUP BY p.name
"""
_INDEXES = f"""
    {_PARTS}
    SELECT p.name, regexp_replace(c.relname, '(_before)?_y\\d{{4}}m\\d{{2}}|_default', ''),
        sum(pg_relation_size(c.oid))
    FROM parts p JOIN pg_index i ON i.indrelid = p.relid JOIN pg_class c ON c.oid = i.indexrelid
    GROUP BY 1, 2 ORDER BY 1, 3 DESC
"""


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """One table; sizes in bytes, `rows` as PostgreSQL estimates them."""

    name: str
    rows: int
    heap: int
    toast: int
    dead: int
    unvacuumed: int
    pages: int
    visible_pages: int
    vacuumed_at: datetime | None
    analysed_at: datetime | None
    has_statistics: bool
    indexes: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """All of it."""
        return self.heap + self.toast + sum(self.indexes.values())


@dataclass(frozen=True, slots=True)
class DatabaseSession:
    """A connection of somebody's; `age` is that of its transaction, if it is in one."""

    process: int
    name: str
    state: str
    age: timedelta | None
    quiet: timedelta | None


@dataclass(frozen=True, slots=True)
class RunningStatement:
    """A statement that somebody's connection is at; of other users' ones the text is hidden."""

    process: int
    name: str
    seconds: float
    waits_for: str
    text: str


def running(*, longer_than: timedelta, most: int = 20) -> list[RunningStatement]:
    """What runs in this database for longer than that, the longest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, application_name, extract(epoch FROM now() - query_start)::float,"
            " coalesce(wait_event, ''), left(regexp_replace(query, '\\s+', ' ', 'g'), 300)"
            " FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND query_start < now() - %s * interval '1 second' ORDER BY query_start LIMIT %s",
            [longer_than.total_seconds(), most],
        )
        return [RunningStatement(*row) for row in cursor.fetchall()]


def tables(names: Sequence[str]) -> list[TableStatistics]:
    """Those of `names` that are there, in that order."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [list(names)])
        indexes: dict[str, dict[str, int]] = {}
        for table, index, size in cursor.fetchall():
            indexes.setdefault(table, {})[index] = int(size)
        cursor.execute(_TABLES, [list(names)])
        found = {}
        for name, *numbers, vacuumed, analysed, is_known in cursor.fetchall():
            rows, heap, toast, dead, unvacuumed, pages, visible = map(int, numbers)
            found[name] = TableStatistics(
                name, rows, heap, toast, dead, unvacuumed, pages, visible,
                vacuumed, analysed, is_known, indexes.get(name, {}),
            )  # fmt: skip
    return [found[name] for name in names if name in found]


def settings(*names: str) -> dict[str, str]:
    """The server's settings, as SHOW says them; without those that it does not know."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)",
            [list(names)],
        )
        return dict(cursor.fetchall())


def in_bytes(setting: str) -> int:
    """What a setting such as `256MB` comes to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_size_bytes(%s)", [setting])
        return int(cursor.fetchone()[0])


def database_size() -> int:
    """Bytes of the whole database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def invalid_indexes() -> list[str]:
    """Indexes that a CREATE INDEX CONCURRENTLY has left unfinished, and is not at work on now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid AND NOT EXISTS"
            " (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = indrelid)"
        )
        return [name for (name,) in cursor.fetchall()]


def compression_of(table: str, column: str) -> str:
    """`lz4` or `pglz`: how new values of a column are compressed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE attcompression WHEN 'l' THEN 'lz4' WHEN 'p' THEN 'pglz'"
            "  ELSE current_setting('default_toast_compression') END"
            " FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s",
            [table, column],
        )
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def oldest_transaction_id() -> int:
    """How many transactions ago the oldest that is not frozen was; at 2 billion all stops."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(age(datfrozenxid)) FROM pg_database WHERE datallowconn")
        return int(cursor.fetchone()[0])


def sessions() -> list[DatabaseSession]:
    """Connections to this database but our own; of others' users only that they are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # it is kept for a whole transaction
        cursor.execute(
            "SELECT pid, application_name, coalesce(state, ''), now() - xact_start,"
            "  now() - state_change FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() ORDER BY xact_start NULLS LAST"
        )
        return [DatabaseSession(*row) for row in cursor.fetchall()]


def holders_of_the_past() -> list[str]:
    """What besides sessions keeps vacuum from clearing: forgotten transactions and slots."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'the prepared transaction ' || gid FROM pg_prepared_xacts"
            " WHERE prepared < now() - interval '5 minutes'"
            " UNION ALL SELECT 'the replication slot ' || slot_name FROM pg_replication_slots"
            " WHERE NOT active AND (xmin IS NOT NULL OR catalog_xmin IS NOT NULL)"
        )
        return [said for (said,) in cursor.fetchall()]
