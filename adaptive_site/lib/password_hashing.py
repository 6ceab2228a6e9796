"""Passwords hashed a few at a time: each takes a processor for half a second, on purpose.

32 at once had taken all threads that answer requests, and `/healthz` waited for 6 seconds.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from adaptive_site.lib.concurrency.per_process import hashes_at_once
from adaptive_site.lib.errors import TooOften

HASHES_AT_ONCE = hashes_at_once(settings.WEB_PROCESSES, os.cpu_count() or 1)
MOST_WAITING = 6  # each keeps one of the threads of this process that answer requests


class Gate:
    """Lets `at_once` in, has `waiting` more wait for their turn, and sends the others away."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._room = threading.Semaphore(at_once + waiting)
        self._turns = threading.Semaphore(at_once)

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Inside, one of few. Raises TooOften."""
        if not self._room.acquire(blocking=False):
            raise TooOften("too many people log in at this moment", seconds=3)
        try:
            with self._turns:
                yield
        finally:
            self._room.release()


_gate = Gate(HASHES_AT_ONCE, MOST_WAITING)


class GatedPasswordHasher(PBKDF2PasswordHasher):
    """Django's default, of the same name and format, through the gate of this process."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """The hash as it is stored. Raises TooOften when too many are asked for at once."""
        with _gate.passed():
            return str(super().encode(password, salt, iterations))
