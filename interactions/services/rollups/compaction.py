"""Compaction: what writers appended to the roll-ups is added to their counts.

A pass takes the oldest deltas of a project, in one snapshot and one transaction, so that a reader
who adds what is not compacted yet finds the same sums before, during and after.
"""

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import SerializationFailure

from adaptive_site.lib.ids import EPOCH
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project

# Interactions with a label, from where on its days and hours are kept. Before it is raised, the
# rows of grain d and h of all labels but 0 have to go: those below half of it change no more.
BIG_LABEL = 20_000
HOURS_KEPT = timedelta(days=35)  # of labels; the hours of all interactions are few, and stay
DELTAS_AT_ONCE = 20_000  # deltas in one pass
CELLS_AT_ONCE = 3_000_000  # labels in them: some 2 s
MOST_TRIES = 5
COMPACTION_LOCK = 0x0F01D  # with a project's id, the advisory lock of its compaction

# In the order of their ids nothing is compacted before what it takes back, so what is compacted is
# always the count of interactions that were once there together. Unnesting in the list of columns
# costs 0.1 µs a label, as a joined function 0.3.
_CELLS = """(
    SELECT unnest(label_ids) AS label_id, unnest(counts) AS n, start FROM label_delta
    WHERE project_id = %(project)s AND id {which}
) AS cells"""
_COMPACTED, _LEFT = (_CELLS.format(which=f"{sign} %(last)s") for sign in ("<=", ">"))
# Of every label; Python has to look at the large.
_TOTALS = f"""
    WITH added AS MATERIALIZED (
        SELECT label_id, sum(n)::int AS n FROM {_COMPACTED} GROUP BY label_id ORDER BY label_id
    ), saved AS (
        UPDATE label SET total = total + added.n FROM added
        WHERE label.id = added.label_id AND label.project_id = %(project)s
        RETURNING label.id, added.n, label.total
    )
    SELECT id, total - n, total FROM saved WHERE greatest(total, total - n) >= %(small)s
"""
_WITH_DAYS = """
    SELECT l.id FROM unnest(%(labels)s::int[]) AS l(id) WHERE EXISTS (
        SELECT FROM label_count c
        WHERE c.project_id = %(project)s AND c.label_id = l.id AND c.grain = 'd'
    )
"""
_HOURS_COMPACTED = f"""
    SELECT label_id, start, sum(n)::int AS n FROM {_COMPACTED} WHERE label_id = ANY(%(labels)s)
    GROUP BY label_id, start
"""
# Postings hold what is compacted and what is left. An id's first 48 bits are its milliseconds.
_HOURS_COUNTED = f"""
    SELECT label_id, to_timestamp(hour * 3600) AS start, sum(n)::int AS n FROM (
        SELECT p.label_id, count(*) AS n, (
            'x' || left(replace(p.interaction_id::text, '-', ''), 12)
        )::bit(48)::bigint / 3600000 AS hour
        FROM interaction_label p
        WHERE p.project_id = %(project)s AND p.label_id = ANY(%(labels)s) GROUP BY 1, 3
        UNION ALL
        SELECT label_id, -n, extract(epoch FROM start)::bigint / 3600
        FROM {_LEFT} WHERE label_id = ANY(%(labels)s)
    ) AS counted GROUP BY label_id, hour
"""
# Adds `hours`, and what they are together; says which rows say 0 now.
_ADD = """
    WITH hours AS MATERIALIZED ({hours}), spans AS (
        SELECT label_id, 'h' AS grain, start, n FROM hours
        WHERE n <> 0 AND (label_id = 0 OR start >= %(oldest)s)
        UNION ALL
        SELECT label_id, 'd', date_trunc('day', start, 'UTC') AS day, sum(n)::int FROM hours
        GROUP BY label_id, day HAVING sum(n) <> 0
        UNION ALL
        SELECT label_id, 't', %(epoch)s, sum(n)::int FROM hours WHERE label_id = 0
        GROUP BY label_id HAVING sum(n) <> 0
    ), saved AS (
        INSERT INTO label_count (project_id, label_id, grain, start, n)
        SELECT %(project)s, * FROM spans ORDER BY label_id, grain, start
        ON CONFLICT (project_id, label_id, grain, start)
        DO UPDATE SET n = label_count.n + excluded.n
        RETURNING id, n
    )
    SELECT id FROM saved WHERE n = 0
"""
_FEEDBACK = """
    INSERT INTO feedback_count AS c (project_id, metric_id, day, n, total, squares)
    SELECT d.project_id, d.metric_id, d.day, sum(d.n), sum(d.total), sum(d.squares)
    FROM feedback_delta d JOIN projects_metric m ON m.id = d.metric_id
    WHERE d.project_id = %(project)s AND d.id <= %(last)s
    GROUP BY d.project_id, d.metric_id, d.day
    ON CONFLICT (project_id, metric_id, day) DO UPDATE
    SET n = c.n + excluded.n, total = c.total + excluded.total,
        squares = c.squares + excluded.squares
    RETURNING id, n
"""


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many deltas a pass compacted, and whether it left none."""

    n: int
    is_all: bool


def compact(project: Project) -> int:
    """Compact all deltas of a project that are there now; returns how many.

    Stops where another process is compacting the same project.
    """
    n = 0
    while True:
        done = compact_once(project)
        n += done.n
        if done.is_all:
            return n


def compact_once(
    project: Project, *, big: int = BIG_LABEL, at_once: int = DELTAS_AT_ONCE
) -> Compacted:
    """One transaction of compaction; tried again where another one came between."""
    for more in reversed(range(MOST_TRIES)):
        try:
            with _snapshot() as cursor:
                cursor.execute(
                    "SELECT pg_try_advisory_xact_lock(%s, %s)", [COMPACTION_LOCK, project.id]
                )
                if not cursor.fetchone()[0]:
                    return Compacted(0, is_all=True)
                return _Compaction(cursor, project.id, big).run(at_once)
        except OperationalError as error:
            if not isinstance(error.__cause__, SerializationFailure) or not more:
                raise
    raise AssertionError("the last try returns or raises")


@contextmanager
def _snapshot() -> Iterator[CursorWrapper]:
    """A transaction of its own in which every statement sees the same rows."""
    is_outermost = not connection.in_atomic_block  # else in a test's, where nobody else writes
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL work_mem = '64MB'")  # 3 M cells of 150,000 labels stay in memory
        yield cursor


class _Compaction:
    """One pass over one project."""

    def __init__(self, cursor: CursorWrapper, project_id: int, big: int) -> None:
        # A day more than readers ask for, whatever the clocks say.
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._cursor = cursor
        self._big = big
        self._small = big // 2  # a label that shrinks to less is big no more
        self._known: dict[str, Any] = {
            "project": project_id,
            "epoch": EPOCH,
            "small": self._small,
            "oldest": today - HOURS_KEPT - timedelta(days=1),
        }

    def run(self, at_once: int) -> Compacted:
        """Compact the oldest deltas: at most `at_once` of labels, and as many of feedback."""
        labels = self._compact("label_delta", "cardinality(label_ids)", at_once, self._labels)
        feedback = self._compact("feedback_delta", "1", at_once, self._feedback)
        return Compacted(labels.n + feedback.n, labels.is_all and feedback.is_all)

    def _compact(
        self, table: str, cells: str, at_once: int, compact: Callable[[], None]
    ) -> Compacted:
        ((last, newest, n),) = self._fetch(
            "SELECT max(id) FILTER (WHERE before < %(cells)s), max(id), count(*) FROM ("
            f" SELECT id, sum({cells}) OVER (ORDER BY id) - {cells} AS before FROM {table}"
            " WHERE project_id = %(project)s ORDER BY id LIMIT %(most)s) AS oldest",
            cells=CELLS_AT_ONCE,
            most=at_once,
        )
        if last is None:
            return Compacted(0, is_all=True)
        self._known["last"] = last
        compact()
        compacted = self._delete(table, "id <= %(last)s")
        return Compacted(compacted, is_all=last == newest and n < at_once)

    def _labels(self) -> None:
        """Totals of all labels; days and hours of the big."""
        totals = {label: (before, after) for label, before, after in self._fetch(_TOTALS)}
        with_days = {id for (id,) in self._fetch(_WITH_DAYS, labels=list(totals))} | {
            ALL_INTERACTIONS
        }
        grown = {label for label, (_, after) in totals.items() if after >= self._big} - with_days
        # Of a label that nothing was compacted of before, all is in these deltas.
        new = {label for label in grown if totals[label][0] == 0}
        shrunk = {
            label for label in with_days - {ALL_INTERACTIONS} if totals[label][1] < self._small
        }
        self._forget(shrunk)
        self._add(_HOURS_COMPACTED, with_days - shrunk | new)
        self._add(_HOURS_COUNTED, grown - new)

    def _add(self, hours: str, labels: Set[int]) -> None:
        """Add `hours`, and what they are together, to the labels' hours and days."""
        if labels:
            empty = self._fetch(_ADD.format(hours=hours), labels=sorted(labels))
            self._delete("label_count", "id = ANY(%(ids)s)", ids=[id for (id,) in empty])
            self._delete(
                "label_count",
                "label_id = ANY(%(labels)s) AND label_id <> 0 AND grain = 'h'"
                " AND start < %(oldest)s",
                labels=sorted(labels),
            )

    def _forget(self, labels: Set[int]) -> None:
        """Delete the days and hours of labels that are big no more."""
        if labels:
            self._delete(
                "label_count",
                "label_id = ANY(%(labels)s) AND grain IN ('d', 'h')",
                labels=sorted(labels),
            )

    def _feedback(self) -> None:
        empty = [id for id, n in self._fetch(_FEEDBACK) if n == 0]
        self._delete("feedback_count", "id = ANY(%(ids)s)", ids=empty)

    def _fetch(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql, self._known | more)
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def _delete(self, table: str, which: str, **more: Any) -> int:
        delete = f"DELETE FROM {table} WHERE project_id = %(project)s AND {which}"
        self._cursor.execute(delete, self._known | more)
        return int(self._cursor.rowcount)
