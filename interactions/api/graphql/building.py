"""Datasets made of what is logged, through GraphQL: `createDatasetFromFilters` and its preview."""

from typing import Any

from adaptive_site.lib.errors import Invalid
from interactions.api.graphql.datasets import show_dataset
from interactions.api.graphql.selecting import Selecting
from interactions.models import Selection
from interactions.services.building import pipeline
from interactions.services.building.recipe import Empty, Recipe, RecordKind, SampleKind
from interactions.services.building.recipe_reading import read
from interactions.services.jobs.builds import begin_build
from projects.api.present import Shown
from projects.api.roots import Info, mutation, project_named, query
from projects.models import Project
from projects.services import metrics
from projects.services.access import EDIT_DATASETS, READ, Caller

_KINDS = {
    "PROMPT": RecordKind.PROMPT,
    "PROMPT_COMPLETION": RecordKind.COMPLETION,
    "PROMPT_COMPLETION_SCORE": RecordKind.FEEDBACK,
    "PROMPT_COMPLETION_FEEDBACK": RecordKind.FEEDBACK,
    "PREFERENCE": RecordKind.PREFERENCE,
}
_SAMPLES = {"ALL": SampleKind.ALL, "RANDOM": SampleKind.RANDOM, "LAST": SampleKind.NEWEST}


@mutation.field("createDatasetFromFilters")
def create_dataset_from_filters(root: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """A dataset that a job makes from now on of the interactions that are chosen."""
    caller = info.context
    project = project_named(caller, input, EDIT_DATASETS, field="input.project")
    recipe = _read(caller, project, input)[1]
    made, _ = begin_build(caller, project, recipe, key=input.get("key"))
    return show_dataset(info, made)


@query.field("previewDatasetFromFilters")
def preview_dataset_from_filters(_: None, info: Info, *, input: dict[str, Any]) -> int:
    """How many records the dataset would have; of a large choice, of the newest of it."""
    caller = info.context
    project = project_named(caller, input, READ, field="input.project")
    selection, recipe = _read(caller, project, input)
    return len(pipeline.preview(project, selection, recipe))


def _read(caller: Caller, project: Project, given: dict[str, Any]) -> tuple[Selection, Recipe]:
    """The selection, and the recipe of what is made of it: as the builder's address has it.

    Nothing that was chosen is left out for being empty, or the same as another.
    """
    for name in ("scoreFilters", "feedbackFilters"):
        if (given.get(name) or {}).get("labels"):
            raise Invalid("feedback carries no labels here", field=f"input.{name}")
    kind = _KINDS[given["kind"]]
    names = given.get("metrics") or ()
    named = [metrics.known(project, name, field="input.metrics") for name in names]
    keys = tuple(metric.key for metric in named)
    if kind == RecordKind.PREFERENCE and len(keys) > 1:
        raise Invalid("expected at most one metric of preferences", field="input.metrics")
    of_feedback = keys if kind == RecordKind.FEEDBACK else ()
    selection = Selecting(project, caller.user, of_feedback).selection(given["completionQuery"])
    sample, size = _sample(given.get("sampleConfig") or {})
    recipe = Recipe(
        of=selection.uuid,
        kind=kind,
        metric=keys[0] if keys and kind == RecordKind.PREFERENCE else "",
        require_feedback=kind == RecordKind.FEEDBACK,
        empty=Empty.KEEP,
        sample=sample,
        n=size,
        name=given["name"],
    )
    return selection, read(recipe.query)  # what the builder would not take is said here


def _sample(given: dict[str, Any]) -> tuple[SampleKind, int | None]:
    sample, size = _SAMPLES[given.get("selectionType") or "ALL"], given.get("sampleSize")
    if sample == SampleKind.ALL:
        return sample, None
    if size is None or size < 1:
        raise Invalid("expected a number from 1", field="input.sampleConfig.sampleSize")
    return sample, size
