"""`python -m benchmarks.datasets`: a large dataset frozen, approved, undone, previewed into.

Of 200,000 generated interactions, in a database of their own that is kept (`--drop` removes it),
the builder's job makes a dataset; on that the medians of a few runs are taken. Wall time, of
services and jobs without a browser; the table goes to `benchmarks/results/` too.
"""

import argparse
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (they need the settings)
from django.http import QueryDict  # noqa: E402

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import generate, growth, kept, machine  # noqa: E402
from benchmarks.__main__ import RESULTS, Tee  # noqa: E402
from benchmarks.growth import BATCH  # noqa: E402
from benchmarks.measuring import row, table  # noqa: E402
from benchmarks.wording import Wording  # noqa: E402
from interactions.models import Dataset, Job, Selection  # noqa: E402
from interactions.services import selections, undo  # noqa: E402
from interactions.services.building import pipeline  # noqa: E402
from interactions.services.building.recipe import Recipe  # noqa: E402
from interactions.services.building.recipe_reading import read  # noqa: E402
from interactions.services.datasets import drafts, edits  # noqa: E402
from interactions.services.datasets.finding.item_filter import ItemFilter  # noqa: E402
from interactions.services.jobs import changes, queue  # noqa: E402
from interactions.services.jobs.builds import begin_build  # noqa: E402
from projects.models import Project, User  # noqa: E402
from projects.services.access import Caller  # noqa: E402

DATABASE = "bench_datasets"
RECIPES = {
    "all of them": "",
    "equal prompts left out": "&dedupe=prompt&split=80/10/10",
    "equal answers left out": "&dedupe=answer&split=80/10/10",
}


def timed(act: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def told(what: str, n: int, runs: list[float]) -> None:
    """Print a row of the table."""
    middle = median(runs)
    row(what, f"{n:,}", f"{middle:.2f}", f"{n / middle:,.0f}", f"{min(runs):.2f}–{max(runs):.2f}")


def finished(job: object) -> Job:
    """A job, done to its end."""
    assert isinstance(job, Job)
    done = queue.do_all(job)
    assert done.state == Job.State.DONE, done.error
    return done


def recipe(selection: Selection, more: str) -> Recipe:
    """The recipe of all that the selection has."""
    return read(QueryDict(f"of={selection.uuid}&name=Large&empty=keep{more}"))


def built(project: Project, owner: User, selection: Selection) -> tuple[Dataset, float]:
    """A dataset of everything, and how long its job took."""
    asked = replace(recipe(selection, "&split=80/10/10"), name=f"Large {time.time():.0f}")
    dataset, job = begin_build(Caller(owner), project, asked)
    seconds = timed(lambda: finished(job))
    dataset.refresh_from_db()
    return dataset, seconds


def changed(dataset: Dataset, owner: User, runs: int) -> None:
    """Approve all and undo that; the first time every row of the version is copied."""
    approve: list[float] = []
    back: list[float] = []
    again: list[float] = []
    for number in range(runs):
        dataset.refresh_from_db()
        approving = timed(lambda: finished(approval(dataset, owner)))
        (approve if number == 0 else again).append(approving)
        back.append(timed(lambda: finished(undoing(dataset.project, owner))))
    told("approve all of a version, a job", dataset.records, approve)
    if again:
        told("approve all of a draft, a job", dataset.records, again)
    told("undo it, a job", dataset.records, back)


def approval(dataset: Dataset, owner: User) -> object:
    """What approving everything begins."""
    return changes.change(dataset, "review", "approved", ItemFilter(), by=owner)


def undoing(project: Project, owner: User) -> object:
    """What `z` begins."""
    undone = undo.undo_last(project, caller=Caller(owner))
    return undone.job if undone else None


def at_once(dataset: Dataset, owner: User, runs: int) -> None:
    """What a request does at most: so many records of a version rejected, and that undone."""
    n = changes.CHANGED_AT_ONCE
    there = [one for _, one in drafts.values(dataset, ItemFilter().test(), "item")]
    some, back = [], []
    for number in range(runs):
        which = there[number * n : (number + 1) * n]
        began = time.perf_counter()
        edit = edits.set_review(dataset, which, "rejected", by=owner)
        some.append(time.perf_counter() - began)
        began = time.perf_counter()
        edits.undo(dataset, edit, by=owner)
        back.append(time.perf_counter() - began)
    told("reject at once, of a version", n, some)
    told("undo that", n, back)


def frozen(dataset: Dataset, owner: User, runs: int) -> None:
    """Make versions, each after one record has changed."""
    made = []
    first = drafts.values(dataset, ItemFilter().test(), "item")[0][1]
    for number in range(runs):
        edits.correct(dataset, first, f"Corrected {number} {time.time()}", by=owner)
        dataset.refresh_from_db()
        made.append(timed(lambda: finished(changes.make_version(dataset, by=owner))))
    told("make a version, a job", dataset.records, made)


def previewed(dataset: Dataset, selection: Selection, runs: int) -> None:
    """Previews of the builder into the dataset: all that is chosen is there already."""
    project = dataset.project
    for words, more in RECIPES.items():
        asked = recipe(selection, more)
        new = [timed(lambda: pipeline.preview(project, selection, asked)) for _ in range(runs)]  # noqa: B023
        into = [
            timed(lambda: pipeline.preview(project, selection, asked, dataset=dataset))  # noqa: B023
            for _ in range(runs)
        ]
        told(f"preview of a new one, {words}", pipeline.PREVIEWED, new)
        told(f"preview into it, {words}", pipeline.PREVIEWED, into)


def report(project: Project, owner: User, rows: int, runs: int) -> None:
    """Measure all of it."""
    selection = selections.freeze(project, QueryDict(""), by=owner)
    print(f"# A dataset of {rows:,} records, {datetime.now(UTC):%d %B %Y}\n")
    machine.facts()
    print(f"\nLoad {os.getloadavg()[0]:.1f} at the beginning.\n")
    table("what", "records", "seconds", "a second", "from–to")
    dataset, seconds = built(project, owner, selection)
    dataset.project = project
    told("the builder's job, with its version", dataset.records, [seconds])
    previewed(dataset, selection, runs)
    at_once(dataset, owner, runs)
    changed(dataset, owner, runs)
    frozen(dataset, owner, runs)
    print(f"\nLoad {os.getloadavg()[0]:.1f} at the end.")


def main() -> None:
    """Generate, measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=200_000, help="a multiple of 1,000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--drop", action="store_true", help="remove the database of these rows")
    options = parser.parse_args()
    if options.records % BATCH or not options.records:
        parser.error("records come in thousands")
    with database_for_command(["manage.py", "bench"]), ExitStack() as stack:
        if options.drop:
            kept.drop(DATABASE)
            return
        stack.enter_context(kept.kept_database(DATABASE))
        call_command("migrate", verbosity=0)
        plan = growth.plan_of(options.records, 1)
        everything = generate.population(plan.seed, Wording(plan.seed))
        generate.generate(plan, everything, options.records)
        owner = User.objects.get(email=f"{generate.PROJECT}@example.org")
        file = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-datasets-{options.records}.md"
        with redirect_stdout(Tee(file)):
            report(everything.project, owner, options.records, options.runs)


if __name__ == "__main__":
    main()
