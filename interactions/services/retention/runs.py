"""When retention last looked at a project, and when and how much it last removed."""

from django.db import connection

from interactions.models import Retention
from projects.models import Project

_LOOKED = """
    INSERT INTO retention (project_id, ran_at) VALUES (%s, now())
    ON CONFLICT (project_id) DO UPDATE SET ran_at = now()
"""
# Of one day, since a run has no beginning and no end: what is to go may go by and by.
_REMOVED = """
    INSERT INTO retention AS r (project_id, ran_at, removed_at, removed)
    VALUES (%s, now(), now(), %s)
    ON CONFLICT (project_id) DO UPDATE SET ran_at = now(), removed_at = now(),
        removed = excluded.removed + CASE
            WHEN (r.removed_at AT TIME ZONE 'UTC')::date = (now() AT TIME ZONE 'UTC')::date
            THEN r.removed ELSE 0 END
    WHERE r.project_id = excluded.project_id
"""


def note_look(project: Project) -> None:
    """Note that the worker has looked."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [project.id])


def note_removed(project: Project, n: int) -> None:
    """Note that so many more were removed."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVED, [project.id, n])


def of_project(project: Project) -> Retention | None:
    """What is noted; None where the worker never looked, and nothing is kept by number."""
    return Retention.objects.in_project(project).first()
