"""What comes into a dataset together: begun, finished, taken back as a whole and put back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Dataset, DatasetBatch, DatasetImage, DatasetItem
from interactions.services.datasets import drafts, edit_words, spans
from interactions.services.datasets.changing import undo_entries
from interactions.services.datasets.changing.undo_entries import TURNED_BATCH
from interactions.services.datasets.create import mark_ready
from projects.models import User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

TAKEN_BACK = "taken back"  # the step that an undone batch ends with, until it is put back


@transaction.atomic
def begin(
    dataset: Dataset, origin: str, *, by: User, recipe: Mapping[str, Any] | None = None
) -> DatasetBatch:
    """Make an entry of the lineage, which records are then added to by `items.add`.

    `recipe` says where they come from: the filter in words and as an address, the selection,
    sample, seed and so on.
    """
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    locked = drafts.lock(dataset)
    return DatasetBatch.objects.create(
        project=dataset.project,
        dataset=dataset,
        origin=origin,
        created_by=by,
        created_at=datetime.now(UTC),
        recipe=dict(recipe or {}),
        version=locked.draft,
    )


@transaction.atomic
def finish(batch: DatasetBatch, *, steps: Sequence[Mapping[str, Any]] = ()) -> DatasetBatch:
    """Say that all records of a batch are in, and by what steps; the dataset is ready then."""
    mine = DatasetBatch.objects.in_project(batch.project).filter(id=batch.id)
    mine.update(steps=[dict(step) for step in steps])
    batch = mine.select_related("project", "dataset", "created_by").get()
    mark_ready(batch.dataset)
    audit.record(
        batch.project,
        actor=batch.created_by,
        verb="dataset.added",
        subject=batch.dataset.key,
        records=batch.records,
        origin=batch.origin,
    )
    return batch


def of(dataset: Dataset, *, limit: int = 100) -> list[DatasetBatch]:
    """What came into the dataset, the latest first."""
    mine = DatasetBatch.objects.in_project(dataset.project).filter(dataset=dataset)
    return list(mine.select_related("created_by", "undone_by").order_by("-id")[:limit])


def known(dataset: Dataset, id: int) -> DatasetBatch:
    """The batch of the dataset with this id. Raises NotFound."""
    mine = DatasetBatch.objects.in_project(dataset.project).filter(dataset=dataset)
    found = mine.filter(id=id).first()
    if found is None:
        raise NotFound("there is no such batch in this dataset")
    found.project, found.dataset = dataset.project, dataset
    return found


@transaction.atomic
def undo(batch: DatasetBatch, *, by: User, is_undoing: bool = False) -> int:
    """Take all records of a batch out of the draft; returns how many that were.

    Those that somebody has removed before stay removed when it is put back. Raises Invalid while
    a job is adding records.
    """
    batch, dataset = locked(batch, by)
    check(batch, is_undone=False)
    taken = drafts.close(dataset, drafts.of_batch(batch))
    mark_undone(batch, dataset, spans.of(taken), len(taken), by=by, is_undoing=is_undoing)
    return len(taken)


@transaction.atomic
def redo(batch: DatasetBatch, *, by: User, is_undoing: bool = False) -> int:
    """Put back the records that `undo` took out; returns how many came back."""
    batch, dataset = locked(batch, by)
    check(batch, is_undone=True)
    back = drafts.reopen(dataset, spans.at(taken_out(batch)), by=by)
    mark_redone(batch, dataset, len(back), by=by, is_undoing=is_undoing)
    return len(back)


def check(batch: DatasetBatch, *, is_undone: bool) -> None:
    """Raise Invalid unless the batch was, or was not, taken back."""
    if is_undone and batch.undone_at is None:
        raise Invalid("this batch was not taken back")
    if not is_undone and batch.undone_at is not None:
        raise Invalid("this batch was taken back already")


def taken_out(batch: DatasetBatch) -> str:
    """The positions of the records that taking a batch back took out."""
    return str(batch.steps[-1]["positions"])


def mark_undone(
    batch: DatasetBatch, dataset: Dataset, positions: str, n: int, *, by: User, is_undoing: bool
) -> None:
    """Write that the batch was taken back, from which positions; and for `z` unless undoing."""
    step = {"step": TAKEN_BACK, "left": 0, "positions": positions}
    batch.steps = [*batch.steps, step]
    batch.undone_at, batch.undone_by = datetime.now(UTC), by
    batch.save(update_fields=["steps", "undone_at", "undone_by"])
    _tell(batch, dataset, by, "dataset.batch_undone", n)
    if not is_undoing:
        keep(batch, n, f"took a batch of {edit_words.counted(n)} back", by=by, is_undone=True)


def mark_redone(
    batch: DatasetBatch, dataset: Dataset, n: int, *, by: User, is_undoing: bool
) -> None:
    """Write that the batch was put back; and for `z` unless undoing."""
    batch.steps = batch.steps[:-1]
    batch.undone_at = batch.undone_by = None
    batch.save(update_fields=["steps", "undone_at", "undone_by"])
    _tell(batch, dataset, by, "dataset.batch_redone", n)
    if not is_undoing:
        keep(batch, n, f"put a batch of {edit_words.counted(n)} back", by=by, is_undone=False)


def keep(batch: DatasetBatch, n: int, words: str, *, by: User, is_undone: bool) -> None:
    """Have `z` turn the batch back again; `is_undone` says how it is now."""
    before = {"what": TURNED_BATCH, "batch": batch.id, "undone": is_undone, "n": n, "words": words}
    undo_entries.keep(batch.dataset, before, by=by)


@transaction.atomic
def drop(batch: DatasetBatch) -> None:
    """Remove a batch that was never finished, with its records, as a cancelled job does."""
    dataset = drafts.lock(batch.dataset)
    if batch.version != dataset.draft:  # a version was made meanwhile: its rows stay
        drafts.close(dataset, drafts.of_batch(batch))
        return
    mine = DatasetItem.objects.in_project(batch.project).filter(dataset=dataset, batch=batch)
    counted = mine.filter(until=None, review__in=DatasetItem.INCLUDED).count()
    mine.delete()
    drafts.count(dataset, -counted)
    # Nothing else comes in while a job adds records, so nothing else holds what came with these.
    DatasetImage.objects.filter(dataset=dataset, batch=batch).delete()
    DatasetBatch.objects.in_project(batch.project).filter(id=batch.id).delete()


def locked(batch: DatasetBatch, by: User) -> tuple[DatasetBatch, Dataset]:
    """The batch and its dataset as they are now, locked. Raises Invalid while a job is at it."""
    project = batch.project
    Caller(by).check_may(EDIT_DATASETS, project)
    dataset = drafts.lock(batch.dataset)
    drafts.check_idle(dataset)
    batch = DatasetBatch.objects.in_project(project).get(id=batch.id)
    batch.project, batch.dataset = project, dataset
    return batch, dataset


def _tell(batch: DatasetBatch, dataset: Dataset, by: User, verb: str, n: int) -> None:
    audit.record(dataset.project, actor=by, verb=verb, subject=dataset.key, records=n,
                 batch=batch.id)  # fmt: skip
