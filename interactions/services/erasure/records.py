"""Erasing records of datasets, in the draft and in every version; each version keeps its number.

The digest of a version is of what is left; the one before stands beside it (`erased`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction

from adaptive_site.lib.database.sql import FALSE, Sql, fetch
from interactions.models import Dataset, DatasetBatch, DatasetItem, DatasetVersion, Job, UndoEntry
from interactions.services.datasets import drafts, figures, item_records, versions
from interactions.services.datasets.placing import answer_digests
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.stepping import (
    ErasureWaitsError,
    actor,
    count,
    is_mask,
    progress,
)
from interactions.services.erasure.targets import words_of
from interactions.services.holds import held
from interactions.services.recording.log import prompt_hash
from projects.models import Project
from projects.services.access import MANAGE, check_may_go_on

_TARGETS = (
    "(SELECT t.interaction_id FROM erasure_target t WHERE t.project_id = %s AND t.job_id = %s)"
)
_SAID = "concat_ws(E'\\n', content::text, correction, model)"


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """A row of a dataset that was erased."""

    item: UUID
    batch_id: int
    since: int
    until: int | None
    images: Sequence[str]

    def is_in(self, version: int) -> bool:
        """Whether a version had it."""
        return self.since <= version and (self.until is None or self.until > version)


def _but_held(project: Project, test: Sql) -> Sql:
    """The test, of rows that were not made of an interaction under legal hold."""
    tests = [
        held.is_held_anywhere(project, of)
        for of in ("dataset_item.interaction_id", "dataset_item.other_id")
    ]
    for one in tests:
        if one is not None:
            test = test & Sql(f"NOT {one.text}", one.params)
    return test


def of_ids(project: Project, ids: Sequence[UUID], words: SoughtWords) -> Sql:
    """The test whether a row was made of one of these, or holds the words."""
    named = list(ids)
    of = Sql("interaction_id = ANY(%s::uuid[]) OR other_id = ANY(%s::uuid[])", (named, named))
    said = words.test(_SAID) if words.words else FALSE
    test = Sql(f"({of.text} OR {said.text})", (*of.params, *said.params))
    return _but_held(project, test)


def _of_job(job: Job) -> Sql:
    """The test whether a row was made of what the job erases, or holds its words; of what masks
    only the latter.
    """
    if is_mask(job):
        return _but_held(job.project, words_of(job).test(_SAID))
    of = f"interaction_id IN {_TARGETS} OR other_id IN {_TARGETS}"
    said = words_of(job).test(_SAID)
    test = Sql(f"({of} OR {said.text})", (*(job.project_id, job.id) * 2, *said.params))
    return _but_held(job.project, test)


def erase_records(job: Job) -> bool:
    """Erase those of one dataset; first find which these are."""
    place = progress(job)
    if "left" not in place:
        test = _of_job(job)
        rows = fetch(
            Sql(
                "SELECT DISTINCT dataset_id FROM dataset_item"
                f" WHERE project_id = %s AND {test.text}",
                (job.project_id, *test.params),
            )
        )
        place["left"] = sorted(str(id) for (id,) in rows)
        place["all"] = list(place["left"])
        job.total = len(place["left"])
        job.cursor["datasets"] = place["all"]
    if place["left"]:
        by = actor(job)
        key_id = job.key_id if by == job.created_by else None
        check_may_go_on(by, key_id, [MANAGE], job.project)
        _erase_from(job, UUID(place["left"].pop(0)))
        job.done += 1
    return not place["left"]


@transaction.atomic
def _erase_from(job: Job, id: UUID) -> None:
    mine = Dataset.objects.in_project(job.project).filter(id=id)
    dataset = mine.select_for_update().first()
    if dataset is None:  # purged from the bin meanwhile, with all its records
        return
    dataset.project = job.project
    if drafts.job_at(dataset) is not None:
        raise ErasureWaitsError(f"another job is at the dataset {dataset.key}")
    rows = _masked_rows(job, id) if is_mask(job) else _erased_rows(job, id)
    dataset.records = item_records.included(dataset).count()
    _drop_original(dataset)
    dataset.save(update_fields=["records", "original"])
    for version in versions.of(dataset):
        if n := len({row.item for row in rows if row.is_in(version.number)}):
            _renew(dataset, version, n, is_masked=is_mask(job))
    UndoEntry.objects.in_project(job.project).filter(dataset=dataset).delete()
    n = len({row.item for row in rows})
    if is_mask(job):
        count(job, "records of datasets, in all their versions", n)
        return
    _tell_batches(dataset, rows)
    _drop_images(dataset, {image for row in rows for image in row.images})
    count(job, "records of datasets, with all their versions", n)


def _erased_rows(job: Job, id: UUID) -> list[ErasedRow]:
    test = _of_job(job)
    found = fetch(
        Sql(
            "DELETE FROM dataset_item WHERE project_id = %s AND dataset_id = %s"
            f" AND {test.text} RETURNING item, batch_id, since, until, ARRAY(SELECT m[1]"
            "  FROM regexp_matches(content::text, 'image:([0-9a-f]{64})', 'g') m)",
            (job.project_id, id, *test.params),
        )
    )
    return [ErasedRow(*row) for row in found]


def _masked_rows(job: Job, id: UUID) -> list[ErasedRow]:
    """Put the masking words into rows, and make anew what is counted of their texts."""
    test, words = _of_job(job), words_of(job)
    rows = DatasetItem.objects.in_project(job.project).filter(dataset_id=id)
    ids = fetch(
        Sql(
            f"SELECT id FROM dataset_item WHERE project_id = %s AND dataset_id = %s AND {test.text}"
            " ORDER BY id FOR UPDATE",
            (job.project_id, id, *test.params),
        )
    )
    found = []
    for one in rows.filter(id__in=[row_id for (row_id,) in ids]).iterator(chunk_size=200):
        one.content = words.value_without(one.content)
        one.model = words.without(one.model)
        one.correction = None if one.correction is None else words.without(one.correction)
        record = item_records.record_of(one, is_original=True)
        one.prompt_hash = prompt_hash(record.messages)
        (one.answer_digest,) = answer_digests.of_records([record.answers])
        one.save(update_fields=["content", "model", "correction", "prompt_hash", "answer_digest"])
        found.append(ErasedRow(one.item, one.batch_id, one.since, one.until, ()))
    return found


def _renew(dataset: Dataset, version: DatasetVersion, n: int, *, is_masked: bool) -> None:
    """Say in the version how many went or were masked, and of what its digest is now."""
    version.erased.append(
        {
            "on": datetime.now(UTC).date().isoformat(),
            "records": n,
            "digest_before": version.digest,
            **({"masked": True} if is_masked else {}),
        }
    )
    version.records, version.digest = versions.digest_of(dataset, version.number)
    counted = figures.of(dataset, version.number, make_up_ms=figures.JOB_MAKE_UP_MS)
    version.figures = counted.as_json()
    version.save(update_fields=["erased", "records", "digest", "figures"])


def _tell_batches(dataset: Dataset, rows: Sequence[ErasedRow]) -> None:
    gone = Counter(batch for batch, _ in {(row.batch_id, row.item) for row in rows})
    batches = DatasetBatch.objects.in_project(dataset.project).filter(dataset=dataset)
    for batch in batches.filter(id__in=gone):
        batch.records = max(0, batch.records - gone[batch.id])
        batch.steps = [*batch.steps, _step(batch.records)]
        batch.save(update_fields=["records", "steps"])


def _step(left: int) -> dict[str, Any]:
    return {"step": "erased for good", "left": left}


def _drop_original(dataset: Dataset) -> None:
    """The uploaded file has what the records were made of."""
    if dataset.original:
        default_storage.delete(dataset.original)
        dataset.original = ""


def _drop_images(dataset: Dataset, hashes: set[str]) -> None:
    """Of these images, those that no record of the dataset holds any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dataset_image d USING image i WHERE i.id = d.image_id"
            " AND i.project_id = %s AND d.dataset_id = %s AND i.sha256 = ANY(%s)"
            " AND NOT EXISTS (SELECT FROM dataset_item o WHERE o.project_id = %s"
            "  AND o.dataset_id = d.dataset_id AND strpos(o.content::text, i.sha256) > 0)",
            [dataset.project_id, dataset.id, list(hashes), dataset.project_id],
        )
