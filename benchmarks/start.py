"""`python -m benchmarks.start [TREE …]`: from `serve` to the first page, on an existing database.

Each TREE is a folder with a version of this project (this one without any), for `git worktree`;
they take turns, with a floor before each round: Python with an empty Django project set up, and
PostgreSQL started on the same data. Printed are medians, of seconds by the clock, which a busy
machine lengthens, of seconds of processor time of all processes, and what each stage takes of it;
and the memory of all processes at rest, pages that several share counted once (PSS).
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from adaptive_site.environment import ROOT
from adaptive_site.lib.postgres.server import LocalPostgres
from benchmarks.measuring import children, family, proportional_megabytes, seconds_of_tree
from tests.sites import Site

STAGES = Path(__file__).with_name("start_stages.py")
EMPTY = """
import django
from django.conf import settings
names = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
settings.configure(INSTALLED_APPS=[f"django.contrib.{name}" for name in names])
django.setup()
"""
REST = 3.0  # seconds after the first page until memory is looked at


@dataclass
class Start:
    """One start: seconds by the clock and of the processor, megabytes at rest."""

    clock: float
    processor: float
    memory: float = 0.0
    processes: int = 0


@dataclass
class Tree:
    """A version of the project, the site it serves here, and what its starts took."""

    folder: Path
    site: Site
    starts: list[Start] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)

    @contextmanager
    def serving(self, *command: str) -> Iterator[Start]:
        """Have it serving; yields what it took to the first page."""
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *(command or ("manage.py", "serve"))],
            cwd=self.folder,
            env=self.site.environment(ADAPTIVE_SITE_DEMO="on"),
            stdout=subprocess.DEVNULL,
        )
        try:
            while not _answers(f"http://127.0.0.1:{self.site.port}/login/"):
                assert process.poll() is None, f"{self.folder}: serve ended"
                time.sleep(0.01)
            clock = time.monotonic() - began
            yield Start(clock, seconds_of_tree(process.pid))
        finally:
            process.terminate()
            process.wait(60)

    def measure(self) -> None:
        """Start it once for the figures, and once more for its stages."""
        with self.serving() as start:
            time.sleep(REST)
            everyone = family(os.getpid())[1:]
            start.memory, start.processes = (
                sum(map(proportional_megabytes, everyone)),
                len(everyone),
            )
            self.starts.append(start)
        with TemporaryDirectory() as place:
            file = Path(place) / "stages.json"
            with self.serving(str(STAGES), str(file)):
                pass
            self.stages.append(json.loads(file.read_text()))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
            return True
    except urllib.error.HTTPError:
        raise
    except (urllib.error.URLError, ConnectionError):
        return False  # nobody listens yet


def floor(database: LocalPostgres) -> Start:
    """Python with an empty project set up, then PostgreSQL until it answers."""
    began, before = time.monotonic(), os.times()
    subprocess.run([sys.executable, "-c", EMPTY], check=True)
    with database:
        clock = time.monotonic() - began
        server = sum(map(seconds_of_tree, children(os.getpid())))
        ended = os.times()
    used = ended.children_user + ended.children_system
    return Start(clock, server + used - before.children_user - before.children_system)


def main() -> None:
    """Measure in turns, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("trees", nargs="*", type=Path, default=[ROOT], metavar="TREE")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # so that PostgreSQL's user gets there
        trees = [
            Tree(folder.resolve(), Site(Path(place) / str(number)))
            for number, folder in enumerate(options.trees)
        ]
        for tree in trees:  # the first start of each is another matter
            with tree.serving():
                pass
        floors = []
        for _ in range(options.rounds):
            floors.append(floor(trees[0].site.database))
            for tree in trees:
                tree.measure()
        report(trees, floors)


def report(trees: list[Tree], floors: list[Start]) -> None:
    """Print the tables."""
    least = Start(median(one.clock for one in floors), median(one.processor for one in floors))
    print("| | s | of the floor | processor s | of the floor | MB (PSS) | processes |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print(f"| floor | {least.clock:.2f} | 1 | {least.processor:.2f} | 1 | | |")
    for tree in trees:
        clock = median(one.clock for one in tree.starts)
        processor = median(one.processor for one in tree.starts)
        print(
            f"| {tree.folder.name} | {clock:.2f} | {clock / least.clock:.1f} | {processor:.2f} |"
            f" {processor / least.processor:.1f} |"
            f" {median(one.memory for one in tree.starts):.0f} |"
            f" {median(one.processes for one in tree.starts):.0f} |"
        )
    print(f"\n| processor ms of the supervisor | {' | '.join(t.folder.name for t in trees)} |")
    print(f"| --- |{' --- |' * len(trees)}")
    for name in dict.fromkeys(name for tree in trees for one in tree.stages for name in one):
        of_each = [median(one.get(name, 0.0) for one in tree.stages) for tree in trees]
        print(f"| {name} | {' | '.join(f'{ms:.0f}' for ms in of_each)} |")


if __name__ == "__main__":
    main()
