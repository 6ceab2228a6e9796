"""What a write changes in the roll-ups, as rows to be appended with it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from adaptive_site.lib.database.bulk_insert import Row, Table, write_rows
from adaptive_site.lib.ids import time_of

ALL_INTERACTIONS = 0  # the label id under which the roll-up counts every interaction

LABEL_DELTAS = Table("label_delta", ("project_id", "start", "label_ids", "counts"))
FEEDBACK_DELTAS = Table(
    "feedback_delta", ("project_id", "metric_id", "day", "n", "total", "squares")
)

Hour: TypeAlias = tuple[int, datetime]  # a project and when the hour starts
CountedFeedback: TypeAlias = tuple[int, UUID, int, float]  # project, interaction, metric and value


def hour_of(at: datetime) -> datetime:
    """When the hour of `at` starts, in UTC."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.replace(minute=0, second=0, microsecond=0)


def day_of(id: UUID) -> datetime:
    """When the day of the interaction starts, in UTC."""
    at = time_of(id)
    return at - timedelta(
        hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond
    )


def label_rows(counts: Mapping[Hour, Mapping[int, int]]) -> list[Row]:
    """Rows for `LABEL_DELTAS`: for each project and hour, how many more carry each label."""
    return [
        (project_id, hour.isoformat(), _array(counted), _array(counted.values()))
        for (project_id, hour), counted in counts.items()
        if counted
    ]


def feedback_rows(given: Iterable[CountedFeedback], *, sign: int = 1) -> list[Row]:
    """Rows for `FEEDBACK_DELTAS`; with `sign` -1 for feedback that is taken back."""
    sums: dict[tuple[int, int, datetime], tuple[int, float, float]] = {}
    for project_id, interaction_id, metric_id, value in given:
        place = (project_id, metric_id, day_of(interaction_id))
        n, total, squares = sums.get(place, (0, 0.0, 0.0))
        sums[place] = (n + sign, total + sign * value, squares + sign * value * value)
    return [
        (project_id, metric_id, f"{day:%Y-%m-%d}", *values)
        for (project_id, metric_id, day), values in sums.items()
    ]


def append(table: Table, rows: list[Row]) -> None:
    """Write them; in the transaction of what they count."""
    write_rows(table.name, table.columns, rows)


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
