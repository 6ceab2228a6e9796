"""The audit log in tests: emptied between them, changed against its triggers, read in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from projects.models import Event
from projects.services.auditing.event_queue import QUEUE

TABLES = ("projects_event", "projects_seal")


def let_it_be_emptied() -> None:
    """Let tests with transactions of their own empty the log, as they do all tables."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TRIGGER IF EXISTS keep_all ON {table}")


def let_it_be_kept() -> None:
    """Undo `let_it_be_emptied`, for a test that looks at the schema; its transaction ends that."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
            )


@contextmanager
def without_triggers() -> Iterator[None]:
    """As somebody with the database's own tools would do it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def told(*verbs: str) -> list[Any]:
    """The events of these verbs, oldest first, with what the queue still held."""
    QUEUE.flush(is_last=True)
    return list(Event.objects.filter(verb__in=verbs).order_by("id"))


def verbs_told(*verbs: str) -> bool:
    """Whether each of these verbs stands in the log."""
    return {event.verb for event in told(*verbs)} == set(verbs)
