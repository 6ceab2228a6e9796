"""`python -m benchmarks.web_processes`: pages, logging and kills with one web process and with two.

Each number is a site of its own, its processes as `serve` starts them. 30 clients log and 4 people
ask for the list, in turns between the sites; then a web process is killed ten times while twenty
clients log.
"""

import argparse
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from threading import Thread, local

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()
from benchmarks.measuring import machine, row, table  # noqa: E402  (they need the settings)
from tests.serving.test_durability import (  # noqa: E402
    KEY,
    MAKE_PROJECT,
    assert_all_there,
    clients_of,
    kill,
)
from tests.serving.two_processes import SETUP  # noqa: E402
from tests.sites import Site  # noqa: E402

KILLS = 10


@dataclass(frozen=True)
class Running:
    """A site with so many web processes."""

    site: Site
    processes: int
    supervisor: int
    session: str

    def children(self) -> dict[int, str]:
        """The supervisor's own processes by number, with their names."""
        task = Path(f"/proc/{self.supervisor}/task/{self.supervisor}/children")
        return {int(one): Path(f"/proc/{one}/comm").read_text() for one in task.read_text().split()}

    def web(self) -> set[int]:
        """The web processes."""
        return {one for one, name in self.children().items() if name.startswith("web")}

    def memory(self) -> float:
        """Megabytes of all Python processes together, shared ones shared out (PSS)."""
        names = self.children()
        ours = [self.supervisor, *(one for one in names if "postgres" not in names[one])]
        texts = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in ours]
        found = [re.search(r"^Pss: +(\d+)", one, re.MULTILINE) for one in texts]
        return sum(int(one[1]) for one in found if one) / 1024


@contextmanager
def running(processes: int) -> Iterator[Running]:
    """Have such a site running, with a project to log to and somebody who is logged in."""
    with tempfile.TemporaryDirectory() as data:
        site = Site(Path(data))
        options = {"ADAPTIVE_SITE_API_KEY": KEY, "WEB_PROCESSES": str(processes)}
        with site.serving(**options) as (process, _):
            said = site.run("shell", "-c", MAKE_PROJECT + SETUP).stdout
            line = next(line for line in said.splitlines() if line.startswith("made "))
            yield Running(site, processes, process.pid, line.split()[1])


def rate(
    site: Running, clients: int, seconds: float, ask: Callable[[HTTPConnection], None]
) -> float:
    """How many a second so many clients get done, each with a connection of its own."""
    end, here, done = time.monotonic() + seconds, local(), [0] * clients

    def work(n: int) -> None:
        here.connection = HTTPConnection("127.0.0.1", site.site.port, timeout=60)
        while time.monotonic() < end:
            ask(here.connection)
            done[n] += 1

    threads = [Thread(target=work, args=[n]) for n in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(done) / seconds


def asking(site: Running) -> Callable[[HTTPConnection], None]:
    """The newest rows, as a person has them."""
    headers = {"Cookie": f"adaptive_site_session={site.session}"}

    def ask(connection: HTTPConnection) -> None:
        connection.request("GET", "/projects/kept/interactions/", headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise HTTPException(f"the list answered {answer.status}")

    return ask


def log(connection: HTTPConnection) -> None:
    """Log one interaction."""
    body = {
        "project": "kept",
        "messages": [{"role": "user", "content": "How are words found in texts?"}],
        "completion": "By an index that has them in order. " * 10,
        "labels": {"kind": "benchmark", "of": "web processes"},
        "feedbacks": [{"metric": "helpful", "value": 1}],
    }
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/interactions", orjson.dumps(body), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 201:
        raise HTTPException(f"logging answered {answer.status}")


def kills(site: Running) -> tuple[int, int, float]:
    """Kill a web process ten times under load: acknowledged, processes replaced, longest wait."""
    waits = []
    with clients_of(site.site) as clients:
        for n in range(KILLS):
            time.sleep(2.5)  # five lives of less than 2 s in a row would end the site
            before = site.web()
            kill(sorted(before)[n % len(before)])
            began, had = time.monotonic(), len(clients.acknowledged)
            while len(clients.acknowledged) == had:
                time.sleep(0.001)
            waits.append(time.monotonic() - began)
            while not site.web() - before or len(site.web()) < site.processes:
                time.sleep(0.01)
    assert_all_there(site.site, clients.acknowledged)
    return len(clients.acknowledged), len(waits), max(waits)


def main() -> None:
    """Measure in turns, and print tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=4)
    given = options.parse_args()
    with ExitStack() as stack:
        sites = [stack.enter_context(running(number)) for number in given.processes]
        print(f"{machine()} Medians of {given.rounds} rounds of {given.seconds:g} s.\n")
        idle = [site.memory() for site in sites]
        pages: list[list[float]] = [[] for _ in sites]
        posts: list[list[float]] = [[] for _ in sites]
        for _ in range(given.rounds):
            for n, site in enumerate(sites):
                posts[n].append(rate(site, 30, given.seconds, log))
                pages[n].append(rate(site, 4, given.seconds, asking(site)))
        table("web processes", "pages/s, 4 at once", "logged/s, 30 at once", "MB (PSS), idle")
        for n, site in enumerate(sites):
            cells = f"{median(pages[n]):.1f}", f"{median(posts[n]):.0f}", f"{idle[n]:.0f}"
            row(str(site.processes), *cells)
        print()
        table("web processes", "kills", "acknowledged", "lost", "longest wait for the next answer")
        for site in sites:
            acknowledged, times, longest = kills(site)
            wait = f"{longest * 1000:.0f} ms"
            row(str(site.processes), str(times), f"{acknowledged:,}", "0", wait)


if __name__ == "__main__":
    main()
