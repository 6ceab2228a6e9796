"""Figures of a version or of the draft."""

from dataclasses import asdict, dataclass
from typing import Any

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Dataset
from interactions.services.datasets.item_records import included_sql, rows_sql


@dataclass(frozen=True, slots=True)
class Figures:
    """What a dataset is made up of."""

    records: int
    by_split: dict[str, int]
    by_review: dict[str, int]
    edited: int

    def as_json(self) -> dict[str, Any]:
        """As a version keeps it."""
        return asdict(self)


def of(dataset: Dataset, version: int | None = None) -> Figures:
    """The figures of a version, or of the draft."""
    valid, all_rows = included_sql(dataset, version), rows_sql(dataset, version)
    splits = fetch(
        Sql(
            "SELECT split, count(*), count(correction) FROM dataset_item"
            f" WHERE {valid.text} GROUP BY split",
            valid.params,
        )
    )
    reviews = fetch(
        Sql(
            f"SELECT review, count(*) FROM dataset_item WHERE {all_rows.text} GROUP BY review",
            all_rows.params,
        )
    )
    return Figures(
        records=sum(n for _, n, _ in splits),
        by_split={split: n for split, n, _ in splits},
        by_review=dict(reviews),
        edited=sum(edited for _, _, edited in splits),
    )
