"""What was read from the database, remembered without ever being out of date."""

import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from django.db import InterfaceError, OperationalError, connection
from psycopg import Connection
from psycopg import OperationalError as PostgresError
from psycopg.pq import ExecStatus
from psycopg.sql import SQL, Identifier

from adaptive_site.lib.concurrency.batching import Batcher
from adaptive_site.lib.concurrency.database_threads import has_own_thread, in_database

P = ParamSpec("P")
T = TypeVar("T")

# Where no notice arrives (a pooler between us and the database swallows them), this is how long
# a change may take to be seen.
_SECONDS = 2.0
_MOST = 20_000


class Watch:
    """Counts the changes that the database tells of on a channel of NOTIFY.

    PostgreSQL hands a session its notices at the latest with the answer to its next query, so
    one short query says what was committed before it; concurrent askers share one.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._changes = 0
        self._listening: Connection[Any] | None = None
        self._looks: Batcher[None, int] = Batcher("watch", self._look, most=100_000, room=100_000)

    async def changes(self) -> int:
        """How many there were; each one that was committed before the call counts."""
        return await self._looks.ask(None)

    def _look(self, askers: list[None]) -> list[int]:
        try:
            self._ask()
        except (OperationalError, InterfaceError):
            if self._listening is None:  # a new connection failed: the database is not there
                raise
            self._listening = None
            self._ask()
        return [self._changes] * len(askers)

    def _ask(self) -> None:
        """Ask anything. The thread is our own, and so is its connection."""
        if self._listening is None:
            connection.close()
            connection.ensure_connection()
            fresh = connection.connection
            with connection.wrap_database_errors:
                fresh.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
            self._listening = fresh
            self._changes += 1  # whatever happened while nobody listened
            return
        # As libpq has it, for a third of what a cursor costs: every request waits for this.
        libpq = self._listening.pgconn
        with connection.wrap_database_errors:
            said = libpq.exec_(b"SELECT 1")
            if said.status != ExecStatus.TUPLES_OK:
                raise PostgresError(said.get_error_message())
        while libpq.notifies():
            self._changes += 1


class Memory:
    """Values by key, dropped all together when the database tells of a change on `channel`.

    Who calls `refresh` first sees every change that was committed before. A Django request
    (`has_own_thread`) remembers nothing: its transaction may see what others do not.
    """

    def __init__(self, channel: str) -> None:
        self._watch = Watch(channel)
        self._changes = 0
        self._values: dict[object, tuple[float, Any]] = {}

    async def refresh(self) -> None:
        """Drop what was remembered, if anything has changed."""
        if has_own_thread():
            return
        changes = await self._watch.changes()
        if changes > self._changes:
            self._changes = changes
            self._values.clear()

    async def value(
        self, key: object, load: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `load`, which may use the database, has given for `key`, or gives now.

        What it raises is not remembered.
        """
        if has_own_thread():
            return await in_database(load, *args, **kwargs)
        now = time.monotonic()
        until, value = self._values.get(key, (0.0, None))
        if until > now:
            return cast(T, value)
        changes = self._changes
        fresh = await in_database(load, *args, **kwargs)
        if changes == self._changes:  # else it may have been read before the change
            if len(self._values) >= _MOST:
                self._values.clear()
            self._values[key] = (now + _SECONDS, fresh)
        return fresh
