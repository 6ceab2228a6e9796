"""Datasets with records, as the tests of this package want them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from interactions.models import Dataset, DatasetBatch, DatasetItem
from interactions.services.datasets import batches, create, growing, growth, item_records, items
from interactions.services.datasets.growth import Growth
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User
from tests import make


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


def start(dataset: Dataset, query: str = "label=env:prod", **known: Any) -> None:
    """Let the dataset grow, by default by what is labelled env:prod."""
    growth.start(dataset, QueryDict(query), by=known.pop("by", dataset.created_by), **known)


def grow(dataset: Dataset) -> Growth:
    """Let the worker do what is to be done by now, and later as well."""
    for _ in range(3):
        Dataset.objects.exclude(grows_next_at=None).update(grows_next_at=datetime.now(UTC))
        while growing.grow_some():
            pass
    dataset.refresh_from_db()
    found = Growth.of(dataset)
    assert found
    return found


def log(project: Project, *texts: str, env: str = "prod", **known: Any) -> list[UUID]:
    """Interactions of now with these prompts."""
    now = datetime.now(UTC)
    return [
        make.make_interaction(project, text, created_at=now, labels={"env": env}, **known).id
        for text in texts
    ]
