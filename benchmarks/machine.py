"""What figures were measured on: the machine, PostgreSQL, and the room each table takes."""

import os
import platform
import shutil
from pathlib import Path

from django.db import connection

from adaptive_site.environment import ROOT
from adaptive_site.lib.database.statistics import compression_of
from benchmarks import growth
from benchmarks.measuring import row, table

SETTINGS = (
    "shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "max_wal_size",
    "checkpoint_timeout", "synchronous_commit", "fsync", "full_page_writes", "wal_compression",
    "default_toast_compression", "random_page_cost", "jit",
)  # fmt: skip
SMALL = 1  # bytes an interaction, below which a table is not listed


def facts() -> None:
    """Print the machine and the server."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    disk = shutil.disk_usage(ROOT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        (version,) = cursor.fetchone() or ("",)
        cursor.execute(
            "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS s(name)", [[*SETTINGS]]
        )
        settings = ", ".join(f"{name} {value}" for name, value in cursor.fetchall())
    print(
        f"- {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory,"
        f" {disk.total / 1e9:.0f} GB of disk with {disk.free / 1e9:.0f} GB free;"
        f" load {os.getloadavg()[0]:.1f} now"
    )
    print(f"- {platform.system()} {platform.release()}, Python {platform.python_version()}")
    print(f"- {version.split(' on ')[0]}: {settings}")


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def loads() -> None:
    """Print how quickly the rows came in, against a bare COPY of their texts."""
    table(
        "rows then", "rows a second", "bare COPY", "two of them", "of the one", "of the two",
        "processor µs a row: ours", "PostgreSQL's", "load",
    )  # fmt: skip
    for load in growth.loads():
        row(
            f"{load.rows_then:,}",
            *(f"{load.rate:,.0f}", f"{load.bare:,.0f}", f"{load.bare_twice:,.0f}"),
            *(f"{load.rate / load.bare:.2f}", f"{load.rate / load.bare_twice:.2f}"),
            *(f"{load.ours / load.n * 1e6:.0f}", f"{load.theirs / load.n * 1e6:.0f}"),
            f"{load.load:.1f}",
        )


def disk(rows: int) -> None:
    """Print the room that each table and index takes, in bytes an interaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.relname, '', pg_relation_size(t.oid) + coalesce(pg_total_relation_size("
            "  nullif(t.reltoastrelid, 0)), 0), t.reltuples FROM pg_class t"
            " WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT t.relname, i.relname, pg_relation_size(i.oid), i.reltuples"
            " FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i"
            " ON i.oid = x.indexrelid WHERE t.relkind = 'r'"
            " AND t.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        found = cursor.fetchall()
        cursor.execute(
            "SELECT avg(octet_length(messages::text) + octet_length(completion)),"
            " avg(pg_column_size(messages) + pg_column_size(completion))"
            " FROM interaction_body TABLESAMPLE SYSTEM (%s)",
            [min(100.0, 2_000_000 / rows)],
        )
        text, compressed = (float(value or 0) for value in cursor.fetchone() or (0, 0))
    table("table", "index", "bytes an interaction", "entries an interaction")
    for name, index, size, entries in found:
        if size / rows >= SMALL:
            row(name, index, f"{size / rows:,.0f}", f"{max(entries, 0) / rows:.2f}")
    how = compression_of("interaction_body", "messages")
    total = sum(size for _, _, size, _ in found) / rows
    row("**all**", "", f"**{total:,.0f}**", "")
    print(
        f"\nIts text takes {text:,.0f} bytes, {compressed:,.0f} as it is stored ({how}): all of it"
        f" is {total / compressed:.2f} × its stored text, {total / text:.2f} × its text."
    )
