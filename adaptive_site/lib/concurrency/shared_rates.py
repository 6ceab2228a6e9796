"""How often something was done this minute, by all web processes of a site together.

It stands in memory that the processes share, as `shared_counts` has it: asking costs a
microsecond, and no query. What a killed process had counted is forgotten, and a minute later
everything.
"""

import time
from mmap import mmap
from threading import Lock

# Ids that are so far apart share their counts; of an id, the minute and the number, 4 bytes each.
SLOTS = 1 << 14
_MINUTE = 60


class SharedRates:
    """A row of (minute, number) by id for each process, which writes its own and reads them all.

    Processes that ask at the same moment may each take the last place of a limit.
    """

    def __init__(self) -> None:
        self._writing = Lock()  # of the threads of this process
        self.spread(1)

    def spread(self, processes: int) -> None:
        """Make room for so many processes; each is a fork of this one, and calls `take_row`."""
        memory = memoryview(mmap(-1, processes * SLOTS * 8)).cast("I")
        self._rows = [memory[n * SLOTS * 2 : (n + 1) * SLOTS * 2] for n in range(processes)]
        self._mine = self._rows[0]

    def take_row(self, n: int) -> None:
        """From now on be the `n`-th process, which has nothing yet."""
        self._mine = self._rows[n]
        self.clear_row(n)

    def clear_row(self, n: int) -> None:
        """Forget what the `n`-th process had, which has ended."""
        self._rows[n][:] = memoryview(bytes(SLOTS * 8)).cast("I")

    def take(self, id: int, limit: int, now: float | None = None) -> float:
        """Count one more for `id`, unless it has had `limit` in this minute of the clock.

        Returns 0, or in how many seconds the next minute begins.
        """
        now = time.time() if now is None else now
        minute, at = int(now) // _MINUTE, id % SLOTS * 2
        with self._writing:
            if sum(row[at + 1] for row in self._rows if row[at] == minute) >= limit:
                return (minute + 1) * _MINUTE - now
            self._mine[at + 1] = self._mine[at + 1] + 1 if self._mine[at] == minute else 1
            self._mine[at] = minute
        return 0.0


RATES = SharedRates()
