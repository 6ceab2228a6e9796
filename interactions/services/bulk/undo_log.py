"""The undo log: what a bulk action changed, written while it runs and read to undo it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from django.db import connection

from adaptive_site.lib.database.bulk_insert import write_rows
from interactions.models import BulkAction

Locked: TypeAlias = dict[UUID, tuple[datetime, list[int]]]  # when created, and the labels


def lock(action: BulkAction, ids: Sequence[UUID]) -> Locked:
    """Those interactions that are there, locked until the transaction ends.

    In the order of their ids, so that no two bulk actions wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, created_at, label_ids FROM interaction"
            " WHERE project_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [action.project_id, list(ids)],
        )
        return {id: (created_at, labels) for id, created_at, labels in cursor.fetchall()}


def keep(action: BulkAction, before: dict[UUID, dict[str, Any]]) -> None:
    """Write the state before the change, by interaction."""
    write_rows(
        "bulk_action_change",
        ("action_id", "interaction_id", "before"),
        [(action.id, id.hex, orjson.dumps(what).decode()) for id, what in sorted(before.items())],
    )


def read(action: BulkAction, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The state before the change, by interaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, before::text FROM bulk_action_change"
            " WHERE action_id = %s AND interaction_id = ANY(%s)",
            [action.id, list(ids)],
        )
        return {id: orjson.loads(before) for id, before in cursor.fetchall()}


def forget(action: BulkAction, ids: Sequence[UUID]) -> None:
    """Delete the entries that have been undone; those left were changed by others since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM bulk_action_change WHERE action_id = %s AND interaction_id = ANY(%s)",
            [action.id, list(ids)],
        )


def last(action: BulkAction, before: UUID | None, limit: int) -> list[UUID]:
    """At most `limit` interactions that a bulk action changed, with ids below `before`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id FROM bulk_action_change"
            " WHERE action_id = %s AND interaction_id < %s"
            " ORDER BY interaction_id DESC LIMIT %s",
            [action.id, before or UUID(int=(1 << 128) - 1), limit],
        )
        return [id for (id,) in cursor.fetchall()]
