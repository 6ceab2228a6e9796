"""The database's clock, held."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import timezone

_STILL = """
    CREATE SCHEMA still;
    CREATE FUNCTION still.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT ''{now}''::timestamptz'
"""
# A function is looked for in these in turn: that of `still` hides PostgreSQL's own.
_FIRST = "SET search_path = still, public, pg_catalog"


@contextmanager
def standing_still() -> Iterator[None]:
    """Have `clock_timestamp()` say the same all along, on the connections of threads, too."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL.replace("{now}", timezone.now().isoformat()))
        cursor.execute(_FIRST)
    connection_created.connect(_hold)
    yield
    connection_created.disconnect(_hold)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA still CASCADE; RESET search_path")


def _hold(connection: BaseDatabaseWrapper, **known: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FIRST)
