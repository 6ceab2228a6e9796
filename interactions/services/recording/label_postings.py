"""The postings of a batch, gathered by label, and what they add to the counts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from adaptive_site.lib.database.bulk_insert import Fanned, Row, Table
from interactions.services.rollups import deltas
from interactions.services.rollups.deltas import ALL_INTERACTIONS, Hour, hour_of

POSTINGS = Table(
    "interaction_label",
    ("project_id", "label_id", "interaction_id"),
    plain=("int", "int", "uuid"),
)


class Carried:
    """Which interactions of a batch carry which label, by the hour."""

    def __init__(self) -> None:
        self._ids: dict[Hour, defaultdict[int, list[str]]] = {}

    def add(self, project_id: int, created_at: datetime, labels: Iterable[int], id: str) -> None:
        """Note the labels of an interaction, values and keys."""
        hour = (project_id, hour_of(created_at))
        by_label = self._ids.get(hour)
        if by_label is None:
            by_label = self._ids[hour] = defaultdict(list)
        by_label[ALL_INTERACTIONS].append(id)
        for label in labels:
            by_label[label].append(id)

    def postings(self) -> Fanned:
        """Rows for `POSTINGS`, in the order of their index: 8,000 so 34 ms, as they come 44."""
        found: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
        for (project_id, _), by_label in self._ids.items():
            for label, ids in by_label.items():
                if label != ALL_INTERACTIONS:
                    found[project_id, label].extend(ids)
        return Fanned((place, sorted(found[place])) for place in sorted(found))

    def deltas(self) -> list[Row]:
        """Rows for `deltas.LABEL_DELTAS`."""
        return deltas.label_rows(
            {
                hour: {label: len(ids) for label, ids in by_label.items()}
                for hour, by_label in self._ids.items()
            }
        )
