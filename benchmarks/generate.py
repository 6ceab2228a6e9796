"""`python -m benchmarks.generate --rows N`: a project of N interactions, as a live one would be.

Into the configured database (DATABASE_URL), which should hold nothing else. Written by the
product's own writer in batches of a thousand, by two processes. Asked for more rows later, it
goes on from where it was, so that one database serves several sizes in turn; a run that was
stopped goes on as well. `--plan` is the size that will be asked for in the end (see `growth`).
"""

import argparse
import gc
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (they need the settings)
from django.db import connection  # noqa: E402

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import bare, growth  # noqa: E402
from benchmarks.growth import BATCH, Load, Plan  # noqa: E402
from benchmarks.measuring import database_seconds  # noqa: E402
from benchmarks.population import Population, Writer  # noqa: E402
from benchmarks.wording import Wording  # noqa: E402
from interactions.services.recording.log import log_interactions  # noqa: E402
from projects.models import Project, User  # noqa: E402
from tests import make  # noqa: E402

KEY = "a-key-of-the-benchmark-0123456789"
PROJECT = "bench"
AT_ONCE = 5  # batches a process is given
READY = 20  # batches of the bare COPY

_writer: tuple[Plan, Project, Writer] | None = None  # what the processes inherit


def population(seed: int, wording: Wording) -> Population:
    """The project with its owner, models and metrics, made where they are new."""
    project = Project.objects.filter(key=PROJECT).first()
    if project is None:
        owner = User.objects.create_superuser(f"{PROJECT}@example.org", make.PASSWORD, name="Bench")
        project = make.make_project(PROJECT, owner=owner)
        make.make_key(owner, KEY)
    owner = User.objects.get(email=f"{PROJECT}@example.org")
    return Population.of(project, owner, seed=seed, wording=wording)


def generate(plan: Plan, everything: Population, rows: int, *, processes: int = 2) -> None:
    """Store what is missing of the first `rows` interactions, saying how quickly it goes."""
    global _writer
    writer = Writer(everything, plan.seed)
    _writer = plan, everything.project, writer
    for firsts in growth.parts(plan, growth.missing(plan, rows)):
        starts = range(0, min(READY * BATCH, plan.planned), BATCH)
        ready = [line for n in starts for line in bare.lines(writer.drafts(plan.ids(n, BATCH), n))]
        one, two = bare.rates(ready)
        del ready
        connection.close()  # before the fork: two processes must not speak through one
        load = _store_all(firsts, processes, one, two)
        load.keep()
        print(
            f"{load.rows_then:>12,} rows: {load.rate:,.0f} a second, {load.rate / one:.2f} of a"
            f" bare COPY ({one:,.0f}; {two:,.0f} on two connections); processor µs a row:"
            f" ours {load.ours / load.n * 1e6:.0f}, PostgreSQL {load.theirs / load.n * 1e6:.0f};"
            f" load {load.load:.1f}",
            flush=True,
        )
    vacuum()


def _store_all(firsts: Sequence[int], processes: int, one: float, two: float) -> Load:
    gc.freeze()
    theirs = database_seconds()
    began = time.perf_counter()
    ours = 0.0
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        waiting = [
            pool.submit(_store, firsts[n : n + AT_ONCE]) for n in range(0, len(firsts), AT_ONCE)
        ]
        for done in as_completed(waiting):
            ours += done.result()
        seconds = time.perf_counter() - began
        theirs = database_seconds() - theirs
    n = len(firsts) * BATCH
    return Load(firsts[-1] + BATCH, n, seconds, ours, theirs, one, two, os.getloadavg()[0])


def _store(firsts: Sequence[int]) -> float:
    """Store some batches and return the processor seconds it took us."""
    assert _writer is not None
    plan, project, writer = _writer
    began = time.process_time()
    for first in firsts:
        log_interactions(project, writer.drafts(plan.ids(first, BATCH), first))
    return time.process_time() - began


def vacuum() -> None:
    """Leave the tables as those of a live server are."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    print(f"vacuumed in {time.perf_counter() - began:.0f} s", flush=True)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=growth.FIRST, help="in thousands")
    parser.add_argument("--plan", type=int, help="the rows there will be in the end")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    options.plan = max(options.plan or 0, options.rows)
    if options.rows % BATCH or options.plan % BATCH:
        parser.error("rows come in thousands")
    return options


def main() -> None:
    """Generate and print."""
    options = arguments()
    with database_for_command(["manage.py", "generate"]):
        call_command("migrate", verbosity=0)
        plan = growth.plan_of(options.plan, options.seed)
        if options.rows > plan.planned:
            raise SystemExit(f"this database was planned for {plan.planned:,} rows")
        generate(
            plan,
            population(plan.seed, Wording(plan.seed)),
            options.rows,
            processes=options.processes,
        )


if __name__ == "__main__":
    main()
