"""An empty database of its own, for tests of what migrations do from the beginning."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def another_database(name: str) -> Iterator[None]:
    """Have Django's connection lead to a new database, with no table, and to the tests' after."""
    tests = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = tests
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
        connection.close()
