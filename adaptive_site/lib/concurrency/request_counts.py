"""Answered requests, counted by all web processes together: how many, how long, how they ended.

Like `shared_counts`, in memory that the processes share, a row for each, so no lock is needed and
a count costs two microseconds. A row outlives the process that it is of: these counts only grow.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from mmap import mmap

# Upper ends in seconds; the last one, infinite, is not named.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx", "none")  # none: the client went, or we failed
_MICROSECONDS = len(STATUSES) + len(BUCKETS) + 1
_WIDTH = _MICROSECONDS + 1


@dataclass(frozen=True, slots=True)
class DoorCount:
    """The requests of one door: by status, by bucket (not added up), and their time together."""

    door: str
    statuses: dict[str, int]
    buckets: list[int]
    seconds: float


class RequestCounts:
    """Counts of requests by door, such as `page` or `chat`."""

    def __init__(self, doors: Sequence[str]) -> None:
        self._doors = tuple(doors)
        self.spread(1)

    def spread(self, processes: int) -> None:
        """Make room for so many processes; each is a fork of this one, and calls `take_row`."""
        size = len(self._doors) * _WIDTH
        memory = memoryview(mmap(-1, processes * size * 8)).cast("Q")
        self._rows = [memory[n * size : (n + 1) * size] for n in range(processes)]
        self._mine = self._rows[0]

    def take_row(self, n: int) -> None:
        """From now on be the `n`-th process."""
        self._mine = self._rows[n]

    def add(self, door: str, status: int, seconds: float) -> None:
        """Count an answered request; status 0 is one without an answer."""
        at = self._doors.index(door) * _WIDTH
        kind = status // 100 - 1 if 100 <= status < 600 else len(STATUSES) - 1
        self._mine[at + kind] += 1
        self._mine[at + len(STATUSES) + bisect_left(BUCKETS, seconds)] += 1
        self._mine[at + _MICROSECONDS] += int(seconds * 1e6)

    def counts(self) -> Iterator[DoorCount]:
        """What all processes have counted, door by door."""
        for n, door in enumerate(self._doors):
            sums = [sum(row[n * _WIDTH + k] for row in self._rows) for k in range(_WIDTH)]
            statuses = dict(zip(STATUSES, sums, strict=False))
            yield DoorCount(door, statuses, sums[len(STATUSES) : _MICROSECONDS], sums[-1] / 1e6)
