"""Beginning to make a dataset by a recipe, or to add to one."""

from django.db import transaction

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, Job
from interactions.services import selections
from interactions.services.building import job as building_job
from interactions.services.building.candidates.pool import CandidateReader, metric_of
from interactions.services.building.recipe import Recipe
from interactions.services.datasets import create, drafts
from interactions.services.jobs.begin import begin
from projects.models import Project
from projects.services.access import EDIT_DATASETS, Caller


@transaction.atomic
def begin_build(
    caller: Caller, project: Project, recipe: Recipe, *, dataset: Dataset | None = None,
    key: str | None = None,
) -> tuple[Dataset, Job]:  # fmt: skip
    """Have a job make a dataset by the recipe, named as it says; or add to `dataset`.

    Raises Forbidden to who may not write, NotFound without the selection, and Invalid naming the
    parameter of the recipe that this project lacks, `key` when it is taken, `dataset` while another
    job adds to it.
    """
    caller.check_may(EDIT_DATASETS, project)
    selection = selections.known(project, recipe.of)
    CandidateReader.of(project, recipe)
    if recipe.metric:
        metric_of(project, recipe.metric)
    if dataset is not None and dataset.kind != recipe.kind.of_dataset:
        raise Invalid(f"expected the kind of the dataset, {dataset.kind}", field="kind")
    if dataset is not None:
        drafts.check_idle(drafts.lock(dataset))
    job = begin(project, Job.Kind.BUILD, {}, caller=caller)
    is_new = dataset is None
    if dataset is None:
        dataset = create.create(
            project,
            name=recipe.name,
            key=key,
            kind=recipe.kind.of_dataset,
            by=caller.user,
            state=Dataset.State.PENDING,
            job=job,
        )
    job.arguments = building_job.arguments(recipe, selection, dataset, is_new=is_new)
    job.save(update_fields=["arguments"])
    return dataset, job
