"""The worker's thread for bulk actions and people's jobs: what people begin and watch waits neither
for a clock nor for the worker's other work, whose pieces take seconds.
"""

import logging
import threading
import time
from typing import Any, Self

import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from psycopg import Connection
from psycopg.sql import SQL

from adaptive_site.lib.database.listen import Notices
from adaptive_site.work.worker import BULK_ACTIONS, LOOK_EVERY, PEOPLES_JOBS, Worker
from interactions.services.bulk.queue import CHANNEL, WORKER

_GRACE = 3.0  # seconds for the statement in progress to be cancelled, at the end

logger = logging.getLogger(__name__)


class Acting:
    """A context manager that does bulk actions beside what stands inside of it.

    A request's NOTIFY wakes it; without any, as behind a pooler that swallows them, it looks
    every `LOOK_EVERY` seconds.
    """

    def __init__(self) -> None:
        self._worker = Worker([BULK_ACTIONS, PEOPLES_JOBS])
        self._thread = threading.Thread(target=self._run, name="bulk actions", daemon=True)
        self._connection: Connection[Any] | None = None  # while a piece is being done
        self._named: Connection[Any] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        """End the piece in progress, of which nothing is left; the next worker begins it again."""
        self._worker.is_ending = True
        if (working := self._connection) is not None:
            working.cancel_safe(timeout=_GRACE)
            self._thread.join(_GRACE)

    def _run(self) -> None:
        while not self._worker.is_ending:
            try:
                with Notices(CHANNEL, name=WORKER) as notices:
                    while not self._worker.is_ending:
                        if not self._work() and not self._worker.is_ending:
                            notices.wait(LOOK_EVERY)
            except (DatabaseError, InterfaceError, psycopg.Error) as error:
                if not self._worker.is_ending:
                    logger.error("bulk actions wait for the database: %s", error)
                    time.sleep(LOOK_EVERY)

    def _work(self) -> int:
        close_old_connections()  # one that is broken, too
        connection.ensure_connection()
        if connection.connection is not self._named:  # a new one; `doctor` counts by the name
            connection.connection.execute(SQL("SET application_name = {}").format(WORKER))
            self._named = connection.connection
        self._connection = connection.connection
        try:
            return self._worker.round()
        finally:
            self._connection = None
