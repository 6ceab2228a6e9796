"""Events of what was read, kept for at most a second and written together.

A page must not wait for its own event, nor spend a transaction on it. So a process has one thread
that writes what has come in. When too much waits, whoever comes next waits for it: nothing is
dropped. What a process that is killed has not written is lost; one that ends writes it first.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from django.db import close_old_connections, connection

from adaptive_site.lib.concurrency.batching import Busy
from adaptive_site.lib.database.bulk_insert import Row, write_together
from projects.services.auditing.rows import EVENTS

FLUSH_SECONDS = 1.0  # seconds that an event waits at most
ROWS_A_STATEMENT = 250  # events a statement
ROWS_WAITING_MOST = 2_000  # from here on nobody adds one before some are written
ROOM_SECONDS = 5.0  # seconds to wait for room

logger = logging.getLogger(__name__)


class EventQueue:
    """Rows that wait to be written.

    A process that serves starts it. Where it is not started, as in commands, each row is written
    when it comes; tests hold them until they ask.
    """

    def __init__(self, *, room: int = ROWS_WAITING_MOST, every: float = FLUSH_SECONDS) -> None:
        self._room = room
        self._every = every
        self._waiting: deque[Row] = deque()
        self._changed = threading.Condition()
        self._is_held = False
        self._is_ending = False
        self._thread: threading.Thread | None = None
        self._more: list[Callable[[bool], list[Row]]] = []

    def also(self, more: Callable[[bool], list[Row]]) -> None:
        """Ask `more` for rows at each writing; it is told whether this is the last."""
        self._more.append(more)

    def start(self) -> None:
        """Write in a thread of our own from now on, in this process."""
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end the thread."""
        if self._thread is None:
            return
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        self._thread.join(ROOM_SECONDS)
        self._thread = None

    def hold(self) -> None:
        """Keep rows until `flush`, as tests need it, and forget those there are."""
        self._is_held = True
        self._waiting.clear()
        for more in self._more:
            more(True)

    @property
    def waiting(self) -> int:
        """How many rows are not written yet."""
        return len(self._waiting)

    def put(self, row: Row) -> None:
        """Have a row written soon. Raises Busy when there is no room for too long."""
        if self._thread is None:
            self._waiting.append(row)
            if not self._is_held or len(self._waiting) >= self._room:
                self.flush()
            return
        if len(self._waiting) >= self._room:
            self._wait_for_room()
        self._waiting.append(row)  # no lock: a page costs less, and the thread looks by itself

    def flush(self, *, is_last: bool = False) -> int:
        """Write all that waits, with this thread's connection; return how many there were."""
        rows = [row for more in self._more for row in more(is_last)]
        self._waiting.extend(rows)
        written = 0
        while batch := [self._waiting[n] for n in range(min(ROWS_A_STATEMENT, len(self._waiting)))]:
            write_together([(EVENTS, batch)])
            for _ in batch:
                self._waiting.popleft()
            written += len(batch)
        return written

    def _wait_for_room(self) -> None:
        with self._changed:
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: len(self._waiting) < self._room, ROOM_SECONDS):
                raise Busy("the audit log cannot be written; try again later")

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._is_ending and len(self._waiting) < self._room:
                    self._changed.wait(self._every)
            is_last = self._is_ending
            self._write(is_last)
            with self._changed:
                self._changed.notify_all()
            if is_last:
                connection.close()
                return

    def _write(self, is_last: bool) -> None:
        close_old_connections()
        try:
            self.flush(is_last=is_last)
        except Exception:
            # They stay, and are written when the database is back.
            logger.exception("%d events of the audit log wait", len(self._waiting))
            if not is_last:
                time.sleep(self._every)


QUEUE = EventQueue()
