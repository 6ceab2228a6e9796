"""Imports of files, begun: into the project, a new dataset, or one that is there."""

from dataclasses import replace

from django.db import transaction

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, Job
from interactions.services.datasets import create, drafts
from interactions.services.filling import job as filling_job
from interactions.services.importing.plan import ImportPlan
from interactions.services.jobs.begin import begin
from projects.models import Project, User
from projects.services.access import EDIT_DATASETS, Caller


@transaction.atomic
def begin_import(project: Project, plan: ImportPlan, *, by: User) -> Job:
    """Have a job do an import that was planned; a new dataset is made now, to be filled.

    Raises Invalid naming what is wrong with the plan, or `dataset` while another job fills it, and
    Forbidden to who may not change datasets.
    """
    plan.check()
    target = plan.target
    if target is not None:
        Caller(by).check_may(EDIT_DATASETS, project)
    if target is None or plan.is_dry_run:
        return begin(project, Job.Kind.IMPORT, filling_job.arguments(plan), caller=Caller(by))
    if not target.is_new:
        drafts.check_idle(drafts.lock(create.known(project, target.dataset)))
        return begin(project, Job.Kind.IMPORT, filling_job.arguments(plan), caller=Caller(by))
    job = begin(project, Job.Kind.IMPORT, {}, caller=Caller(by))
    if target.kind not in Dataset.Kind.values:
        raise Invalid("expected a kind of dataset", field="kind")
    dataset = create.create(
        project, name=target.name, kind=target.kind, by=by, state=Dataset.State.PENDING, job=job
    )
    made = replace(target, dataset=str(dataset.id), name=dataset.name)
    job.arguments = filling_job.arguments(replace(plan, target=made))
    job.save(update_fields=["arguments"])
    return job
