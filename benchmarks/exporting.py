"""`python -m benchmarks.exporting PROJECT`: training files of all interactions, beside a COPY.

Two floors, in the same run: PostgreSQL's `COPY … TO STDOUT` of what is read for the file, from the
tables where it lies, and of the very lines of the file, from a table of one column. The memory is
the highest of this process so far.
"""

import argparse
import os
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  (they need the settings)

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from interactions.models import Dataset, Selection  # noqa: E402
from interactions.services.export.choices import FileChoices  # noqa: E402
from interactions.services.export.containers.packing import pack  # noqa: E402
from interactions.services.export.making import LineMaker, Tally  # noqa: E402
from interactions.services.export.record_source import SelectionSource  # noqa: E402
from projects.models import Project  # noqa: E402

FORMATS = ("trl-sft", "chat", "sharegpt", "own", "csv")
RUNS = 3
READ = """SELECT i.id, i.session_id, i.created_at, i.llm_id, i.label_ids, b.messages, b.completion,
b.completion_parts, b.parameters -> 'tools', b.user_metadata
FROM interaction_body b JOIN interaction i ON i.id = b.interaction_id"""
MB = 1e6


def source_of(project: Project) -> SelectionSource:
    """All interactions of a project, of which nothing is written down."""
    now = datetime.now(UTC)
    everything = Selection(project=project, query="", created_at=now, excludes=[], includes=[])
    return SelectionSource(everything, Dataset.Kind.FEEDBACK)


def peak_mb() -> float:
    """The highest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def written(source: SelectionSource, format: str, spool: str) -> tuple[float, float, Tally, int]:
    """Seconds until the lines were written, and until the file was packed; tally and bytes."""
    container = "csv" if format == "csv" else "jsonl"
    choices = FileChoices.of({"format": format, "container": container}, kind=source.kind)
    maker, tally = LineMaker(source, choices, lambda image: image.path), Tally()
    began = time.perf_counter()
    with open(spool, "wb") as file:
        for _, some in maker.lines(tally):
            file.write(some)
    lines_in = time.perf_counter() - began

    def opened() -> Iterator[IO[bytes]]:
        with open(spool, "rb") as raw:
            yield raw

    size = sum(len(chunk) for chunk in pack(maker, tally, {"": opened}))
    return lines_in, time.perf_counter() - began, tally, size


def copied(query: str) -> float:
    """Seconds that PostgreSQL takes to hand out what a query finds."""
    began = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        for _ in copy:
            pass
    return time.perf_counter() - began


def floors(project: Project, spool: str) -> tuple[float, float]:
    """Seconds that COPY takes for what is read, and for the lines of the file."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE exported_line (line text) ON COMMIT DROP")
        with cursor.copy("COPY exported_line FROM STDIN") as copy, open(spool, "rb") as file:
            for line in file:
                copy.write_row([line.decode().rstrip("\n")])
        return copied(f"{READ} WHERE b.project_id = {project.id}"), copied(
            "SELECT line FROM exported_line"
        )


def measure(project: Project, runs_each: int) -> None:
    """Each format in turn, with the floor of the same lines after each."""
    source = source_of(project)
    began = time.perf_counter()
    count = source.count()
    print(f"{count:,} records found in {time.perf_counter() - began:.1f} s\n")
    print(
        "| format | written | MB | records/s | MB/s | lines alone | COPY of what is read | ratio"
        " | COPY of the lines | ratio | peak MB |"
    )
    print(f"|{' --- |' * 11}")
    spool = f"/tmp/exporting-{os.getpid()}"
    try:
        for format in FORMATS:
            runs = []
            for _ in range(runs_each):
                lines_in, seconds, tally, size = written(source, format, spool)
                runs.append((seconds, lines_in, tally.lines, size, *floors(project, spool)))
            seconds, lines_in, lines, size, *copies = min(runs)
            read, whole = copies
            print(
                f"| {format} | {lines:,} | {size / MB:.1f} | {lines / seconds:,.0f}"
                f" | {size / MB / seconds:.1f} | {lines_in:.2f} s | {read:.2f} s"
                f" | {read / seconds:.2f} | {whole:.2f} s | {whole / seconds:.2f}"
                f" | {peak_mb():.0f} |",
                flush=True,
            )
    finally:
        os.unlink(spool)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exporting", description=__doc__)
    parser.add_argument("project", help="the key of a project")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each format")
    options = parser.parse_args()
    with database_for_command(["manage.py", "bench"]):
        measure(Project.objects.get(key=options.project), options.runs)


if __name__ == "__main__":
    main()
