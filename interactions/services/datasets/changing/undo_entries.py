"""What undoing a change of a dataset needs, kept for `z` with the change itself.

`UndoEntry.before` has `what` was changed, `n` records of it and `words`: beside these the `steps`
of an `Edit`, or of a batch, `what` being "batch", its id and whether it was taken back (`undone`).
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from interactions.models import Dataset, DatasetItem, UndoEntry
from interactions.services.datasets import spans
from projects.models import User

TURNED_BATCH = "batch"


def keep(
    dataset: Dataset, before: dict[str, Any], *, by: User, at: datetime | None = None
) -> UndoEntry:
    """Write the entry; `at` says when, where that was not now."""
    return UndoEntry.objects.create(
        project=dataset.project,
        dataset=dataset,
        created_by=by,
        created_at=at or datetime.now(UTC),
        kind=UndoEntry.Kind.DATASET,
        before=before,
    )


def last(dataset: Dataset, *, by: User) -> UndoEntry | None:
    """The newest change of a dataset by a person that is kept."""
    mine = UndoEntry.objects.in_project(dataset.project).filter(dataset=dataset, created_by=by)
    kept = mine.filter(created_at__gt=datetime.now(UTC) - UndoEntry.KEPT)
    return kept.order_by("-created_at", "-id").first()


def record_of(entry: UndoEntry) -> UUID | None:
    """The record that was changed, if it is one and not removed."""
    steps = entry.before.get("steps", ())
    at = [first for _, _, some in steps for first, _ in spans.ranges(some)]
    if entry.before["n"] != 1 or len(at) != 1 or entry.dataset_id is None:
        return None
    mine = DatasetItem.objects.in_project(entry.project).filter(
        dataset_id=entry.dataset_id, position=at[0], until=None
    )
    return mine.values_list("item", flat=True).first()
