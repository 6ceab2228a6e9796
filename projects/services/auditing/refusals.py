"""Wrong keys and tries that came too early, counted: an event for an address, a door and a minute.

One for each would let whoever guesses fill the log. A process keeps the count until the minute is
over; one that is killed loses it.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from adaptive_site.lib.database.bulk_insert import Row
from projects.services.auditing import origin
from projects.services.auditing.event_queue import QUEUE
from projects.services.auditing.origin import Origin
from projects.services.auditing.rows import columns_of, row_of

COUNTED_SECONDS = 60.0
MOST_ADDRESSES = 1_000  # addresses that are counted apart; the next ones are counted together
_OTHERS = "several"


@dataclass(slots=True)
class _RefusalCount:
    since: float
    at: datetime
    origin: Origin
    number: int


class Refusals:
    """What was refused within the last minute, by what it was and whence it came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[tuple[str, str, str, str], _RefusalCount] = {}

    def count(self, verb: str, *, subject: str = "") -> None:
        """Count one, of the request that is being answered."""
        came_from = origin.current()
        name = (verb, subject, came_from.door, came_from.address)
        with self._lock:
            if name not in self._counted and len(self._counted) >= MOST_ADDRESSES:
                came_from = Origin(came_from.door, _OTHERS)
                name = (verb, "", came_from.door, _OTHERS)
            counted = self._counted.get(name)
            if counted is None:
                counted = _RefusalCount(time.monotonic(), datetime.now(UTC), came_from, 0)
                self._counted[name] = counted
            counted.number += 1

    def due(self, is_last: bool) -> list[Row]:
        """Take those whose minute is over, all at the end of the process, as rows."""
        over = time.monotonic() - COUNTED_SECONDS
        with self._lock:
            names = [name for name, one in self._counted.items() if is_last or one.since <= over]
            taken = [(name, self._counted.pop(name)) for name in names]
        return [
            row_of(
                columns_of(None, None, one.origin), verb, subject, (), {"count": one.number}, one.at
            )
            for (verb, subject, _, _), one in taken
        ]


REFUSALS = Refusals()
QUEUE.also(REFUSALS.due)
