"""Waiting until the database tells of something (NOTIFY), instead of asking again and again."""

from typing import Any, Self

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from adaptive_site.lib.database.direct_connection import direct_connection


class Notices:
    """A connection of its own that listens to a channel; used by the thread that opens it.

    What is told while nobody waits is not lost: it is there for the next `wait`.
    """

    def __init__(self, channel: str, *, name: str) -> None:
        self._channel = channel
        self._name = name
        self._listening: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Self:
        self._listening = direct_connection()
        self._listening.ensure_connection()
        raw = self._raw
        raw.execute(SQL("SET application_name = {}").format(self._name))
        raw.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
        return self

    def __exit__(self, *failure: object) -> None:
        if self._listening is not None:
            self._listening.close()

    @property
    def _raw(self) -> Connection[Any]:
        assert self._listening is not None
        raw: Connection[Any] = self._listening.connection
        return raw

    def wait(self, seconds: float) -> bool:
        """Wait for a notice, at most so long; whether there was one."""
        return any(True for _ in self._raw.notifies(timeout=seconds, stop_after=1))
