"""Connections without a pooler between, for what hangs on one session: LISTEN, above all."""

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def direct_connection() -> BaseDatabaseWrapper:
    """Return a connection of its own to the database, not opened yet, for who asks to close.

    It goes to DATABASE_DIRECT_URL where that is set, else where all others go.
    """
    fresh = connection.copy()
    fresh.settings_dict.update(settings.DIRECT_DATABASE)
    return fresh
