"""`python -m benchmarks`: generate a large project, ask it everything, and write the tables down.

Without options 100,000 and then a million interactions, in a database of their own beside the
configured one, which is kept (`--drop` removes it). The tables go to `benchmarks/results/` too.
Other benchmarks, to be run by themselves:

python -m benchmarks.pages PROJECT   server time of the list and of single interactions
python -m benchmarks.ingest …        an import against a bare COPY of the same bytes
python -m benchmarks.log             POST /interactions against a floor, and without group commit
python -m benchmarks.bulk            the SDK's async client in bulk: who waits for whom
python -m benchmarks.audit           what the audit log costs, and checking a million events
python -m benchmarks.chat            a model's stream through us against straight from the model
python -m benchmarks.browser ADDRESS a step to the next row, and rows under another filter, seen
python -m benchmarks.people          20 people browse while 300 interactions a second come in
python -m benchmarks.datasets        a dataset of 200,000: frozen, approved, undone, previewed into
python -m benchmarks.peers           beside MLflow, the same rows and questions (make bench-peers)
python -m benchmarks.graphql         the SDK's list of 100 interactions
python -m benchmarks.modules_entered the modules that four requests enter, in order
python -m benchmarks.start           from serve to the first page, stage by stage
"""

import argparse
import os
import sys
import time
from contextlib import ExitStack, redirect_stdout
from datetime import UTC, datetime
from io import TextIOBase
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (they need the settings)

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import behind, doors, generate, growth, kept, machine, questions  # noqa: E402
from benchmarks.asking import short  # noqa: E402
from benchmarks.busy import busy  # noqa: E402
from benchmarks.growth import BATCH, MILLION, Plan  # noqa: E402
from benchmarks.population import Population  # noqa: E402
from benchmarks.sample import RUNS, Sample  # noqa: E402
from benchmarks.wording import Wording  # noqa: E402

RESULTS = Path(__file__).parent / "results"


class Tee(TextIOBase):
    """Writes to the terminal and into a file."""

    def __init__(self, file: Path) -> None:
        self._terminal = sys.stdout
        self._file = file.open("w", encoding="utf-8")

    def write(self, text: str) -> int:
        """Both."""
        self._terminal.write(text)
        return self._file.write(text)

    def flush(self) -> None:
        """Both."""
        self._terminal.flush()
        self._file.flush()


def report(sample: Sample) -> None:
    """Ask everything, into a file of today."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{sample.rows}.md"
    began = time.perf_counter()
    with redirect_stdout(Tee(file)):
        print(f"# {sample.rows:,} interactions, {datetime.now(UTC):%d %B %Y}\n")
        machine.facts()
        print("\n## How they came in\n")
        machine.loads()
        print("\n## What was done behind: roll-ups, index of texts\n")
        behind.report()
        print("\n## Questions\n")
        questions.measure(sample)
        print("## Over HTTP\n")
        doors.measure(sample)
        print("\n## Disk\n")
        machine.disk(sample.rows)
        print("\n## While interactions come in\n")  # last: what it writes and deletes takes room
        busy(sample, rate=500, seconds=20)
    print(f"\nMeasured in {time.perf_counter() - began:.0f} s; written to {file}.")


def grow(plan: Plan, everything: Population, rows: int, *, runs: int) -> None:
    """Generate up to each size on the way to `rows`, and report on each that is new."""
    for size in plan.sizes:
        if size <= rows:
            is_new = bool(growth.missing(plan, size))
            began = time.perf_counter()
            generate.generate(plan, everything, size)
            behind.catch_up(size)
            if is_new or size == rows:
                generate.vacuum()
                print(f"{short(size)} ready after {time.perf_counter() - began:.0f} s", flush=True)
                report(Sample(everything, plan, size, runs=runs))


def main() -> None:
    """Generate, measure, print and write down."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=MILLION, help="how many, a multiple of 1,000")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each question")
    parser.add_argument("--drop", action="store_true", help="remove the database of these rows")
    parser.add_argument("--here", action="store_true", help="use the configured database itself")
    options = parser.parse_args()
    if options.rows % BATCH or not options.rows:
        parser.error("rows come in thousands")
    name = f"bench_{options.rows}"
    with database_for_command(["manage.py", "bench"]), ExitStack() as stack:
        if options.drop:
            kept.drop(name)
            return
        if not options.here:
            stack.enter_context(kept.kept_database(name))
        call_command("migrate", verbosity=0)
        plan = growth.plan_of(options.rows, 1)
        everything = generate.population(plan.seed, Wording(plan.seed))
        grow(plan, everything, options.rows, runs=options.runs)


if __name__ == "__main__":
    main()
