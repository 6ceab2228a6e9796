"""Ports for the servers of tests, which nobody else takes between the choice and the start.

The kernel gives those from 32,768 on, at random, to all who connect or ask for any; what is below
them is divided among the workers of a run.
"""

import os
import socket
from contextlib import suppress
from itertools import count

FIRST_PORT, SHARE, WORKERS = 10_000, 1_500, 15
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_numbers = count(os.getpid() * 31)  # another run at the same time begins elsewhere


def free_port() -> int:
    """A port on which nobody listens; each call gives another."""
    for _ in range(SHARE):
        port = FIRST_PORT + _worker % WORKERS * SHARE + next(_numbers) % SHARE
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("all ports are taken")
