"""Keeping what an act changes, and handing it out again to undo it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from django.db import connection

from adaptive_site.lib.database.bulk_insert import write_rows
from interactions.models import Act

Locked: TypeAlias = dict[UUID, tuple[datetime, list[int]]]  # when created, and the labels


def lock(act: Act, ids: Sequence[UUID]) -> Locked:
    """Those interactions that are there, locked until the transaction ends.

    In the order of their ids, so that no two acts wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, created_at, label_ids FROM interaction"
            " WHERE project_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [act.project_id, list(ids)],
        )
        return {id: (created_at, labels) for id, created_at, labels in cursor.fetchall()}


def keep(act: Act, before: dict[UUID, dict[str, Any]]) -> None:
    """Keep what there was before, by interaction."""
    write_rows(
        "act_change",
        ("act_id", "interaction_id", "before"),
        [(act.id, id.hex, orjson.dumps(what).decode()) for id, what in sorted(before.items())],
    )


def kept(act: Act, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What there was before, by interaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, before::text FROM act_change"
            " WHERE act_id = %s AND interaction_id = ANY(%s)",
            [act.id, list(ids)],
        )
        return {id: orjson.loads(before) for id, before in cursor.fetchall()}


def forget(act: Act, ids: Sequence[UUID]) -> None:
    """Let go of what has been put back; what stays was left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM act_change WHERE act_id = %s AND interaction_id = ANY(%s)",
            [act.id, list(ids)],
        )


def last(act: Act, before: UUID | None, limit: int) -> list[UUID]:
    """At most `limit` interactions that it changed, from the greatest id below `before` down."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id FROM act_change WHERE act_id = %s AND interaction_id < %s"
            " ORDER BY interaction_id DESC LIMIT %s",
            [act.id, before or UUID(int=(1 << 128) - 1), limit],
        )
        return [id for (id,) in cursor.fetchall()]
