"""Which process of a site does what, and the processor time of each kind.

A web process is one that holds a connection somebody made to the site's port; the one that was
started is `serve` unless it holds one too; what is left works behind.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.measuring import Server, family, postgres_seconds, seconds_of

ESTABLISHED = "01"
GONE = (FileNotFoundError, ProcessLookupError, PermissionError)


def kinds(server: Server) -> dict[str, float]:
    """Processor seconds so far, by kind; a process that has ended is no longer in them."""
    spent = dict.fromkeys(("web", "serve", "behind"), 0.0)
    web = set(web_processes(server))
    for pid in family(server.process.pid):
        kind = "web" if pid in web else "serve" if pid == server.process.pid else "behind"
        with suppress(*GONE):
            spent[kind] += seconds_of(pid)
    return {**spent, "PostgreSQL": postgres_seconds()}


def web_processes(server: Server) -> list[int]:
    """The processes that somebody is connected to."""
    wanted = {f"socket:[{number}]" for number in _connections(server.port)}
    return [pid for pid in family(server.process.pid) if wanted & set(_open_files(pid))]


def _connections(port: int) -> Iterator[str]:
    """The inodes of the sockets on our side of every connection."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == ESTABLISHED and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _open_files(pid: int) -> Iterator[str]:
    with suppress(*GONE):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(*GONE):
                yield os.readlink(file)
