"""`python -m benchmarks.ingest FILE…`: our import against a bare COPY of the same bytes.

In a scratch database beside the configured one, dropped at the end. Three figures, each the
median of several runs taken in turn:

- bare COPY: (id, messages, completion) of the interactions, ready made, as text into one table
  without indexes, lz4;
- finished rows: COPY of the rows our import makes, ready made, into tables with all their
  indexes: what PostgreSQL alone needs for them on one connection;
- `manage.py ingest`: reading, checking and storing the files.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (they need the settings)
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402

from adaptive_site.database import database_for_command  # noqa: E402
from adaptive_site.lib.ids import uuid7  # noqa: E402
from adaptive_site.lib.pgcopy import copy_line  # noqa: E402
from interactions.services import labels  # noqa: E402
from interactions.services.incoming import parse_json  # noqa: E402
from interactions.services.jsonl import JsonLines  # noqa: E402
from tests.make import NOON  # noqa: E402

TABLES = (
    "interaction", "interaction_body", "interaction_label", "feedback", "interaction_image",
    "label_count", "comparison",
)  # fmt: skip
LINES = 1000  # a COPY


@contextmanager
def scratch_database() -> Iterator[None]:
    """Use a database of our own, and drop it."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def scratch_storage() -> Iterator[None]:
    """Keep images in a directory of our own, and remove it."""
    with tempfile.TemporaryDirectory() as directory:
        backend = "django.core.files.storage.FileSystemStorage"
        storage = {"BACKEND": backend, "OPTIONS": {"location": directory}}
        with override_settings(STORAGES={"default": storage, "staticfiles": storage}):
            yield


def bare_chunks(files: list[str]) -> list[bytes]:
    """COPY's text for every interaction of `files`, a thousand lines each."""
    lines = []
    for name in files:
        with JsonLines(name) as file:
            for _, raw in file:
                line, _ = parse_json(raw)
                if "completion" in line:
                    messages = orjson.dumps(line["messages"]).decode()
                    lines.append(copy_line((uuid7(NOON).hex, messages, line["completion"])))
    return ["".join(lines[n : n + LINES]).encode() for n in range(0, len(lines), LINES)]


def copy_bare(chunks: list[bytes]) -> None:
    """Put `chunks` into a new table, in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor")
        cursor.execute(
            "CREATE TABLE floor (id text, messages text COMPRESSION lz4,"
            " completion text COMPRESSION lz4)"
        )
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for chunk in chunks:
                copy.write(chunk)


def finished_rows() -> dict[str, bytes]:
    """What our import has put into each table, as COPY gives it; and empty twins of them."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS twin_{table} (LIKE {table} INCLUDING ALL)")
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                found[table] = b"".join(bytes(part) for part in copy)
    return found


def copy_finished(rows: dict[str, bytes]) -> None:
    """Put finished rows into the empty twins of their tables."""
    with connection.cursor() as cursor:
        for table, data in rows.items():
            cursor.execute(f"TRUNCATE twin_{table}")
            with cursor.copy(f"COPY twin_{table} FROM STDIN") as copy:
                copy.write(data)


def ingest(files: list[str]) -> None:
    """Run the command into a new project."""
    call_command(
        "ingest", *files, project="bench", create_project=True, stdout=StringIO(), stderr=StringIO()
    )


def timed(work: Callable[[], None]) -> float:
    """Seconds of wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    bare: list[float] = []
    finished: list[float] = []
    ours: list[float] = []
    with database_for_command(["manage.py", "ingest"]), scratch_database(), scratch_storage():
        chunks = bare_chunks(options.files)
        for run in range(options.runs):
            bare.append(timed(partial(copy_bare, chunks)))
            ours.append(timed(partial(ingest, options.files)))
            rows = finished_rows()
            finished.append(timed(partial(copy_finished, rows)))
            n = rows["interaction"].count(b"\n")
            call_command("flush", interactive=False, verbosity=0)
            labels.forget()
            print(f"run {run + 1}: {bare[-1]:.2f} {finished[-1]:.2f} {ours[-1]:.2f} s")
    floor = statistics.median(bare)
    print(f"{n:,} interactions, {sum(map(len, chunks)) / 1e6:.0f} MB; {os.cpu_count()} cores")
    for name, runs in (("bare COPY", bare), ("finished rows", finished), ("ingest", ours)):
        took = statistics.median(runs)
        print(f"{name:14} {took:6.2f} s  {n / took:8,.0f} rows/s  ratio {floor / took:.2f}")


if __name__ == "__main__":
    main()
