"""A database for a benchmark beside the configured one, kept for the next run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.test import override_settings

from adaptive_site.environment import read_environment


@contextmanager
def kept_database(name: str) -> Iterator[None]:
    """Use the database `name`, made where it is new, and images of its own beside ours."""
    _ask_for(f'CREATE DATABASE "{name}"', name, is_there=False)
    before = connection.settings_dict["NAME"]
    place = read_environment().DATA_DIR / name
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    with override_settings(
        STORAGES={**settings.STORAGES, "default": {**backend, "OPTIONS": {"location": place}}}
    ):
        _use(name)
        try:
            yield
        finally:
            _use(before)


def drop(name: str) -> None:
    """Drop that database, if it is there."""
    _ask_for(f'DROP DATABASE "{name}" WITH (FORCE)', name, is_there=True)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _ask_for(statement: str, name: str, *, is_there: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        if bool((cursor.fetchone() or (0,))[0]) == is_there:
            cursor.execute(statement)
