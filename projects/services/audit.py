"""Writing the audit log: with what is done, in its transaction; or soon, for what is only read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.nul import without_nul
from projects.models import Event, Project, User
from projects.services.auditing import origin as origins
from projects.services.auditing.event_queue import QUEUE
from projects.services.auditing.origin import Origin
from projects.services.auditing.rows import columns_of, row_of


def record(
    project: Project | None,
    *,
    actor: User | None,
    verb: str,
    subject: str,
    came_from: Origin | None = None,
    **details: Any,
) -> Event:
    """Add an event to the audit log of `project`; with None, to the server's own.

    It stands or falls with the transaction that it is written in. Where it comes from is the
    request that is being answered, or `came_from`, where that was another.
    """
    columns = columns_of(project, actor, came_from or origins.current())
    return Event.objects.create(
        verb=verb, subject=without_nul(subject)[:200], details=details, **columns
    )


def note(
    project: Project | None,
    *,
    actor: User | None,
    verb: str,
    subject: str = "",
    subjects: Sequence[UUID] = (),
    came_from: Origin | None = None,
    **details: Any,
) -> None:
    """Have an event written within a second, together with others: of what was read.

    Nobody waits for it. A process that is killed loses what it has not written by then.
    """
    columns = columns_of(project, actor, came_from or origins.current())
    QUEUE.put(row_of(columns, verb, subject[:200], subjects, details, datetime.now(UTC)))
