"""The job that reads an uploaded dataset: first every line is checked, then all are stored.

So a broken line, wherever it stands, leaves a dataset without records that says which one it is.
The cursor has the place in the file where the next step reads on.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset, DatasetBatch, Job, Upload
from interactions.services.datasets.uploaded import storing
from interactions.services.datasets.uploaded.lines import (
    UploadedMetrics,
    UploadedReader,
    UploadedRecord,
    lines_of,
)
from interactions.services.uploads import parts
from interactions.services.uploads.reader import open_upload
from projects.services.access import EDIT_DATASETS

PERMISSION = EDIT_DATASETS
CHECKING, STORING = "Checking lines", "Storing records"
BYTES_A_STEP = 32 * 1024 * 1024
SECONDS_A_STEP = 3.0


def step(job: Job) -> bool:
    """Check some lines, or store some of them."""
    upload = _upload(job)
    if not job.cursor:
        job.stage, job.total = CHECKING, upload.received
        job.cursor = {"at": 0, "line": 0, "records": 0, "kinds": {}, "uses": {}}
        return False
    return _store(job, upload) if "batch" in job.cursor else _check(job, upload)


def _check(job: Job, upload: Upload) -> bool:
    dataset = _dataset(job)
    some = _Some(job, dataset, upload)
    uses = Counter(job.cursor["uses"])
    for one in some.records():
        job.cursor["records"] += 1
        uses.update(storing.metrics_of(one.record))
    job.cursor["uses"] = dict(uses)
    job.cursor["kinds"] = some.metrics.kinds
    job.done = job.cursor["at"]
    if not some.is_last:
        return False
    storing.register(job.project, some.metrics.kinds)
    with open_upload(upload) as file:
        storing.keep_original(dataset, file)
    batch = storing.begin_batch(dataset, uses)
    job.stage, job.done, job.total = STORING, 0, job.cursor["records"]
    job.cursor |= {"at": 0, "line": 0, "batch": batch.id}
    return False


def _store(job: Job, upload: Upload) -> bool:
    dataset, batch = _dataset(job), _batch(job)
    assert batch is not None
    some = _Some(job, dataset, upload)
    storing.add(dataset, some.records(), batch=batch)
    job.done = batch.records
    if some.is_last:
        storing.finish(dataset, batch)
        parts.drop(upload)
        plural = "" if batch.records == 1 else "s"
        job.result = {
            "dataset": str(dataset.id),
            "words": f"Read {batch.records:,} record{plural} into “{dataset.name}”.",
            "address": f"datasets/{dataset.key}/",
            "open": "Open the dataset",
        }
    return some.is_last


class _Some:
    """The records of one step, from the cursor on; moves it on as they are taken."""

    def __init__(self, job: Job, dataset: Dataset, upload: Upload) -> None:
        self.is_last = False
        self.metrics = UploadedMetrics(job.project, dict(job.cursor["kinds"]))
        self._cursor = job.cursor
        self._reader = UploadedReader(self.metrics, dataset.kind)
        self._upload = upload

    def records(self) -> Iterator[UploadedRecord]:
        """The records of so many bytes, or of some seconds."""
        cursor, began = self._cursor, time.monotonic()
        most = cursor["at"] + BYTES_A_STEP
        with open_upload(self._upload) as file:
            file.seek(cursor["at"])
            for number, end, raw in lines_of(file, number=cursor["line"]):
                yield self._reader.read(number, raw)
                cursor["at"], cursor["line"] = end, number
                if end >= most or time.monotonic() > began + SECONDS_A_STEP:
                    return
        self.is_last = True


def cancelled(job: Job) -> None:
    """Leave the dataset without records, and nothing of the file."""
    _give_up(job, "reading the file was cancelled")


def failed(job: Job) -> None:
    """Leave the dataset without records, saying why, and nothing of the file."""
    _give_up(job, job.error)


def sentence(job: Job) -> str:
    """What is read."""
    return f"Read the uploaded dataset “{job.arguments['name']}”"


def _give_up(job: Job, error: str) -> None:
    with suppress(NotFound):
        parts.drop(_upload(job))
    with suppress(NotFound):  # deleted meanwhile: what is in the bin is removed with it
        dataset = _dataset(job)
        if dataset.state == Dataset.State.PENDING:
            storing.give_up(dataset, _batch(job), error)
    job.cursor = {}


def _upload(job: Job) -> Upload:
    try:
        return parts.known(job.created_by, job.arguments["upload"])
    except NotFound as error:  # the job has failed before, and is tried again
        raise NotFound("the file is no longer here; upload it again") from error


def _dataset(job: Job) -> Dataset:
    mine = Dataset.objects.in_project(job.project).present().select_related("created_by")
    found = mine.filter(id=job.arguments["dataset"]).first()
    if found is None:
        raise NotFound("the dataset has been deleted")
    found.project = job.project
    return found


def _batch(job: Job) -> DatasetBatch | None:
    mine = DatasetBatch.objects.in_project(job.project).filter(id=job.cursor.get("batch"))
    found = mine.select_related("dataset", "created_by").first()
    if found is not None:
        found.project = found.dataset.project = job.project
    return found
