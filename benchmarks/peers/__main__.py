"""`python -m benchmarks.peers`: MLflow and this site, the same rows and questions, in one run.

    python -m benchmarks.peers [--file ROWS.jsonl.gz] [--rows N] [--before CHECKOUT]

Rows are made up, or come from a file of interactions. Both sides keep them in a database of their
own of the same PostgreSQL server (the configured one, or the private one in DATA_DIR). Each
question is put to one side after the other, on one connection, several rounds long; every answer
is checked against what plain Python finds in the rows. `--before` is another checkout of this
project, served beside this one. `make bench-peers` installs MLflow and runs all of it.
"""

import argparse
import os
from contextlib import ExitStack, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from adaptive_site.environment import ROOT, read_environment  # noqa: E402  (they need the settings)
from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import machine  # noqa: E402
from benchmarks.__main__ import RESULTS, Tee  # noqa: E402
from benchmarks.peers import tables  # noqa: E402
from benchmarks.peers.logging_together import logged  # noqa: E402
from benchmarks.peers.measure import crowd, in_turn, of_list, of_one  # noqa: E402
from benchmarks.peers.mlflow_server import mlflow  # noqa: E402
from benchmarks.peers.ours import Site, site  # noqa: E402
from benchmarks.peers.page_parts import parts  # noqa: E402
from benchmarks.peers.questions import Filter, newest, questions  # noqa: E402
from benchmarks.peers.rows import Row, rows  # noqa: E402
from benchmarks.peers.sides import Side, drop_all, settle  # noqa: E402

SINGLE = 8  # interactions that are opened


def compare(sides: list[Side], made: list[Row], *, seconds: float) -> None:
    """Ask everything of all sides."""
    for side in sides:
        settle(side)
    tables.idle(sides)
    tables.head(sides)
    asked = questions(made)
    for question in asked:
        tables.line(question.name, in_turn(sides, question.name, of_list(question)))
    chosen = [made[len(made) * n // SINGLE] for n in range(SINGLE)]
    tables.line("one interaction", in_turn(sides, "one interaction", of_one(chosen)))
    tables.rates(
        "4 people at once, newest 50", crowd(sides, newest(made, Filter()), seconds=seconds)
    )
    tables.explain(asked)


def log(sides: list[Side], *, seconds: float) -> None:
    """Log new interactions; the last thing, for the answers are others afterwards."""
    tables.head(sides)
    alone, together = logged(sides, seconds)
    tables.line("log one", alone)
    tables.rates("log, 30 at once", together)


def ours_alone(sites: list[Site], made: list[Row]) -> None:
    """What MLflow has no like of."""
    tables.head(sites)
    for name, ways in parts(questions(made)).items():
        tables.line(name, in_turn(sites, name, ways))


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--file", type=Path, help="JSON lines, as `manage.py ingest` takes them")
    parser.add_argument("--rows", type=int, default=10_000, help="at most so many")
    parser.add_argument("--before", type=Path, help="another checkout, to be served too")
    parser.add_argument("--alone", action="store_true", help="without MLflow")
    parser.add_argument("--drop", action="store_true", help="remove the databases, and end")
    parser.add_argument("--seconds", type=float, default=8, help="of many at once")
    parser.add_argument("--to", type=Path, help="the file for the tables")
    options = parser.parse_args()
    if options.drop:
        with database_for_command(["manage.py", "bench"]):
            drop_all()
        return
    place = read_environment().DATA_DIR / "peers"
    made = rows(options.file, options.rows)
    file = options.to or RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-peers.md"
    checkouts = {"ours": ROOT} | ({"before": options.before} if options.before else {})
    with (
        database_for_command(["manage.py", "bench"]),
        ExitStack() as stack,
        redirect_stdout(Tee(file)),
    ):
        print(f"# Beside MLflow: {len(made):,} interactions, {datetime.now(UTC):%d %B %Y}\n")
        sites = [
            stack.enter_context(site(name, checkout.resolve(), made, place / name))
            for name, checkout in checkouts.items()
        ]
        others = [] if options.alone else [stack.enter_context(mlflow(made, place / "mlflow"))]
        machine.facts()
        compare([*others, *sites], made, seconds=options.seconds)
        print("\n## What MLflow has no like of\n")
        ours_alone(sites, made)
        print("\n## Logging\n")
        log([*others, *sites], seconds=options.seconds)
    print(f"\nWritten to {file}.")


if __name__ == "__main__":
    main()
