"""The job of an import, whose records become interactions, or those of a dataset.

For a dataset the file is read as for the log, into the same pieces; each piece is then added to a
batch of the dataset. What a cancelled or failed job has added is taken back.
"""

from contextlib import suppress
from typing import Any

from django.db import connection, transaction

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Dataset, DatasetBatch, Job
from interactions.services.datasets import batches, create, drafts, items, versions
from interactions.services.filling import records
from interactions.services.images import store
from interactions.services.importing import job as importing_job
from interactions.services.importing import pieces
from interactions.services.importing.piece_storing import StoredPiece
from interactions.services.importing.plan import ImportPlan, ImportTarget
from interactions.services.importing.stepwise import aside, file_work
from interactions.services.importing.stores import StoredCounts
from interactions.services.training.record import TrainingRecord
from interactions.services.uploads import parts
from projects.services import audit, metrics
from projects.services.access import CREATE, EDIT_DATASETS, check_may_go_on

PERMISSION = CREATE  # as for any import; for a dataset EDIT_DATASETS, too


def sentence(job: Job) -> str:
    """What is done, in words."""
    plan = ImportPlan.of(job.arguments)
    if plan.target is None:
        return importing_job.sentence(job)
    what = f"{plan.name} to the dataset “{plan.target.name}”"
    return f"Dry run of adding {what}" if plan.is_dry_run else f"Add {what}"


def step(job: Job) -> bool:
    """Read on for a second, or take the next piece."""
    plan = ImportPlan.of(job.arguments)
    if plan.target is None or job.cursor.get("stage") != "storing":
        return importing_job.step(job)
    if (n := next(file_work.missing(job.cursor), None)) is not None:
        _take(job, plan, plan.target, n)
        return False
    _finish(job, plan, plan.target)
    return True


def cancelled(job: Job) -> None:
    """Take back what a dataset got; a dataset that was made for this is removed."""
    plan = ImportPlan.of(job.arguments)
    if plan.target is None:
        importing_job.cancelled(job)
        return
    dataset = _taken_back(job, plan)
    job.result = {"words": "Nothing was added."}
    if dataset is None or not plan.target.is_new:
        return
    if DatasetBatch.objects.in_project(job.project).filter(dataset=dataset).exists():
        create.mark_ready(dataset)  # somebody has added to it meanwhile
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dataset_image WHERE dataset_id = %s", [dataset.id])
    by = job.cancelled_by or job.created_by
    audit.record(job.project, actor=by, verb="dataset.cancelled", subject=dataset.key)
    dataset.delete()


def failed(job: Job) -> None:
    """Take back what a dataset got; one that was made for this says what has failed."""
    plan = ImportPlan.of(job.arguments)
    if plan.target is None:
        importing_job.failed(job)
        return
    job.error = job.error.removeprefix("file: ")
    dataset = _taken_back(job, plan)
    if dataset is not None and plan.target.is_new:
        create.mark_failed(dataset, job.error)
    job.stage, job.cursor, job.done = "", {}, 0


def _take(job: Job, plan: ImportPlan, target: ImportTarget, n: int) -> None:
    """Check a piece, and unless it is a dry run add its records."""
    check_may_go_on(job.created_by, job.key_id, [EDIT_DATASETS], job.project)
    summary = file_work.summary_of(plan)
    piece = pieces.read(plan.folder, n)
    read = records.read(
        job.project, piece, kind=target.kind, by=job.created_by, kinds=summary["kinds"]
    )
    if not plan.is_dry_run:
        for key, kind in read.metrics.items():
            metrics.ensure(job.project, key, kind=kind)
        store.keep(job.project, read.images)
        dataset = _dataset(job, target)
        items.add(dataset, read.records, batch=_batch(job, dataset, plan))
    found = StoredPiece(StoredCounts(), read.faults, set(), set(read.metrics))
    file_work.count(job, n, piece, found)
    job.result["records"] = job.result.get("records", 0) + len(read.records)
    for key in _uses(read.records):
        used = job.result.setdefault("uses", {})
        used[key] = used.get(key, 0) + 1


def _uses(taken: list[TrainingRecord]) -> list[str]:
    return [key for one in taken for key in (*one.feedback, *([one.metric] if one.metric else ()))]


def _finish(job: Job, plan: ImportPlan, target: ImportTarget) -> None:
    aside.end(job)
    result = job.result
    n, refused = result.get("records", 0), result["refused"]
    plural = "" if n == 1 else "s"
    lines = [(f"Records {'would be ' if plan.is_dry_run else ''}added", n)]
    lines += [("New metrics", len(result["metrics"]))] if result["metrics"] else []
    lines += [(f"Passed over: {kind}", k) for kind, k in result["passed_over"].items()]
    lines += [("Refused", refused)] if refused else []
    result["lines"] = [list(line) for line in lines]
    if plan.is_dry_run:
        result["words"] = "Nothing was written."
        return
    if not n:
        raise Invalid("no record of the file can be taken", field="file")
    dataset = _dataset(job, target)
    batch = _batch(job, dataset, plan)
    if uses := result.pop("uses", None):
        batch.recipe = {**batch.recipe, "metrics": uses}
        batch.save(update_fields=["recipe"])
    steps = [{"step": f"{result['unit']}s in the file", "left": n + refused}]
    batch = batches.finish(batch, steps=[*steps, {"step": "taken", "left": n}])
    if target.is_new:
        versions.freeze(dataset, by=job.created_by, note="As imported")
    result |= {
        "words": f"Added {n:,} record{plural} to “{dataset.name}”.",
        "address": f"datasets/{dataset.key}/?batch={batch.id}",
        "open": "Look at the records",
        "links": [
            {"address": f"datasets/{dataset.key}/lineage/#batch-{batch.id}", "words": "Lineage"}
        ],
    }
    parts.abort(job.created_by, plan.upload)
    transaction.on_commit(lambda: pieces.drop(plan.upload))


def _batch(job: Job, dataset: Dataset, plan: ImportPlan) -> DatasetBatch:
    """The entry of the lineage, made with the first piece."""
    if "batch" in job.cursor:
        return batches.known(dataset, job.cursor["batch"])
    drafts.check_idle(dataset, but=job)
    if plan.target is not None and plan.target.is_new:
        create.mark_pending(dataset)  # it may have failed before
    batch = batches.begin(
        dataset, DatasetBatch.Origin.UPLOAD, by=job.created_by, recipe={"file": plan.name}
    )
    job.cursor = {**job.cursor, "batch": batch.id}
    return batch


def _taken_back(job: Job, plan: ImportPlan) -> Dataset | None:
    """Remove what was added; returns the dataset, if it is there and was to be filled."""
    file_work.forget(job)
    aside.end(job)
    if plan.is_dry_run or plan.target is None:
        return None
    with suppress(NotFound):
        dataset = _dataset(job, plan.target)
        if "batch" in job.cursor:
            batches.drop(batches.known(dataset, job.cursor["batch"]))
        return dataset
    return None


def _dataset(job: Job, target: ImportTarget) -> Dataset:
    try:
        return create.known(job.project, target.dataset)
    except NotFound as error:
        raise NotFound("the dataset was deleted meanwhile") from error


def arguments(plan: ImportPlan) -> dict[str, Any]:
    """What a job is begun with; `dataset` says to others which one it fills."""
    fills = plan.target.dataset if plan.target and not plan.is_dry_run else None
    return plan.arguments | ({"dataset": fills} if fills else {})
