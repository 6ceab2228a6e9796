"""What was read from the database, remembered without ever being out of date."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar, cast

from psycopg import Connection
from psycopg import OperationalError as PostgresError
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from psycopg.sql import SQL, Identifier

from adaptive_site.lib.concurrency.database_threads import has_own_thread, in_database
from adaptive_site.lib.database.direct_connection import direct_connection

P = ParamSpec("P")
T = TypeVar("T")

# Where no notice arrives (a pooler between us and the database swallows them), this is how long
# a change may take to be seen.
_SECONDS = 2.0
_MOST = 20_000


class Watch:
    """Counts the changes that the database tells of on a channel of NOTIFY.

    PostgreSQL hands a session its notices at the latest with the answer to its next query, so
    one short query says what was committed before it; concurrent askers share one. The event
    loop itself asks and reads: a thread for it took 25 µs of each logged request.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._changes = 0
        self._listening: Connection[Any] | None = None
        self._socket = -1
        self._loop: asyncio.AbstractEventLoop | None = None  # which reads the socket
        self._answer: asyncio.Future[None] | None = None
        self._askers: list[asyncio.Future[int]] = []  # since the last query was sent
        self._looking: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "watch")  # opens connections

    async def changes(self) -> int:
        """How many there were; each one that was committed before the call counts."""
        loop = asyncio.get_running_loop()
        asker: asyncio.Future[int] = loop.create_future()
        self._askers.append(asker)
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look_while_asked())
        return await asker

    async def _look_while_asked(self) -> None:
        while askers := self._askers:
            self._askers = []
            try:
                await self._look()
            except Exception as error:
                _tell(askers, error)
            else:
                _tell(askers, self._changes)

    async def _look(self) -> None:
        if self._listening is not None:
            try:
                await self._ask(self._listening.pgconn)
            except PostgresError:
                self._drop()
            else:
                return
        loop = asyncio.get_running_loop()
        self._listening = await loop.run_in_executor(self._thread, self._open)
        self._changes += 1  # whatever happened while nobody listened

    def _open(self) -> Connection[Any]:
        """A new connection that listens; whoever drops it closes it."""
        opened = direct_connection()
        opened.ensure_connection()
        fresh: Connection[Any] = opened.connection
        with opened.wrap_database_errors:
            fresh.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
        return fresh

    async def _ask(self, libpq: PGconn) -> None:
        """Ask anything, as libpq has it, for a third of what a cursor costs."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._socket = loop, libpq.socket
            loop.add_reader(self._socket, self._read, libpq)
        self._answer = loop.create_future()
        libpq.send_query(b"SELECT 1")
        await self._answer

    def _read(self, libpq: PGconn) -> None:
        """Take in what has come; the end of an answer is the end of the look."""
        answer = self._answer
        try:
            libpq.consume_input()
            while not libpq.is_busy() and answer is not None and not answer.done():
                said = libpq.get_result()
                if said is None:  # the notices before it have come, too
                    answer.set_result(None)
                elif said.status != ExecStatus.TUPLES_OK:
                    raise PostgresError(said.get_error_message())
            while libpq.notifies():
                self._changes += 1
        except PostgresError as error:
            self._drop()
            if answer is not None and not answer.done():
                answer.set_exception(error)

    def _drop(self) -> None:
        """Have no connection; the next look opens one."""
        dropped, self._listening = self._listening, None
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._socket)
        if dropped is not None:
            dropped.close()


def _tell(askers: list[asyncio.Future[int]], result: int | Exception) -> None:
    for asker in askers:
        if asker.done():  # whoever asked has gone
            continue
        if isinstance(result, Exception):
            asker.set_exception(result)
        else:
            asker.set_result(result)


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
