"""Datasets with records, as the tests of this package want them."""

from collections.abc import Sequence
from typing import Any

from interactions.models import Dataset, DatasetBatch, DatasetItem
from interactions.services.datasets import batches, create, item_records, items
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User


def record(
    text: str = "What is a maple?", answer: str | None = "A tree.", **more: Any
) -> TrainingRecord:
    """A record of one user turn."""
    return TrainingRecord(
        messages=[{"role": "user", "content": text}],
        answer=None if answer is None else ModelAnswer(answer, model=more.pop("model", "gpt-4o")),
        **more,
    )


def make_dataset(
    project: Project, by: User, records: Sequence[TrainingRecord] = (), **known: Any
) -> Dataset:
    """A dataset of completions with these records, of one batch."""
    known.setdefault("kind", Dataset.Kind.COMPLETION)
    made = create.create(project, by=by, name=known.pop("name", "Trees"), **known)
    if records:
        add(made, records)
    return made


def add(dataset: Dataset, records: Sequence[TrainingRecord], **known: Any) -> DatasetBatch:
    """The batch with which records were added."""
    batch = batches.begin(dataset, DatasetBatch.Origin.SELECTION, by=dataset.created_by)
    items.add(dataset, records, batch=batch, **known)
    return batches.finish(batch)


def draft_of(dataset: Dataset) -> list[DatasetItem]:
    """The rows of the draft in order."""
    return list(item_records.rows(dataset).order_by("position"))


def texts(dataset: Dataset, version: int | None = None) -> list[str]:
    """The prompts of a version or the draft that are in files, in order."""
    found = item_records.included(dataset, version).order_by("position")
    return [one.content["messages"][0]["content"] for one in found]
