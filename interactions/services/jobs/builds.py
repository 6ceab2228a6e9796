"""Datasets as the builder begins them: the job, and the dataset that it fills."""

from django.db import transaction

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, Job, Selection
from interactions.services.building import job as building
from interactions.services.building.candidates.pool import Reader, metric_of
from interactions.services.building.recipe import Recipe
from interactions.services.datasets import create
from interactions.services.jobs.begin import begin
from projects.models import Project, User


@transaction.atomic
def begin_build(
    selection: Selection, recipe: Recipe, *, name: str, by: User, into: Dataset | None = None
) -> Job:
    """Begin the job that makes a dataset called `name` of a selection, or that adds to `into`.

    Raises Invalid naming the parameter at fault, and Forbidden to who may not write.
    """
    project = selection.project
    kind = str(recipe.kind.of_dataset)
    if into is not None and into.kind != kind:
        raise Invalid(f"expected a dataset of the kind {kind}", field="into")
    if into is not None and into.state != Dataset.State.READY:
        raise Invalid("expected a dataset that has been made", field="into")
    check_names(project, recipe)
    dataset = into or create.create(
        project, name=name, kind=kind, by=by, state=Dataset.State.PENDING
    )
    said = building.arguments(recipe, selection, dataset, is_new=into is None)
    made = begin(project, Job.Kind.BUILD, said, by=by)
    if into is None:
        Dataset.objects.in_project(project).filter(id=dataset.id).update(job=made)
    return made


def check_names(project: Project, recipe: Recipe) -> None:
    """Raise Invalid, naming the parameter, when the project lacks a metric or label of a recipe."""
    Reader.of(project, recipe)
    if recipe.metric:
        metric_of(project, recipe.metric, field="metric")
