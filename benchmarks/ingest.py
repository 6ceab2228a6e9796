"""`python -m benchmarks.ingest [FILE…]`: our import against a bare COPY of the same bytes.

Of FILEs, or of `--rows` made-up interactions of 2.5 KB. In a scratch database beside the
configured one, dropped at the end. Figures are medians of several runs taken in turn:

- bare COPY: (id, messages, completion) of the interactions, ready made, into one table without
  indexes, compressed as our bodies are: as text, and with the types of our table (uuid, jsonb);
- finished rows: COPY of the rows our import makes, ready made, into tables with all their
  indexes, on one connection and on two: what PostgreSQL alone needs for them;
- `manage.py ingest` with one process and with two: reading, checking and storing the files.

`--more N` then brings in N other files as large, one after another, and gives the rate of each:
whether it stays as it is while the tables grow.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from io import StringIO
from pathlib import Path

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (they need the settings)
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402

from adaptive_site.lib.database.bulk_insert import copy_line  # noqa: E402
from adaptive_site.lib.ids import uuid7  # noqa: E402
from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import bare  # noqa: E402
from benchmarks.ingest_lines import made_up  # noqa: E402
from benchmarks.measuring import row, scratch_database, table  # noqa: E402
from interactions.models import Interaction  # noqa: E402
from interactions.services.importing.jsonl import JsonLines  # noqa: E402
from interactions.services.recording import labels  # noqa: E402
from interactions.services.recording.drafts import parse_json  # noqa: E402
from projects.models import Project  # noqa: E402
from tests.make import NOON  # noqa: E402

TABLES = (
    "interaction", "interaction_body", "interaction_label", "feedback", "interaction_image",
    "label_delta", "feedback_delta", "arrival", "comparison",
)  # fmt: skip
FLOORS = {
    "bare COPY as text": "id text, messages text COMPRESSION {0}, completion text COMPRESSION {0}",
    "bare COPY, typed": "id uuid, messages jsonb COMPRESSION {0}, completion text COMPRESSION {0}",
}
LINES = 1000  # a COPY
ROWS = 50_000


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


def copy_bare(columns: str, chunks: list[bytes]) -> None:
    """Put `chunks` into a new table, in one transaction."""
    with connection.cursor() as cursor:
        columns = columns.format(bare.compression())
        cursor.execute(f"DROP TABLE IF EXISTS floor; CREATE TABLE floor ({columns})")
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for chunk in chunks:
                copy.write(chunk)


def finished_rows() -> dict[str, list[bytes]]:
    """What our import has put into each table, as COPY gives it; and empty twins of them."""
    found = {}
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS twin_{name} (LIKE {name} INCLUDING ALL)")
            with cursor.copy(f"COPY {name} TO STDOUT") as copy:
                found[name] = [bytes(part) for part in copy]
    return found


def copy_finished(rows: dict[str, list[bytes]], *, connections: int) -> float:
    """Put finished rows into the empty twins of their tables; returns seconds."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join([f'twin_{name}' for name in TABLES])}")
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(lambda n: _copy_part(rows, n, connections), range(connections)))
    return time.perf_counter() - began


def _copy_part(rows: dict[str, list[bytes]], part: int, parts: int) -> None:
    batches = max(1, len(rows["interaction"]) // LINES)
    try:
        with connection.cursor() as cursor:
            for batch in range(part, batches, parts):
                for name, data in rows.items():
                    begin, end = (len(data) * n // batches for n in (batch, batch + 1))
                    with cursor.copy(f"COPY twin_{name} FROM STDIN") as copy:
                        copy.write(b"".join(data[begin:end]))
    finally:
        connection.close()  # this thread's own


def ingest(files: list[str], *, processes: int) -> None:
    """Run the command into the project, which it makes when it is not there."""
    out = StringIO()
    call_command(
        "ingest", *files, project="bench", create_project=True, processes=processes,
        stdout=out, stderr=out,
    )  # fmt: skip


def empty() -> None:
    """Take everything away again."""
    call_command("flush", interactive=False, verbosity=0)
    labels.forget()


def timed(work: Callable[[], None]) -> float:
    """Seconds of wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(files: list[str], *, runs: int) -> None:
    """Print a table of all figures."""
    chunks = bare_chunks(files)
    took: dict[str, list[float]] = {}
    for _ in range(runs):
        for name, columns in FLOORS.items():
            took.setdefault(name, []).append(timed(partial(copy_bare, columns, chunks)))
        for processes in (1, 2):
            seconds = timed(partial(ingest, files, processes=processes))
            took.setdefault(f"ingest, processes: {processes}", []).append(seconds)
            n = Interaction.objects.in_project(Project.objects.get()).count()
            rows = finished_rows() if processes == 2 else {}
            empty()
        for connections in (1, 2):
            seconds = copy_finished(rows, connections=connections)
            took.setdefault(f"finished rows, connections: {connections}", []).append(seconds)
    megabytes = sum(map(len, chunks)) / 1e6
    print(f"{n:,} interactions, {megabytes:.0f} MB, {bare.compression()}; {os.cpu_count()} cores\n")
    as_text, typed = (statistics.median(took[name]) for name in FLOORS)
    table("", "seconds", "rows/s", "of COPY as text", "of COPY, typed")
    for name, found in took.items():
        seconds = statistics.median(found)
        ratios = (f"{as_text / seconds:.2f}", f"{typed / seconds:.2f}")
        row(name, f"{seconds:.2f}", f"{n / seconds:,.0f}", *ratios)


def grow(directory: str, rows: int, times: int) -> None:
    """Print the rate of one file after another."""
    print()
    table("rows before", "rows/s, processes: 2")
    for n in range(times):
        file = made_up(Path(directory) / "more.jsonl", rows, first=n * rows)
        seconds = timed(partial(ingest, [str(file)], processes=2))
        row(f"{n * rows:,}", f"{rows / seconds:,.0f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--rows", type=int, default=ROWS, help="made up, without files")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--more", type=int, default=0, metavar="N")
    options = parser.parse_args()
    with (
        database_for_command(["manage.py", "ingest"]),
        scratch_database(),
        scratch_storage(),
        tempfile.TemporaryDirectory() as directory,
    ):
        made = [] if options.files else [str(made_up(Path(directory) / "made.jsonl", options.rows))]
        if options.runs:
            measure(options.files or made, runs=options.runs)
        if options.more:
            grow(directory, options.rows, options.more)


if __name__ == "__main__":
    main()
