"""What the worker does with a generated project: roll-ups compacted, texts indexed; how quickly."""

import os
import subprocess
import sys
import time

from django.db import connection

from adaptive_site.environment import ROOT
from benchmarks.measuring import Server, address, database_seconds, row, table

_TABLE = """
CREATE TABLE IF NOT EXISTS benchmark_behind (
    at timestamptz DEFAULT now(), rows_then bigint, n int, seconds float8, ours float8,
    theirs float8, megabytes float8)
"""
WORKERS = 2


def catch_up(rows: int) -> None:
    """Let workers do all that is to be done, and remember how long they took."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute("SELECT coalesce(sum(cardinality(interaction_ids)), 0) FROM arrival")
        (n,) = cursor.fetchone() or (0,)
    theirs, began = database_seconds(), time.perf_counter()
    command = [sys.executable, "manage.py", "work", "--once"]
    environment = {**os.environ, "DATABASE_URL": address()}
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(WORKERS)]
    ours, seen, memory, database = 0.0, dict.fromkeys(workers, 0.0), 0.0, 0.0
    while any(worker.poll() is None for worker in workers):
        for worker in workers:
            if worker.poll() is None:
                # Read while it runs: afterwards nobody knows.
                seen[worker] = Server(worker, 0).seconds()
                memory = max(memory, Server(worker, 0).megabytes())
        database = max(database, database_seconds())
        time.sleep(0.5)
    seconds, ours = time.perf_counter() - began, sum(seen.values())
    if failed := [worker.returncode for worker in workers if worker.returncode]:
        raise SystemExit(f"manage.py work --once failed ({failed[0]})")
    if n:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO benchmark_behind (rows_then, n, seconds, ours, theirs, megabytes)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [rows, n, seconds, ours, max(database - theirs, 0), memory],
            )


def report() -> None:
    """Print what is remembered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rows_then, n, seconds, ours, theirs, megabytes"
            " FROM benchmark_behind ORDER BY at"
        )
        found = cursor.fetchall()
    table(
        "rows then", "of them new", "seconds", "rows a second", "processor µs a row: ours",
        "PostgreSQL's", "memory of a worker, MB",
    )  # fmt: skip
    for rows, n, seconds, ours, theirs, megabytes in found:
        cells = (seconds, n / seconds, ours / n * 1e6, theirs / n * 1e6, megabytes)
        row(f"{rows:,}", f"{n:,}", *[f"{cell:,.0f}" for cell in cells])
