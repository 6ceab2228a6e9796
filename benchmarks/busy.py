"""`python -m benchmarks.busy`: two people look around while 500 interactions a second come in.

On a generated project, over HTTP, with a worker beside the server as `serve` has one. First
they look around alone, then while others log 2 KB each; what was logged is deleted at the end.
"""

import argparse
import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.urls import reverse  # noqa: E402  (they need the settings)

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks import growth  # noqa: E402
from benchmarks.asking import late, middle  # noqa: E402
from benchmarks.doors import Asked, Caller, serving, session  # noqa: E402
from benchmarks.generate import PROJECT  # noqa: E402
from benchmarks.growth import BATCH  # noqa: E402
from benchmarks.loading import Load, pace  # noqa: E402
from benchmarks.log import Bodies  # noqa: E402
from benchmarks.measuring import address, machine, row, table, working  # noqa: E402
from benchmarks.questions import sample_of  # noqa: E402
from benchmarks.sample import Sample  # noqa: E402
from benchmarks.views import FRAGMENT  # noqa: E402
from interactions.models import Interaction  # noqa: E402
from interactions.services.editing.deletion import delete_together  # noqa: E402

PEOPLE = 2
THINKING = 0.7  # seconds between two looks, half as long to half as long again
CONNECTIONS = 50
Looks = dict[str, list[float]]


def looks(sample: Sample) -> Iterator[tuple[str, Asked]]:
    """What somebody looks at, one thing after the other, for ever."""
    browser = session(sample.owner)
    path = reverse("interactions", args=[PROJECT])
    fragment = browser | FRAGMENT
    while True:
        customer = f"label=customer:{sample.customer()}"
        yield "the whole page", Asked("GET", path, browser)
        yield "its count", Asked("GET", reverse("interactions-count", args=[PROJECT]), browser)
        yield (
            "its histogram",
            Asked("GET", reverse("interactions-histogram", args=[PROJECT]), browser),
        )
        yield "rows of a filter", Asked("GET", f"{path}?{customer}", fragment)
        yield "rows of a filter", Asked("GET", f"{path}?feedback=helpful:eq:0", fragment)
        yield "rows with a word", Asked("GET", f"{path}?text={sample.word(2000)}", fragment)
        one = reverse("interaction", args=[PROJECT, sample.id()])
        yield "an interaction", Asked("GET", f"{one}?{customer}", browser)


def look_around(port: int, asked: Iterator[tuple[str, Asked]], until: float) -> Looks:
    """Look and think; milliseconds of each look."""
    caller, chance = Caller(port), Random(3)
    took: Looks = defaultdict(list)
    while time.perf_counter() < until:
        name, one = next(asked)
        began = time.perf_counter()
        caller.ask(one)
        took[name].append((time.perf_counter() - began) * 1000)
        time.sleep(THINKING * (0.5 + chance.random()))
    return took


def together(port: int, people: list[Iterator[tuple[str, Asked]]], seconds: float) -> Looks:
    """What all of them saw."""
    until = time.perf_counter() + seconds
    all_took: Looks = defaultdict(list)
    with ThreadPoolExecutor(len(people)) as pool:
        for took in pool.map(partial(look_around, port, until=until), people):
            for name, times in took.items():
                all_took[name] += times
    return all_took


def busy(sample: Sample, *, rate: float, seconds: float) -> None:
    """Measure both, and print them side by side."""
    began = datetime.now(UTC)
    people = [looks(sample) for _ in range(PEOPLE)]
    try:
        with working(DATABASE_URL=address()), serving() as server:
            together(server.port, people, 5)
            idle = together(server.port, people, seconds)
            with ThreadPoolExecutor(1) as pool:
                coming = pool.submit(_log, server.port, rate, seconds + 2)
                time.sleep(1)
                loaded = together(server.port, people, seconds)
                seen = coming.result()
    finally:
        _forget(sample, began)
    table("while people look around", "alone: median ms", "p95 ms", "while logging: median ms",
          "p95 ms")  # fmt: skip
    for name, times in idle.items():
        cells = [middle(times), late(times), middle(loaded[name]), late(loaded[name])]
        row(name, *[f"{ms:.1f}" for ms in cells])
    assert set(seen.statuses) == {201}, seen.statuses
    print(
        f"\n{len(seen.took):,} interactions came in, {seen.rate:.0f} a second: median"
        f" {seen.percentile(0.5):.1f} ms, p95 {seen.percentile(0.95):.1f} ms, p99"
        f" {seen.percentile(0.99):.1f} ms from when they were due. {machine()}"
    )


def _log(port: int, rate: float, seconds: float) -> Load:
    bodies: Callable[[], bytes] = Bodies()
    return asyncio.run(pace(port, bodies, rate=rate, connections=CONNECTIONS, seconds=seconds))


def _forget(sample: Sample, began: datetime) -> None:
    """Delete what was logged, as the product deletes."""
    made = Interaction.objects.in_project(sample.project).since(began).oldest_first()
    while ids := list(made.values_list("id", flat=True)[:BATCH]):
        delete_together(sample.project, ids)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with database_for_command(["manage.py", "busy"]):
        sample = sample_of(growth.plan_of(BATCH, 1))
        busy(sample, rate=options.rate, seconds=options.seconds)


if __name__ == "__main__":
    main()
