"""Datasets of the demo, made as people make them: a selection, a recipe, a job."""

from dataclasses import replace

from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from interactions.demo.content import tables
from interactions.models import Job
from interactions.services import selections
from interactions.services.building import recipe_reading
from interactions.services.jobs import queue
from interactions.services.jobs.builds import begin_build
from projects.models import Project, User
from projects.services.access import Caller


def make_datasets(project: Project, *, by: User) -> None:
    """Make each dataset that the table of the demo names, with its first version."""
    for known in tables("shop")["datasets"]:
        selection = selections.freeze(project, QueryDict(known["query"]), by=by)
        recipe = recipe_reading.read(QueryDict(f"of={selection.uuid}&{known['recipe']}"))
        named = replace(recipe, name=known["name"])
        _, begun = begin_build(Caller(by), project, named)
        job = queue.do_all(begun)
        if job.state != Job.State.DONE:
            raise Invalid(job.error, field=known["name"])
