"""`python -m benchmarks.people`: twenty people browse while 300 interactions a second come in.

    python -m benchmarks.people [--file ROWS.jsonl.gz] [--rows N] [--seconds S] [--kills N]

A site is served by `manage.py serve` without settings, on a new database with the rows (made up,
or of a file); `--checkout` is another one of this project, so that two versions can be measured
in turn. Each person opens the list, filters it, opens interactions, reads the panel, thinks
between, and has a connection of their own, as a browser sends what a page loads one after the
other. Afterwards every interaction that was acknowledged is looked for. `--kills` kills a web
process so many times meanwhile, as `kill -9` does.
"""

import argparse
import asyncio
import http.client
import multiprocessing
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from random import Random

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

import psycopg  # noqa: E402  (they need the settings)

from adaptive_site.environment import ROOT, read_environment  # noqa: E402
from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks.asking import late, middle  # noqa: E402
from benchmarks.loading import Load, pace  # noqa: E402
from benchmarks.measuring import machine, row, table  # noqa: E402
from benchmarks.peers.ours import LIST, Site, site  # noqa: E402
from benchmarks.peers.questions import Question, questions  # noqa: E402
from benchmarks.peers.rows import rows  # noqa: E402
from benchmarks.peers.sides import Connection, Request, address_of  # noqa: E402
from benchmarks.process_kinds import kinds, web_processes  # noqa: E402

CONNECTIONS = 50
BODIES = 2000  # different interactions that are logged
PATIENCE = 10.0  # seconds after the end, in which what is late is still logged
WARM = 5.0  # seconds of browsing before anything counts
Look = tuple[str, list[tuple[str, Request]]]  # what somebody does, and the requests of it


class Looks:
    """What was waited for: milliseconds by kind, and how many requests failed."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.failed = 0


def browse(on: Site, asked: Sequence[Question], chance: Random) -> Iterator[Look]:
    """What one person does, for ever: between two of them one thinks."""
    filters = [wanted for question in asked for wanted in question.filters]
    ids = list(on.ids.values())
    while True:
        beside = ("facets", "histogram", "count")
        page = ("whole page", on.page(LIST))
        yield "list", [page, *((part, on.part(f"{LIST}{part}/", part)) for part in beside)]
        said = chance.choice(filters[1:]).parameters()
        more = ((part, on.part(f"{LIST}{part}/?{said}", part)) for part in beside)
        yield "filter", [("rows of a filter", on.part(f"{LIST}?{said}", "results")), *more]
        for id in chance.sample(ids, 3):
            opened = on.part(f"{LIST}?open={id}", "open-interaction")
            yield "open", [("an interaction opened", opened)]
        older = on.part(f"{LIST}?before={chance.choice(ids)}", "results")
        yield "older", [("rows elsewhere", older)]


def look_around(
    on: Site, looks: Iterator[Look], chance: Random, thinking: float, until: float
) -> Looks:
    """One person's browsing until then."""
    connection, seen = Connection(on.server.port), Looks()
    time.sleep(chance.random() * thinking)
    while time.perf_counter() < until:
        connection.renew()
        for kind, request in next(looks)[1]:
            began = time.perf_counter()
            try:
                answer, _ = connection.ask(request)
            except (OSError, http.client.HTTPException):
                seen.failed += 1
                connection.renew()
                continue
            seen.took[kind].append((time.perf_counter() - began) * 1000)
            seen.failed += answer.status != 200
        time.sleep(thinking * (0.5 + chance.random()))
    return seen


def together(on: Site, people: Sequence[Iterator[Look]], thinking: float, seconds: float) -> Looks:
    """What all of them saw."""
    until, seen = time.perf_counter() + seconds, Looks()
    with ThreadPoolExecutor(len(people)) as pool:
        waits = [
            pool.submit(look_around, on, looks, Random(n), thinking, until)
            for n, looks in enumerate(people)
        ]
        for wait in waits:
            found = wait.result()
            seen.failed += found.failed
            for kind, times in found.took.items():
                seen.took[kind] += times
    return seen


def log(port: int, bodies: Sequence[bytes], rate: float, seconds: float) -> Load:
    """Log at a rate; in a process of its own, so that the people do not wait for it."""
    numbers = iter(range(int(rate * seconds) + 1))
    return asyncio.run(
        pace(port, lambda: bodies[next(numbers) % len(bodies)], rate=rate,
             connections=CONNECTIONS, seconds=seconds, keeps_bodies=True, patience=PATIENCE)
    )  # fmt: skip


def kill_some(on: Site, times: int, seconds: float) -> int:
    """Kill a web process every now and then; how many were killed."""
    chance, killed = Random(7), 0
    for _ in range(times):
        time.sleep(seconds / (times + 1))
        web = [pid for pid in web_processes(on.server) if pid != on.server.process.pid]
        if web:
            os.kill(chance.choice(web), signal.SIGKILL)
            killed += 1
    return killed


def lost(on: Site, seen: Load) -> int:
    """How many interactions were acknowledged and are not there."""
    ids = [orjson.loads(body)["completion_id"] for body in seen.bodies]
    with psycopg.connect(address_of(on.database)) as asking:
        found = asking.execute("SELECT count(*) FROM interaction WHERE id = ANY(%s)", [ids])
        (number,) = found.fetchone() or (0,)
    return len(set(ids)) - int(number) + (len(ids) - len(set(ids)))


def report(on: Site, asked: Sequence[Question], options: argparse.Namespace) -> None:
    """Measure, and print."""
    people = [browse(on, asked, Random(100 + n)) for n in range(options.people)]
    bodies = [request.on_the_wire() for (request,) in islice(on.logging(), BODIES)]
    seconds = options.seconds
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=fork) as logger, ThreadPoolExecutor(1) as killer:
        logger.submit(os.getpid).result()  # forked before there are threads
        together(on, people, options.thinking, WARM)
        coming = logger.submit(log, on.server.port, bodies, options.rate, seconds + 2)
        time.sleep(1)
        before = kinds(on.server)
        killing = killer.submit(kill_some, on, options.kills, seconds)
        seen = together(on, people, options.thinking, seconds)
        after = kinds(on.server)
        logged, killed = coming.result(), killing.result()
    table(
        f"{options.people} people, {options.rate:.0f} logged a second", "asked", "p50 ms", "p95 ms"
    )
    for kind, times in seen.took.items():
        row(kind, str(len(times)), f"{middle(times):.0f}", f"{late(times):.0f}")
    logging = f"{logged.percentile(0.5):.0f}", f"{logged.percentile(0.95):.0f}"
    row("log one, from when it was due", str(len(logged.took)), *logging)
    statuses = ", ".join(f"{number:,} × {status}" for status, number in logged.statuses.items())
    left = int(options.rate * (seconds + 2)) - sum(logged.statuses.values())
    print(
        f"\nPeople: {sum(map(len, seen.took.values())) / seconds:.1f} answers a second,"
        f" {seen.failed} failed. Logged: {logged.rate:.0f} a second of {options.rate:.0f}"
        f" ({statuses}; 0 is no answer), {left:,} never sent. Acknowledged and lost:"
        f" {lost(on, logged)}. Web processes killed: {killed}.\n"
    )
    table("processor, of one core", *after)
    shares = [(after[kind] - before[kind]) / seconds for kind in after]
    row("share while all of it goes on", *[f"{share:.0%}" for share in shares])
    print(f"\nMemory of all its processes {on.server.pss():.0f} MB (PSS). {machine()}")


def main() -> None:
    """Serve, measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.people",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--file", type=Path, help="JSON lines, as `manage.py ingest` takes them")
    parser.add_argument("--rows", type=int, default=10_000, help="at most so many")
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose site")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--thinking", type=float, default=2, help="seconds between two looks")
    parser.add_argument("--rate", type=float, default=300, help="interactions logged a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    made = rows(options.file, options.rows)
    place = read_environment().DATA_DIR / "people"
    with (
        database_for_command(["manage.py", "bench"]),
        site("people", options.checkout.resolve(), made, place) as on,
    ):
        report(on, questions(made), options)


if __name__ == "__main__":
    main()
