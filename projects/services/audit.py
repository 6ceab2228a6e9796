"""Writing the audit log."""

from typing import Any

from projects.models import Event, Project, User


def record(
    project: Project | None, *, actor: User, verb: str, subject: str, **details: Any
) -> Event:
    """Add an event to the audit log of `project`; with None, to the server's own."""
    return Event.objects.create(
        project=project, actor=actor, verb=verb, subject=subject, details=details
    )
