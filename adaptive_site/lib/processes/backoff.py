"""Waiting longer after each failure."""

import time
from collections.abc import Callable

FIRST = 2.0  # seconds
LONGEST_PAUSE = 300.0


class Backoff:
    """Remembers by name what has failed, and until when it is to be left alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rests: dict[str, tuple[float, float]] = {}  # until when, and how long that was

    def is_resting(self, name: str) -> bool:
        """Whether it has failed so lately that it is not to be tried again yet."""
        until, _ = self._rests.get(name, (0.0, 0.0))
        return self._clock() < until

    def failed(self, name: str) -> float:
        """Note a failure; returns for how many seconds it now rests."""
        _, before = self._rests.get(name, (0.0, 0.0))
        rest = min(LONGEST_PAUSE, before * 2 or FIRST)
        self._rests[name] = (self._clock() + rest, rest)
        return rest

    def succeeded(self, name: str) -> None:
        """Forget its failures."""
        self._rests.pop(name, None)
