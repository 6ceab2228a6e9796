"""Queries that must not run for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled

from adaptive_site.lib.errors import DomainError


class TookTooLong(DomainError):
    """A read that was stopped at its time limit."""

    status = 503


# When the limit in force ends, and how long it was, in milliseconds.
_ends: ContextVar[tuple[float, int] | None] = ContextVar("ends", default=None)


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Stop every query inside that runs longer; raises TookTooLong.

    On a slow machine the operator makes all limits longer. What asks many short queries has to
    call `stop_if_late` between them.
    """
    milliseconds = max(1, round(milliseconds * settings.TIME_LIMITS))
    is_nested = connection.in_atomic_block
    ends = (monotonic() + milliseconds / 1000, milliseconds)
    token = _ends.set(min(ends, _ends.get() or ends))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            before = _set(cursor, f"{milliseconds}ms", "0")
            yield
            if is_nested:  # else the settings end with their transaction
                _set(cursor, *before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise _late(milliseconds) from error
        raise
    finally:
        _ends.reset(token)


def stop_if_late() -> None:
    """Raise TookTooLong when the time limit that this runs under is over."""
    ends = _ends.get()
    if ends is not None and monotonic() > ends[0]:
        raise _late(ends[1])


def _late(milliseconds: int) -> TookTooLong:
    return TookTooLong(
        f"stopped after {milliseconds / 1000:g} s; a label or a shorter time makes it quick"
    )


def _set(cursor: CursorWrapper, limit: str, workers: str) -> tuple[str, str]:
    """Set for the rest of the transaction how long a query may run, and how many more processes
    it may take; returns what both were.

    Pages are asked for by many at once: a query that took a second process and had to wait for
    it was done in 9 s instead of 0.2 on a busy machine.
    """
    cursor.execute(
        "SELECT current_setting('statement_timeout'),"
        " current_setting('max_parallel_workers_per_gather'),"
        " set_config('statement_timeout', %s, true),"
        " set_config('max_parallel_workers_per_gather', %s, true)",
        [limit, workers],
    )
    found = cursor.fetchone()
    return str(found[0]), str(found[1])
