"""Ids that imported lines bring with them, as lines of an export do: used where still free."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from adaptive_site.lib import exact_json
from adaptive_site.lib.ids import time_of
from interactions.services.recording.drafts import Draft
from projects.models import Project


def claimed(given: object, created_at: datetime) -> UUID | None:
    """The id of a line when it can be an interaction's of ours: a UUIDv7 of `created_at`."""
    if not isinstance(given, str):
        return None
    try:
        id = UUID(given)
    except ValueError:
        return None
    return id if id.version == 7 and time_of(id) == created_at else None


def named_by_digest(line: dict[str, Any]) -> tuple[str, int]:
    """A name for all that a line says, whatever the order of its members; and a part of it."""
    said = exact_json.dumps(line, option=orjson.OPT_SORT_KEYS)
    digest = blake2b(said, digest_size=16).digest()
    return f"line:{digest.hex()}", int.from_bytes(digest[:8])


def name_of(draft: Draft) -> str | None:
    """What tells a line from others of its kind: its external id, else the id it claims."""
    if draft.external_id is None and draft.claims is not None:
        return copy_of(draft.claims)
    return draft.external_id


def copy_of(id: UUID) -> str:
    """The external id of a copy, in a project other than that of the interaction with this id."""
    return f"id:{id}"


def settle(project: Project, drafts: Sequence[Draft]) -> list[Draft]:
    """Those that the project does not have under the id they claim, ready to be stored.

    A free id is kept. One that another project has stays there: here a copy gets an id of its
    own, and a name by which the next import knows it.
    """
    there = projects_of([draft.claims for draft in drafts if draft.claims is not None])
    fresh = []
    for draft in drafts:
        if draft.claims is None:
            fresh.append(draft)
            continue
        owner = there.get(draft.claims)
        if owner == project.id:
            continue
        if owner is None:
            there[draft.claims] = project.id  # for a line that claims it again
            draft.id = draft.claims
        else:
            draft.external_id = name_of(draft)
        fresh.append(draft)
    return fresh


def projects_of(ids: Sequence[UUID]) -> dict[UUID, int]:
    """In which project each of the ids is, of those that are in any."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, project_id FROM interaction WHERE id = ANY(%s)", [list(ids)])
        return dict(cursor.fetchall())
