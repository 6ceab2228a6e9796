"""The job that makes a dataset, or adds to one: it chooses the records, then copies them.

Choosing is one step; it writes what was chosen down. Each step after it copies some hundred, and
the last one makes the first version of a new dataset.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import QueryDict

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Dataset, DatasetBatch, Job, Selection
from interactions.services import selections
from interactions.services.building import pipeline, planned, recipe_words, warnings
from interactions.services.building.pipeline import BuildPlan
from interactions.services.building.recipe import Recipe
from interactions.services.building.recipe_reading import read
from interactions.services.building.texts.findings import Findings
from interactions.services.building.warnings import BuildWarning
from interactions.services.datasets import batches, create, drafts, items, versions
from interactions.services.training.from_interactions import records
from projects.services import audit
from projects.services.access import EDIT_DATASETS

COPIED_AT_ONCE = 500  # records in a step
CHOOSING = "choosing"
PERMISSION = EDIT_DATASETS
COPYING = "copying"


class _CancelledError(Exception):
    """Somebody has cancelled the job while it was choosing."""


def step(job: Job) -> bool:
    """Do the next step; returns whether that was the last."""
    if not job.stage:
        job.stage, job.done = CHOOSING, 0
        if job.arguments["is_new"]:
            create.mark_pending(_dataset(job))  # it may have failed before
        job.total = selections.count(_selection(job, _recipe(job))).n
        return False
    if job.stage == CHOOSING:
        with suppress(_CancelledError):  # the queue's next step takes back what was done
            _choose(job)
        return False
    if job.done < (job.total or 0):
        _copy(job)
        return False
    _finish(job)
    return True


def cancelled(job: Job) -> None:
    """Take back what was copied, and the dataset if it was made for this."""
    planned.forget(job)
    dataset = _present(job)
    if dataset is None:
        return
    _drop_batch(job, dataset)
    if not job.arguments["is_new"]:
        return
    if DatasetBatch.objects.in_project(job.project).filter(dataset=dataset).exists():
        create.mark_ready(dataset)  # somebody has added to it meanwhile
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dataset_image WHERE dataset_id = %s", [dataset.id])
    audit.record(
        job.project,
        actor=job.cancelled_by or job.created_by,
        verb="dataset.cancelled",
        subject=dataset.key,
    )
    dataset.delete()


def failed(job: Job) -> None:
    """Take back what was copied; a dataset that was made for this says what has failed."""
    planned.forget(job)
    dataset = _present(job)
    if dataset is not None:
        _drop_batch(job, dataset)
        if job.arguments["is_new"]:
            create.mark_failed(dataset, job.error)
    job.stage, job.cursor, job.done = "", {}, 0


def sentence(job: Job) -> str:
    """What is done, in words."""
    what = "Make the dataset" if job.arguments["is_new"] else "Add to the dataset"
    return f"{what} “{job.arguments['name']}” of {job.arguments['of']}"


def arguments(recipe: Recipe, selection: Selection, dataset: Dataset, *, is_new: bool) -> Any:
    """What a job is begun with."""
    return {
        "recipe": recipe.address,
        "dataset": str(dataset.id),
        "name": dataset.name,
        "of": selections.sentence(selection),
        "is_new": is_new,
    }


def _recipe(job: Job) -> Recipe:
    return read(QueryDict(job.arguments["recipe"]))


def _selection(job: Job, recipe: Recipe) -> Selection:
    return selections.known(job.project, recipe.of)


def _present(job: Job) -> Dataset | None:
    """The dataset, unless it was deleted meanwhile."""
    try:
        return create.known(job.project, UUID(job.arguments["dataset"]))
    except NotFound:
        return None


def _dataset(job: Job) -> Dataset:
    found = _present(job)
    if found is None:
        raise NotFound("the dataset was deleted meanwhile")
    return found


def _batch(job: Job, dataset: Dataset) -> DatasetBatch:
    return batches.known(dataset, job.cursor["batch"])


def _drop_batch(job: Job, dataset: Dataset) -> None:
    if "batch" in job.cursor:
        batches.drop(_batch(job, dataset))


def _choose(job: Job) -> None:
    recipe, dataset = _recipe(job), _dataset(job)
    selection = _selection(job, recipe)

    def watch() -> None:
        if job.is_cancelled():
            raise _CancelledError

    drafts.check_idle(dataset, but=job)
    there = None if job.arguments["is_new"] else dataset
    plan = pipeline.plan(job.project, selection, recipe, dataset=there, watch=watch)
    if not len(plan) and job.arguments["is_new"]:
        left = ", ".join(f"{step.left:,} {step.name}" for step in plan.steps)
        raise Invalid(f"no record is left to make a dataset of: {left}")
    planned.write(job, plan)
    batch = batches.begin(
        dataset,
        DatasetBatch.Origin.BUILDER,
        by=job.created_by,
        recipe=lineage(recipe, selection, address=job.arguments["recipe"]),
    )
    job.cursor = {
        "batch": batch.id,
        "steps": _steps(plan),
        "warnings": [_said(one) for one in warnings.of_plan(plan)],
        "findings": {},
    }
    job.stage, job.total, job.done = COPYING, len(plan), 0


def lineage(recipe: Recipe, selection: Selection, *, address: str) -> dict[str, Any]:
    """Where the records of a batch come from: in words, as addresses, and as of when."""
    return {
        "words": recipe_words.words(recipe),
        "address": address,
        "selection": str(selection.uuid),
        "of": selections.sentence(selection),
        "filter": selection.query if selection.query is not None else selection.came_from,
        "as_of": selection.created_at.isoformat(),
        "sample": str(recipe.sample),
        "seed": recipe.seed,
    }


def _steps(plan: BuildPlan) -> list[dict[str, Any]]:
    return [{"step": step.name, "left": step.left, "pairs": step.of_pairs} for step in plan.steps]


def _said(warning: BuildWarning) -> dict[str, Any]:
    return {
        "name": warning.name,
        "sentence": warning.sentence,
        "count": warning.count,
        "of": warning.of,
        "ids": [str(id) for id in warning.ids],
    }


def _copy(job: Job) -> None:
    dataset = _dataset(job)
    batch = _batch(job, dataset)
    chosen = planned.read(job, after=job.done, limit=COPIED_AT_ONCE)
    as_of = _selection(job, _recipe(job)).created_at
    made = list(records(job.project, chosen, kind=dataset.kind, as_of=as_of))
    items.add(dataset, made, batch=batch)
    found = Findings.of_json(job.project, job.cursor["findings"])
    found.look(made)
    job.cursor["findings"] = found.as_json()
    job.done += len(chosen)


def _finish(job: Job) -> None:
    dataset = _dataset(job)
    batch = _batch(job, dataset)
    found = Findings.of_json(job.project, job.cursor["findings"])
    told = [*job.cursor["warnings"], *map(_said, found.warnings())]
    _note_warnings(batch, told)
    steps: list[Mapping[str, Any]] = [
        *job.cursor["steps"],
        {"step": "copied", "left": batch.records},
    ]
    batch = batches.finish(batch, steps=steps)
    planned.forget(job)
    if job.arguments["is_new"]:
        versions.freeze(dataset, by=job.created_by, note="as it was built")
    job.result = {
        "dataset": str(dataset.id),
        "address": f"/projects/{job.project.key}/datasets/{dataset.key}/",
        "words": f"{batch.records:,} record{'' if batch.records == 1 else 's'} in “{dataset.name}”",
        "batch": batch.id,
        "warnings": told,
    }


def _note_warnings(batch: DatasetBatch, told: list[dict[str, Any]]) -> None:
    batch.recipe = {**batch.recipe, "warnings": told}
    batch.save(update_fields=["recipe"])
