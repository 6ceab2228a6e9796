"""Interactions that are newer than a given moment or row."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.ids import first_id_at
from interactions.filters.sql.queries import Count, row_test, window
from interactions.filters.tree import Tree
from projects.models import Project

MOST_NEW_ROWS = 5_000  # of a project that are looked at together


def newer(project: Project, tree: Tree, after: UUID | None, *, limit: int) -> list[UUID]:
    """The newest `limit` matches that are newer than `after`, newest first; None is any."""
    return window(project, tree, limit=limit, after=after)


def how_many(project: Project, tree: Tree, after: UUID | None, *, cap: int) -> Count:
    """How many matches are newer than `after`, up to `cap`."""
    n = len(newer(project, tree, after, limit=cap + 1))
    return Count(min(n, cap), n <= cap)


def arrived(projects: Sequence[int], since: datetime) -> dict[int, list[UUID]]:
    """By project the interactions created since then, newest first, in one query for all."""
    found: dict[int, list[UUID]] = {id: [] for id in projects}
    for project_id, id in fetch(
        Sql(
            "SELECT p.id, i.id FROM unnest(%s::int[]) AS p(id) CROSS JOIN LATERAL ("
            "SELECT id FROM interaction WHERE project_id = p.id AND id >= %s"
            " ORDER BY id DESC LIMIT %s) AS i",
            (list(projects), first_id_at(since), MOST_NEW_ROWS),
        )
    ):
        found[project_id].append(id)
    return found


def matching(project: Project, tree: Tree, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these interactions that match, in their order.

    Each is tested by itself, so it costs the same however many match in all: 20 µs each.
    """
    test = row_test(project, tree, "fresh.id")
    rows = fetch(
        Sql(
            "SELECT fresh.id FROM unnest(%s::uuid[]) WITH ORDINALITY AS fresh(id, place)"
            f" WHERE {test.text} ORDER BY fresh.place",
            (list(ids), *test.params),
        )
    )
    return [id for (id,) in rows]
