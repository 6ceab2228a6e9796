"""An event as a row: who and whence, with the names they have now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.bulk_insert import Row, Table
from adaptive_site.lib.database.nul import without_nul, without_nul_inside
from projects.models import Project, User
from projects.services.auditing.origin import Origin

_COLUMNS = (
    "project_id", "project_key", "actor_id", "actor_name", "actor_email", "acting_for",
    "door", "address", "key_id", "key_name",
)  # fmt: skip
EVENTS = Table(
    "projects_event",
    (*_COLUMNS, "verb", "subject", "subjects", "details", "created_at"),
    json=frozenset(("subjects", "details")),
)


def columns_of(project: Project | None, actor: User | None, origin: Origin) -> dict[str, Any]:
    """The columns that say who and whence.

    Who signed a request with a key did it, also in another's name.
    """
    signer = origin.signer
    who = (actor.pk, actor.name, actor.email) if actor is not None else (None, "", "")
    acting_for = ""
    if signer is not None and signer.user_id != who[0]:
        acting_for = who[2]
        who = (signer.user_id, signer.user_name, signer.user_email)
    return {
        "project_id": project.pk if project is not None else None,
        "project_key": project.key if project is not None else "",
        "actor_id": who[0],
        "actor_name": who[1],
        "actor_email": who[2],
        "acting_for": acting_for,
        "door": origin.door,
        "address": origin.address,
        "key_id": signer.key_id if signer is not None else None,
        "key_name": signer.key_name if signer is not None else "",
    }


def row_of(
    columns: Mapping[str, Any],
    verb: str,
    subject: str,
    subjects: Sequence[UUID],
    details: Mapping[str, Any],
    at: datetime,
) -> Row:
    """A row for `EVENTS`, whose columns are in the order of `columns_of`."""
    several = orjson.dumps([str(id) for id in subjects]).decode() if subjects else None
    known = exact_json.dumps(without_nul_inside(dict(details))).decode() if details else "{}"
    return (*columns.values(), verb, without_nul(subject), several, known, at.isoformat())
