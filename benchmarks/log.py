"""`python -m benchmarks.log`: how many interactions a second one process takes, and how soon.

30 connections post 2 KB each, one request at a time, to three servers in turn (see
`benchmarks.servers`), all with the same PostgreSQL and a scratch database:

- ours: POST /api/v1/interactions as `serve` answers it;
- floor: no framework, one table, group commit;
- alone: ours, but with a commit for each request.
"""

import argparse
import asyncio
import os
from contextlib import ExitStack

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from adaptive_site.serving.private_database import database_for_command  # noqa: E402  (they need the settings)
from benchmarks.loading import Load, load, post  # noqa: E402
from benchmarks.measuring import (  # noqa: E402
    Server,
    database_seconds,
    granian,
    machine,
    row,
    scratch_database,
    table,
)
from tests import make  # noqa: E402

KEY = "a-key-of-the-benchmark-0123456789"
SERVERS = {"floor": ("floor", ""), "ours": ("ours", ""), "alone": ("ours", "yes")}


class Bodies:
    """Requests of 2 KB that differ, with three labels each."""

    def __init__(self) -> None:
        self._n = 0

    def __call__(self) -> bytes:
        """The next one."""
        self._n += 1
        n = self._n
        system = {"role": "system", "content": "You help people. " * 20}
        user = {"role": "user", "content": f"Question {n}: {'why do maples turn red? ' * 30}"}
        body = {
            "project": "bench",
            "messages": [system, user],
            "completion": f"Answer {n}: {'because of anthocyanins. ' * 30}",
            "labels": {"env": ("prod", "test")[n % 2], "team": f"team-{n % 20}", "version": "1.2"},
        }
        return post("/api/v1/interactions", orjson.dumps(body), KEY)


class Runs:
    """What all runs against one server saw, and the processor time they took."""

    def __init__(self) -> None:
        self.load = Load()
        self.server = 0.0
        self.database = 0.0

    def run(self, server: Server, options: argparse.Namespace) -> None:
        """Load the server once more."""
        ours, theirs = server.seconds(), database_seconds()
        seen = asyncio.run(
            load(
                server.port,
                Bodies(),
                connections=options.connections,
                seconds=options.seconds,
            )
        )
        self.server += server.seconds() - ours
        self.database += database_seconds() - theirs
        self.load.took += seen.took
        self.load.statuses += seen.statuses
        self.load.seconds += seen.seconds

    def print(self, name: str, floor: float) -> None:
        """One row."""
        n = len(self.load.took)
        assert set(self.load.statuses) == {201}, self.load.statuses
        row(
            name,
            f"{self.load.rate:,.0f}",
            f"{self.load.percentile(0.5):.1f}",
            f"{self.load.percentile(0.99):.1f}",
            f"{self.server / n * 1e6:.0f}",
            f"{self.database / n * 1e6:.0f}",
            f"{self.load.rate / floor:.2f}",
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--connections", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with ExitStack() as stack:
        stack.enter_context(database_for_command(["manage.py", "bench"]))
        address = stack.enter_context(scratch_database())
        owner = make.make_user("bench")
        make.make_project("bench", owner=owner)
        make.make_key(owner, KEY)
        servers = {
            name: stack.enter_context(
                granian(
                    f"benchmarks.servers:{target}",
                    DATABASE_URL=address,
                    BENCHMARK_KEY=KEY,
                    BENCHMARK_ALONE=alone,
                )
            )
            for name, (target, alone) in SERVERS.items()
        }
        runs = {name: Runs() for name in SERVERS}
        for round in range(options.rounds + 1):
            for name, server in servers.items():
                if round == 0:  # connections, labels, prepared statements
                    warm = argparse.Namespace(connections=options.connections, seconds=0.5)
                    Runs().run(server, warm)
                else:
                    runs[name].run(server, options)
    heads = ("per second", "p50 ms", "p99 ms", "server µs", "PostgreSQL µs", "of the floor")
    table(f"POST /interactions, {options.connections} connections", *heads)
    for name in SERVERS:
        runs[name].print(name, runs["floor"].load.rate)
    ratio = runs["ours"].load.rate / runs["alone"].load.rate
    print(f"\nGroup commit against a commit for each: {ratio:.1f} times. {machine()}")


if __name__ == "__main__":
    main()
