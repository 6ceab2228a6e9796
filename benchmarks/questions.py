"""`python -m benchmarks.questions`: what a generated project's pages and lists cost, in tables.

In the configured database, filled by `benchmarks.generate`. The tables say for each question
the time of the database and of the application, how it compares with the floor (psycopg
fetching the same 51 rows by keyset), and how it grew since the sizes measured before.
"""

import argparse
import os
from functools import partial
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.db import connection  # noqa: E402  (they need the settings)

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import growth, lists, views  # noqa: E402
from benchmarks.asking import Aim, Question, Report, ask  # noqa: E402
from benchmarks.generate import population  # noqa: E402
from benchmarks.growth import BATCH, Plan  # noqa: E402
from benchmarks.sample import RUNS, Sample  # noqa: E402
from benchmarks.wording import Wording  # noqa: E402

FLOOR = "SELECT * FROM interaction WHERE project_id = %s AND id < %s ORDER BY id DESC LIMIT 51"


def sample_of(plan: Plan, *, runs: int = RUNS) -> Sample:
    """What is stored of the plan, to be asked about."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows_then FROM benchmark_load ORDER BY rows_then DESC LIMIT 1")
        found = cursor.fetchone()
    if found is None:
        raise SystemExit("there is nothing yet: python -m benchmarks.generate")
    return Sample(population(plan.seed, Wording(plan.seed)), plan, found[0], runs=runs)


def floor(sample: Sample) -> float:
    """Milliseconds of 51 narrow rows by keyset, anywhere in the list."""

    def fetch(id: UUID) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [sample.project.id, id])
            cursor.fetchall()

    acts = [partial(fetch, sample.id()) for _ in range(200)]
    return ask(Question("floor", acts, Aim())).database


def measure(sample: Sample, only: str = "") -> None:
    """Print the tables; of the questions whose names hold `only`."""
    lowest = floor(sample)
    print(f"The floor, 51 rows by keyset: {lowest:.2f} ms; {sample.runs} runs of each question.\n")
    parts = (
        ("A page of 50 with its labels, feedback and images", "lists", lists.questions(sample)),
        ("Pages and fragments, in the application", "views", views.questions(sample)),
    )
    with views.answering():
        for title, part, questions in parts:
            print(f"### {title}\n")
            report = Report(part, sample.rows, lowest)
            for question in questions:
                if only in question.name:
                    report.add(question)
            print()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", default="", help="questions with this in their name")
    options = parser.parse_args()
    with database_for_command(["manage.py", "questions"]):
        plan = growth.plan_of(BATCH, 1)
        measure(sample_of(plan, runs=options.runs), options.only)


if __name__ == "__main__":
    main()
