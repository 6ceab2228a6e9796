"""The label dictionary."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeAlias

from django.db import connection

from projects.models import Project

Pair: TypeAlias = tuple[str, str | None]

# Labels are never renamed or reused, so what was read once stays true.
_known: OrderedDict[tuple[int, Pair], int] = OrderedDict()
_REMEMBERED = 100_000


def resolve(project: Project, pairs: Iterable[Pair]) -> dict[Pair, int]:
    """The ids of these (key, value) pairs, made where they are new.

    New ones are committed by themselves, before the interactions that carry them, so that two
    writers of the same new label never wait for each other's batch.
    """
    found: dict[Pair, int] = {}
    missing: list[Pair] = []
    for pair in set(pairs):
        id = _known.get((project.id, pair))
        if id is None:
            missing.append(pair)
        else:
            found[pair] = id
    if missing:
        fresh = _read_or_make(project, sorted(missing, key=_order))
        found |= fresh
        if not connection.in_atomic_block:  # what may be rolled back is not remembered
            _remember(project, fresh)
    return found


def _order(pair: Pair) -> tuple[str, bool, str]:
    """One order for all writers, so that no two wait for each other."""
    return pair[0], pair[1] is not None, pair[1] or ""


def forget() -> None:
    """Drop what is remembered, for tests that throw their database away."""
    _known.clear()


def _remember(project: Project, fresh: dict[Pair, int]) -> None:
    for pair, id in fresh.items():
        _known[project.id, pair] = id
    while len(_known) > _REMEMBERED:
        _known.popitem(last=False)


def _read_or_make(project: Project, pairs: list[Pair]) -> dict[Pair, int]:
    found = _read(project, pairs)
    new = [pair for pair in pairs if pair not in found]
    if new:
        found |= _make(project, new)
        if left := [pair for pair in new if pair not in found]:  # others have just made these
            found |= _read(project, left)
    return found


def _make(project: Project, pairs: list[Pair]) -> dict[Pair, int]:
    """Without the ORM: 16 µs of ours a label instead of 37, and one statement less."""
    keys, values = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO label (project_id, key, value)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[])"
            " ON CONFLICT DO NOTHING RETURNING key, value, id",
            [project.id, list(keys), list(values)],
        )
        return {(key, value): id for key, value, id in cursor.fetchall()}


def _read(project: Project, pairs: list[Pair]) -> dict[Pair, int]:
    keys, values = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        # Two joins, because IS NOT DISTINCT FROM cannot use the third column of the index.
        cursor.execute(
            "WITH wanted AS (SELECT * FROM unnest(%(keys)s::text[], %(values)s::text[])"
            " AS wanted(key, value))"
            " SELECT label.key, label.value, label.id FROM wanted JOIN label"
            " ON label.project_id = %(project)s AND label.key = wanted.key"
            " AND label.value = wanted.value"
            " UNION ALL SELECT label.key, NULL, label.id FROM wanted JOIN label"
            " ON label.project_id = %(project)s AND label.key = wanted.key"
            " AND label.value IS NULL AND wanted.value IS NULL",
            {"keys": list(keys), "values": list(values), "project": project.id},
        )
        return {(key, value): id for key, value, id in cursor.fetchall()}
