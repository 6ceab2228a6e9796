"""Processes of a benchmark: servers started and stopped, and the processor time they took."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from django.db import connection

from adaptive_site.environment import ROOT

_TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def scratch_database() -> Iterator[str]:
    """Make a database beside the configured one, yield its address, and drop it at the end."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield address()
    finally:
        with connection.cursor() as cursor:  # threads of this process keep their sessions
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.creation.destroy_test_db(name, verbosity=0)


def address() -> str:
    """The database in use, as DATABASE_URL takes it."""
    wanted = {key: quote(str(value), safe="") for key, value in connection.settings_dict.items()}
    password = f":{wanted['PASSWORD']}" if wanted["PASSWORD"] else ""
    port = f":{wanted['PORT']}" if wanted["PORT"] else ""
    return f"postgres://{wanted['USER']}{password}@{wanted['HOST']}{port}/{wanted['NAME']}"


@dataclass(frozen=True)
class Server:
    """A process that listens on `port`."""

    process: subprocess.Popen[bytes]
    port: int

    def seconds(self) -> float:
        """Processor time so far, of the process and all that descend from it."""
        return seconds_of_tree(self.process.pid)

    def megabytes(self) -> float:
        """Memory it keeps, with its children, shared pages counted once for each."""
        return sum(map(_megabytes, family(self.process.pid)))

    def pss(self) -> float:
        """Memory it keeps, with its children, a shared page divided among those who share it."""
        return sum(map(proportional_megabytes, family(self.process.pid)))


def family(pid: int) -> list[int]:
    """A process and all that descend from it, without those that end while this looks."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def children(pid: int) -> list[int]:
    """The processes that a process has started and that have not ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    return []


def seconds_of(pid: int) -> float:
    """Processor time so far of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICK


def seconds_of_tree(pid: int) -> float:
    """Processor time so far of a process and of all that descend from it."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return sum(map(seconds_of, family(pid)))
    return seconds_of_tree(pid)  # one has ended just now, so that its parent has its time


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return sum(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1024


def proportional_megabytes(pid: int) -> float:
    """Memory of a process, a shared page divided among those who share it; 0 once it has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has ended since
        return 0.0
    return (
        sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
    )


def postgres_seconds() -> float:
    """Processor time so far of the whole PostgreSQL in use; 0 where it is on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    stat = Path(f"/proc/{pid}/stat")
    if not (stat.exists() and "(postgres)" in stat.read_text()):
        return 0.0
    return seconds_of_tree(int(stat.read_text().rpartition(")")[2].split()[1]))


def database_seconds() -> float:
    """Processor time of the PostgreSQL processes that serve the scratch database."""
    total = 0.0
    name = f" {connection.settings_dict['NAME']} "
    for title in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if title.read_text().startswith("postgres") and name in title.read_text():
                total += seconds_of(int(title.parent.name))
        except (FileNotFoundError, ProcessLookupError):  # it has ended since
            continue
    return total


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running(*command: str, port: int, **environment: str) -> Iterator[Server]:
    """Have a command of our Python running that listens on `port`, and stop it at the end."""
    with started([sys.executable, *command], port=port, environment=environment) as server:
        yield server


@contextmanager
def started(
    command: Sequence[str],
    *,
    port: int,
    environment: Mapping[str, str],
    place: Path = ROOT,
    patience: float = 30,
    log: IO[bytes] | None = None,
) -> Iterator[Server]:
    """Have a program running in the directory `place`, and stop it at the end.

    What the program prints goes to `log`. Raises SystemExit if nothing listens on `port` after
    `patience` seconds.
    """
    process = subprocess.Popen(
        command,
        cwd=place,
        env={**os.environ, **environment},
        stdout=log,
        stderr=log and subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + patience
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{' '.join(command)} does not start")
            time.sleep(0.05)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def working(**environment: str) -> Iterator[None]:
    """Have a worker running beside, as `serve` has one."""
    command = [sys.executable, "manage.py", "work"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@contextmanager
def granian(target: str, **environment: str) -> Iterator[Server]:
    """Have an ASGI application running, as `serve` runs ours: one worker."""
    port = free_port()
    options = ("--interface", "asginl", "--port", str(port), "--no-ws", "--log-level", "warning")
    with running("-m", "granian", *options, target, port=port, **environment) as server:
        yield server


def table(*heads: str) -> None:
    """Print the head of a Markdown table."""
    row(*heads)
    row(*["---"] * len(heads))


def row(*cells: str) -> None:
    """Print a row of it."""
    print(f"| {' | '.join(cells)} |", flush=True)


def machine() -> str:
    """What the figures were measured on, and what else it did."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
