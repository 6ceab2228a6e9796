"""Queries that must not run for ever."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled

from adaptive_site.lib.errors import DomainError


class TookTooLong(DomainError):
    """A read that was stopped at its time limit."""

    status = 503


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Stop every query inside that runs longer; raises TookTooLong."""
    is_nested = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            before = _set_limit(cursor, f"{milliseconds}ms")
            yield
            if is_nested:  # else the setting ends with its transaction
                _set_limit(cursor, before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong(
                f"stopped after {milliseconds / 1000:g} s; a label or a shorter time makes it quick"
            ) from error
        raise


def _set_limit(cursor: CursorWrapper, limit: str) -> str:
    """Set the limit for the rest of the transaction and return what it was."""
    cursor.execute(
        "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)",
        [limit],
    )
    return str(cursor.fetchone()[0])
