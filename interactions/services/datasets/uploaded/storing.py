"""Datasets made of uploaded files: small ones at once, others by a job; nothing half stored.

The file is kept as it came (`Dataset.original`), beside the records made of its lines.
"""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from interactions.models import Dataset, DatasetBatch, DatasetImage, Upload
from interactions.services.datasets import batches, create, items, versions
from interactions.services.datasets.uploaded.lines import (
    UploadedMetrics,
    UploadedReader,
    UploadedRecord,
    lines_of,
)
from interactions.services.datasets.uploaded.masking import masked
from interactions.services.images import store
from interactions.services.recording.masking import Masking
from interactions.services.training.record import TrainingRecord
from interactions.services.uploads.reader import open_upload
from projects.models import Project, User
from projects.services import metrics
from projects.services.access import EDIT_DATASETS, Caller

# What the SDK sends in one piece; it sends larger files in parts.
MAX_AT_ONCE = 5 * 1024 * 1024
_KEPT_AT_ONCE = 100  # records whose images are stored together
_CHUNK = 1024 * 1024


def create_at_once(
    project: Project, data: bytes, *, name: str, key: str | None, file_name: str, by: User
) -> Dataset:
    """A dataset of a small file. Raises Invalid naming the line at fault, and stores nothing then.

    Raises TooLarge for a file that should come in parts, Forbidden to who may not write.
    """
    Caller(by).check_may(EDIT_DATASETS, project)
    if len(data) > MAX_AT_ONCE:
        said = f"expected at most {MAX_AT_ONCE >> 20} MB at once; send larger files in parts"
        raise TooLarge(said, field="file")
    reader = UploadedReader(UploadedMetrics(project))
    read = [reader.read(number, raw) for number, _, raw in lines_of(io.BytesIO(data))]
    if not read:
        raise _empty()
    with transaction.atomic():
        dataset = _create(project, reader.kind, name=name, key=key, file_name=file_name, by=by)
        register(project, reader.metrics.kinds)
        uses = Counter(key for one in read for key in metrics_of(one.record))
        batch = begin_batch(dataset, uses)
        add(dataset, read, batch=batch)
        keep_original(dataset, io.BytesIO(data))
        finish(dataset, batch)
    return dataset


def prepare(project: Project, upload: Upload, *, name: str, key: str | None, by: User) -> Dataset:
    """A dataset whose records a job will read from an upload; its kind is that of the first line.

    Raises Invalid when that line is broken, or there is none.
    """
    Caller(by).check_may(EDIT_DATASETS, project)
    if upload.project_id not in (None, project.id):
        raise NotFound("there is no such upload in this project")
    reader = UploadedReader(UploadedMetrics(project))
    with open_upload(upload) as file:
        for number, _, raw in islice(lines_of(file), 1):
            reader.read(number, raw)
    if not reader.kind:
        raise _empty()
    return _create(
        project, reader.kind, name=name, key=key, file_name=upload.name, by=by,
        state=Dataset.State.PENDING,
    )  # fmt: skip


def _create(
    project: Project,
    kind: str,
    *,
    name: str,
    key: str | None,
    file_name: str,
    by: User,
    **more: Any,
) -> Dataset:
    """The dataset, empty; one of the same key whose upload failed gives the key up."""
    failed = create.present(project).filter(key=key or "", state=Dataset.State.FAILED, records=0)
    for one in failed:
        one.project = project
        create.delete(one, by=by)
    dataset = create.create(project, name=name, key=key, kind=kind, by=by, **more)
    dataset.original_name = without_nul(file_name)[-255:]
    dataset.save(update_fields=["original_name"])
    return dataset


def register(project: Project, kinds: Mapping[str, str]) -> None:
    """Make the metrics that a file names and the project does not have."""
    for key, kind in kinds.items():
        metrics.ensure(project, key, kind=kind)


def metrics_of(record: TrainingRecord) -> list[str]:
    """The keys of the metrics that a record names."""
    return [*record.feedback, *([record.metric] if record.metric else ())]


def begin_batch(dataset: Dataset, uses: Mapping[str, int]) -> DatasetBatch:
    """The entry of the lineage for all records of the file, and how many name which metric."""
    recipe: dict[str, Any] = {"file": dataset.original_name} if dataset.original_name else {}
    recipe |= {"metrics": dict(uses)} if uses else {}
    origin = DatasetBatch.Origin.UPLOAD
    return batches.begin(dataset, origin, by=dataset.created_by, recipe=recipe)


def add(dataset: Dataset, read: Iterable[UploadedRecord], *, batch: DatasetBatch) -> int:
    """Store records with their images, few of these held at a time; returns how many."""
    masking = Masking()
    n = items.add(dataset, _kept(dataset.project, read, masking), batch=batch)
    masking.save()
    return n


def _kept(
    project: Project, read: Iterable[UploadedRecord], masking: Masking
) -> Iterator[TrainingRecord]:
    read = iter(read)
    while some := list(islice(read, _KEPT_AT_ONCE)):
        store.keep(project, [image for one in some for image in one.images])
        yield from (masked(masking, project, one.record) for one in some)


def finish(dataset: Dataset, batch: DatasetBatch) -> None:
    """Say that all records are in, and freeze them as the first version."""
    batches.finish(batch, steps=[{"step": "lines read", "left": batch.records}])
    versions.freeze(dataset, by=dataset.created_by, note="As uploaded")
    dataset.refresh_from_db()


def keep_original(dataset: Dataset, file: BinaryIO) -> None:
    """Keep the bytes of the file as they came, unless its project masks what comes in."""
    if dataset.project.masking:
        return
    path = f"datasets/{dataset.project_id}/{dataset.id}.jsonl"
    default_storage.delete(path)  # of a step that was rolled back
    dataset.original = default_storage.save(path, _Whole(file))
    dataset.save(update_fields=["original"])


def open_original(dataset: Dataset) -> "File[Any]":
    """The file as it came. Raises NotFound when the dataset was made otherwise."""
    if not dataset.original:
        raise NotFound("there is no original file: it was not uploaded, or its project masks data")
    try:
        return default_storage.open(dataset.original)
    except FileNotFoundError as error:
        raise NotFound("the original file of this dataset is lost") from error


def give_up(dataset: Dataset, batch: DatasetBatch | None, error: str) -> None:
    """Take back whatever is stored of a file that could not be read to its end, and say why."""
    if batch is not None:
        batches.drop(batch)
    DatasetImage.objects.filter(dataset=dataset).delete()
    if dataset.original:
        default_storage.delete(dataset.original)
        dataset.original = ""
        dataset.save(update_fields=["original"])
    create.mark_failed(dataset, error)


class _Whole(File):  # type: ignore[type-arg]
    """A file as the storage wants it, read from its beginning in large pieces."""

    DEFAULT_CHUNK_SIZE = _CHUNK


def _empty() -> Invalid:
    return Invalid("expected at least one line with a record", field="file")
