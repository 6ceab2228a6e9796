"""The labels of a project: how many interactions have each, and when the newest of these was."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.ids import time_of
from projects.models import Project

MOST_KEYS, MOST_VALUES = 200, 100


@dataclass(frozen=True, slots=True)
class UsedLabel:
    """A label key with its most frequent values, or one of these values."""

    name: str
    count: int
    last_used: datetime
    values: list["UsedLabel"] = field(default_factory=list)


def used_labels(project: Project) -> list[UsedLabel]:
    """The most frequent keys. Counts are as of the last roll-up, some seconds old."""
    keys = _used(project, Sql("SELECT id, key AS name, total FROM label WHERE project_id = %s"
                              " AND value IS NULL AND total > 0 ORDER BY total DESC, key LIMIT %s",
                              (project.id, MOST_KEYS)))  # fmt: skip
    values: dict[str, list[UsedLabel]] = {}
    for key, one in _used_values(project, [name for name, *_ in keys]):
        values.setdefault(key, []).append(one)
    return [
        UsedLabel(name, count, time_of(newest), values.get(name, []))
        for name, count, newest in keys
    ]


def _used_values(project: Project, keys: list[str]) -> Iterable[tuple[str, UsedLabel]]:
    found = fetch(
        Sql(
            "SELECT k.key, v.value, v.total, p.interaction_id FROM unnest(%s::text[]) k(key)"
            " CROSS JOIN LATERAL (SELECT id, value, total FROM label WHERE project_id = %s"
            "  AND key = k.key AND value IS NOT NULL AND total > 0"
            "  ORDER BY total DESC, value LIMIT %s) v"
            f" CROSS JOIN LATERAL ({_newest('v.id')}) p ORDER BY k.key, v.total DESC, v.value",
            (keys, project.id, MOST_VALUES, project.id),
        )
    )
    return [(key, UsedLabel(value, n, time_of(newest))) for key, value, n, newest in found]


def _used(project: Project, labels: Sql) -> list[tuple[str, int, UUID]]:
    found = fetch(
        Sql(
            f"SELECT l.name, l.total, p.interaction_id FROM ({labels.text}) l"
            f" CROSS JOIN LATERAL ({_newest('l.id')}) p ORDER BY l.total DESC, l.name",
            (*labels.params, project.id),
        )
    )
    return [(name, count, newest) for name, count, newest in found]


def _newest(label: str) -> str:
    """The query of the newest interaction that has a label: the last of its posting list."""
    return (
        "SELECT interaction_id FROM interaction_label"
        f" WHERE project_id = %s AND label_id = {label}"
        " ORDER BY label_id DESC, interaction_id DESC LIMIT 1"
    )
