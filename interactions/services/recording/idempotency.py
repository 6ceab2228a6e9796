"""Requests that a client may send again: done once for each Idempotency-Key.

The audit log keeps which request a key stood for, and what came of it. A key is its user's own:
what another sends under it is another request.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection, transaction

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError
from projects.models import Event, Project, User
from projects.services import audit

IDEMPOTENCY_HEADER = "Idempotency-Key"
KEYED_REQUEST = "request.keyed"


class KeyTaken(DomainError):
    """An Idempotency-Key that already stands for another request."""

    status = 422

    def __init__(self) -> None:
        super().__init__("this key stands for another request already", field=IDEMPOTENCY_HEADER)


class KeyedResult(NamedTuple):
    """What was made for a request, now or when the request's key came first.

    `more` is what else its answer needs.
    """

    id: UUID
    is_new: bool
    more: Mapping[str, Any] = MappingProxyType({})


@transaction.atomic
def once(
    project: Project,
    make: Callable[[], UUID | KeyedResult],
    *,
    by: User,
    kind: str,
    key: str,
    payload: dict[str, Any],
) -> KeyedResult:
    """Call `make`, unless the same person did so in the same project under the same key.

    Where `make` gives a Done, its `more` is JSON, and is given again for the key. Whoever comes
    with the same key meanwhile waits. Raises KeyTaken when `payload` says something else than it
    did then.
    """
    subject = f"{kind}:{by.pk}:{_digest(key.encode())}"
    said = _digest(exact_json.dumps(payload, option=orjson.OPT_SORT_KEYS))
    with connection.cursor() as cursor:
        number = int(_digest(f"{project.pk} {subject}".encode())[:16], 16) - (1 << 63)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    known = Event.objects.in_project(project).filter(verb=KEYED_REQUEST, subject=subject).first()
    if known is not None:
        if known.details.get("said") != said:  # or what it stood for was erased
            raise KeyTaken
        return KeyedResult(UUID(known.details["id"]), False, known.details.get("more", {}))
    made = make()
    done = made if isinstance(made, KeyedResult) else KeyedResult(made, is_new=True)
    more = {"more": dict(done.more)} if done.more else {}
    details: dict[str, Any] = {"said": said, "id": str(done.id), **more}
    audit.record(project, actor=by, verb=KEYED_REQUEST, subject=subject, **details)
    return done


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
