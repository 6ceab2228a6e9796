"""Requests that a client may send again: done once for each Idempotency-Key.

An interaction has its key as `external_id`. Of anything else the audit log keeps which request a
key stood for, and what came of it.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, transaction

from adaptive_site.lib.errors import DomainError
from interactions.models import Interaction
from interactions.services.incoming import Draft
from interactions.services.log import prompt_hash
from projects.models import Event, Project, User
from projects.services import audit

HEADER = "Idempotency-Key"
KEYED = "request.keyed"


class KeyTaken(DomainError):
    """An Idempotency-Key that already stands for another request."""

    status = 422

    def __init__(self) -> None:
        super().__init__("this key stands for another request already", field=HEADER)


class Done(NamedTuple):
    """What was made for a request, now or when its key came first."""

    id: UUID
    is_new: bool


@transaction.atomic
def once(
    project: Project,
    make: Callable[[], UUID],
    *,
    by: User,
    kind: str,
    key: str,
    payload: dict[str, Any],
) -> Done:
    """Do `make`, unless this person did it in this project under this key.

    Whoever comes with the same key meanwhile waits. Raises KeyTaken when `payload` says
    something else than it did then.
    """
    subject = f"{kind}:{by.pk}:{_digest(key.encode())}"
    said = _digest(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS))
    with connection.cursor() as cursor:
        number = int(_digest(f"{project.pk} {subject}".encode())[:16], 16) - (1 << 63)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    known = Event.objects.filter(project=project, verb=KEYED, subject=subject).first()
    if known is not None:
        if known.details["said"] != said:
            raise KeyTaken
        return Done(UUID(known.details["id"]), is_new=False)
    id = make()
    audit.record(project, actor=by, verb=KEYED, subject=subject, said=said, id=str(id))
    return Done(id, is_new=True)


def says(project: Project, id: UUID, draft: Draft) -> bool:
    """Whether a stored interaction has the prompt and the completion of a draft."""
    found = Interaction.objects.in_project(project).filter(
        id=id, prompt_hash=prompt_hash(draft.messages), body__completion=draft.completion
    )
    return found.exists()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
