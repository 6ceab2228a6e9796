"""What `manage.py doctor` looks at, and what it makes of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

from adaptive_site.lib.concurrency.per_process import connections
from adaptive_site.lib.database import schema_check, statistics
from adaptive_site.lib.database.replicas.lag import bytes_behind
from adaptive_site.lib.database.statistics import TableStatistics
from adaptive_site.work.worker import APPLICATION
from interactions.services.retention.monthly_bodies import BODIES

MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE
# Lists and counts read their indexes alone, as long as vacuum has marked the pages.
INDEX_ONLY = ("interaction", "interaction_label", "feedback")
LONG_TRANSACTION = timedelta(minutes=5)
DRIFTS_SHOWN = 20  # things that differ; one wrong migration may make hundreds
REPLICA_BEHIND = 64 * MEGABYTE  # of the log, some seconds of a busy site
LOOK_AT = 10_000  # batches that wait; more are not counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, what there is, and what to do if it is wrong."""

    topic: str
    says: str
    advice: str = ""  # empty: all is well

    @property
    def is_ok(self) -> bool:
        """Whether nothing has to be done."""
        return not self.advice


@dataclass(frozen=True, slots=True)
class Report:
    """The tables of interactions, and all findings."""

    tables: list[TableStatistics]
    findings: list[Finding]

    @property
    def interactions(self) -> int:
        """About how many there are."""
        return next((table.rows for table in self.tables if table.name == "interaction"), 0)


def examine(data: Path) -> Report:
    """Look at everything; `data` is DATA_DIR. Takes well under a second at any size."""
    names = sorted(
        model._meta.db_table for model in apps.get_app_config("interactions").get_models()
    )
    tables = statistics.tables(names)
    findings = [*_schema()]
    if BODIES.is_half_split():
        findings.append(Finding("partition", "was interrupted", "run `manage.py partition` again"))
    for part in (
        _upkeep(tables),
        _work({table.name for table in tables}),
        _sessions(),
        _server(),
        _replica(),
        _disk(data),
    ):
        findings += part
    return Report(tables, findings)


def _schema() -> Iterator[Finding]:
    """Whether the migrations have run, and whether what they made is still so."""
    waiting, unknown = schema_check.migrations()
    says = [f"{', '.join(waiting)} not applied"] if waiting else []
    says += [f"{', '.join(unknown)} applied by another version of the site"] if unknown else []
    advice = ["run `manage.py migrate`"] if waiting else []
    advice += ["run the version that the database was last used with"] if unknown else []
    yield Finding("migrations", "; ".join(says) or "all applied", "; ".join(advice))
    wrong = schema_check.drifts()
    if not wrong:
        yield Finding("schema", "every column, index and constraint is as the models say")
        return
    told = [str(one) for one in wrong[:DRIFTS_SHOWN]]
    more = f"; and {len(wrong) - DRIFTS_SHOWN} more" if len(wrong) > DRIFTS_SHOWN else ""
    mend = "run `manage.py migrate`, which mends what it can"
    yield Finding("schema", f"{'; '.join(told)}{more}", f"{mend}; else {schema_check.ADVICE}")


def _upkeep(tables: list[TableStatistics]) -> Iterator[Finding]:
    """Dead rows, statistics and the pages that an index-only scan may trust."""
    dirty = [t for t in tables if t.dead > 50_000 + t.rows // 5]
    yield Finding(
        "dead rows",
        ", ".join(f"{t.name} {t.dead:,}" for t in dirty) or f"{sum(t.dead for t in tables):,}",
        "autovacuum does not keep up: see `long transactions` and `settings`, or VACUUM"
        if dirty
        else "",
    )
    blind = [t.name for t in tables if not t.has_statistics]
    yield Finding(
        "statistics",
        f"none of {', '.join(blind)}" if blind else "there",
        f"ANALYZE {', '.join(blind)}" if blind else "",
    )
    pages = [t for t in tables if t.name in INDEX_ONLY and t.pages > 1000]
    hidden = [t for t in pages if t.visible_pages < t.pages // 2 or t.unvacuumed > t.rows // 4]
    shares = [f"{t.name} {100 * t.visible_pages // t.pages} %" for t in pages]
    yield Finding(
        "vacuumed pages",
        ", ".join(shares) or "few",
        f"counts and lists read more than they need: VACUUM {', '.join(t.name for t in hidden)}"
        if hidden
        else "",
    )
    invalid = statistics.invalid_indexes()
    yield Finding(
        "indexes",
        f"unfinished: {', '.join(invalid)}" if invalid else "all valid",
        f"REINDEX INDEX CONCURRENTLY {invalid[0]}, or drop it" if invalid else "",
    )


def _work(there: set[str]) -> Iterator[Finding]:
    """Whether a worker runs, and what waits for it in the tables that are there."""
    texts = texts_waiting() if "arrival" in there else 0
    deltas = deltas_waiting() if {"label_delta", "feedback_delta"} <= there else 0
    workers = [one for one in statistics.sessions() if one.name == APPLICATION]
    stuck = [
        one
        for one in workers
        if one.state == "active" and (one.age or LONG_TRANSACTION) > LONG_TRANSACTION
    ]
    if workers:
        quiet = min(one.quiet.total_seconds() for one in workers if one.quiet is not None)
        says = f"{len(workers)} running, last heard of {quiet:.0f} s ago"
    else:
        says = "none is running"
    is_needed = not workers and (texts > 5000 or deltas > 1000)
    advice = "work is waiting: run `manage.py work`, or `serve` without ADAPTIVE_SITE_WORKER=off"
    yield Finding("worker", says, advice if is_needed else "")
    yield Finding(
        "text index",
        f"{_up_to(texts, LOOK_AT * 1000)} interactions wait",
        "searches read them one by one: is the worker slow or failing? see its log"
        if texts > 200_000
        else "",
    )
    yield Finding(
        "roll-ups",
        f"{_up_to(deltas, LOOK_AT)} batches wait",
        "every count adds them up: is the worker slow or failing? see its log"
        if deltas >= LOOK_AT
        else "",
    )
    if stuck:
        yield Finding(
            "worker at work",
            f"one statement for {stuck[0].age}",
            f"it may be stuck; pg_cancel_backend({stuck[0].process}) lets it try again",
        )


def texts_waiting() -> int:
    """How many interactions wait to be indexed; beyond `LOOK_AT` batches not counted further."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(cardinality(interaction_ids)), 0)"
            " FROM (SELECT interaction_ids FROM arrival LIMIT %s) a",
            [LOOK_AT],
        )
        return int(cursor.fetchone()[0])


def deltas_waiting() -> int:
    """How many batches of counts wait to be compacted, at most twice `LOOK_AT`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM (SELECT FROM label_delta LIMIT %s) l)"
            " + (SELECT count(*) FROM (SELECT FROM feedback_delta LIMIT %s) f)",
            [LOOK_AT, LOOK_AT],
        )
        return int(cursor.fetchone()[0])


def _up_to(n: int, most: int) -> str:
    return f"{n:,}{'+' if n >= most else ''}"


def _sessions() -> Iterator[Finding]:
    """Transactions that keep vacuum from clearing what was deleted since they began."""
    long = [s for s in statistics.sessions() if s.age is not None and s.age > LONG_TRANSACTION]
    held = [f"{s.name or 'a session'} (process {s.process}, {s.state}, {s.age})" for s in long]
    held += statistics.holders_of_the_past()
    yield Finding(
        "long transactions",
        "; ".join(held) or "none",
        "they keep dead rows from being cleared: end them" if held else "",
    )
    age = statistics.oldest_transaction_id()
    yield Finding(
        "transaction ids",
        f"{age:,} of 2 billion",
        "run VACUUM (FREEZE) soon, and see why autovacuum does not" if age > 10**9 else "",
    )


def _server() -> Iterator[Finding]:
    """Settings that hurt, and what this PostgreSQL was built without."""
    said = statistics.settings(
        *("autovacuum", "track_counts", "jit", "fsync", "full_page_writes", "synchronous_commit"),
        *("shared_buffers", "random_page_cost", "max_connections"),
    )
    faults = [
        f"{name} is {said[name]}: {why}"
        for name, good, why in (
            ("autovacuum", "on", "deleted rows are never cleared, and statistics grow old"),
            ("track_counts", "on", "autovacuum cannot know what to do"),
            ("jit", "off", "it costs short queries more than it saves"),
            ("fsync", "on", "a crash may destroy the database"),
            ("full_page_writes", "on", "a crash may destroy the database"),
            ("synchronous_commit", "on", "a crash may lose what was acknowledged"),
        )
        if said.get(name, good) != good
    ]
    buffers = statistics.in_bytes(said["shared_buffers"])
    if buffers < 128 * MEGABYTE and statistics.database_size() > GIGABYTE:
        faults.append(f"shared_buffers is {said['shared_buffers']}: give it a tenth of the memory")
    if float(said["random_page_cost"]) > 2:
        faults.append(f"random_page_cost is {said['random_page_cost']}: on an SSD 1.1 is right")
    if int(said["max_connections"]) < (most := connections(settings.WEB_PROCESSES)):
        faults.append(f"max_connections is {said['max_connections']}: a site uses up to {most}")
    yield Finding("settings", f"{len(said)} looked at", "; ".join(faults))
    # Not ours to change on a managed server, and everything works without: never a fault.
    is_slow = statistics.compression_of("interaction_body", "messages") == "pglz"
    yield Finding("compression", "pglz (lz4 would be quicker)" if is_slow else "lz4")


def _replica() -> Iterator[Finding]:
    """The standby that pages are read from, where there is one."""
    if not settings.REPLICA_DATABASE:
        return
    behind = bytes_behind()
    if isinstance(behind, str):
        yield Finding("replica", behind, "pages are read from the primary meanwhile: mend it")
        return
    is_far = behind > REPLICA_BEHIND
    yield Finding(
        "replica",
        f"{behind / MEGABYTE:,.1f} MB behind",
        "see why it falls behind: pages are read from the primary meanwhile" if is_far else "",
    )


def _disk(data: Path) -> Iterator[Finding]:
    """The disk of DATA_DIR; that of a PostgreSQL elsewhere cannot be seen from here."""
    there = next(path for path in (data, *data.parents) if path.exists())
    total, _, free = shutil.disk_usage(there)
    is_low = free < max(2 * GIGABYTE, total // 20)
    yield Finding(
        "disk of DATA_DIR",
        f"{free / GIGABYTE:,.1f} of {total / GIGABYTE:,.0f} GB free",
        "make room: writes fail when it is full" if is_low else "",
    )
