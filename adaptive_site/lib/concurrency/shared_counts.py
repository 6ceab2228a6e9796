"""Counts that all web processes of a site keep together: how many of something somebody has.

They stand in memory that the processes share, so a limit holds for the whole site and asking
costs a microsecond, not a query. Nothing outlives the site: what is counted are requests and
streams, which end with the process that has them.
"""

from collections.abc import Hashable
from mmap import mmap

# Of a process, 2 bytes each. Two keys in one slot are counted together; with the few thousand
# that are counted at a time, that is one key in ten, of which hardly any is near its limit.
SLOTS = 1 << 15


class SharedCounts:
    """A row of numbers for each process, which writes its own and reads them all.

    So no lock is needed, and what a killed process had is forgotten when its row is cleared. Two
    processes that ask at the same moment may both take the last place of a limit. Use it from one
    thread of a process, the event loop's.
    """

    def __init__(self) -> None:
        self.spread(1)

    def spread(self, processes: int) -> None:
        """Make room for so many processes; each is a fork of this one, and calls `take_row`.

        Keys are hashed as Python does it, alike in all forks of one process and unknown outside.
        """
        memory = memoryview(mmap(-1, processes * SLOTS * 2)).cast("H")
        self._rows = [memory[n * SLOTS : (n + 1) * SLOTS] for n in range(processes)]
        self._mine = self._rows[0]

    def take_row(self, n: int) -> None:
        """From now on be the `n`-th process, which has nothing yet."""
        self._mine = self._rows[n]
        self.clear_row(n)

    def clear_row(self, n: int) -> None:
        """Forget what the `n`-th process had, which has ended."""
        self._rows[n][:] = memoryview(bytes(SLOTS * 2)).cast("H")

    def add(self, key: Hashable, number: int) -> None:
        """Have so many more of `key` in this process; fewer, if it is negative."""
        self._mine[hash(key) % SLOTS] += number

    def total(self, key: Hashable) -> int:
        """How many of `key` all processes have together."""
        slot = hash(key) % SLOTS
        return sum(row[slot] for row in self._rows)

    def ahead(self, key: Hashable) -> int:
        """How many more of `key` this process has than the one with the fewest."""
        slot = hash(key) % SLOTS
        return self._mine[slot] - min(row[slot] for row in self._rows)


COUNTS = SharedCounts()
