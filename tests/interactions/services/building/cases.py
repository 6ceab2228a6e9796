"""Recipes over what a test has logged."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from interactions.models import Interaction, Selection
from interactions.services import selections
from interactions.services.building import pipeline
from interactions.services.building.pipeline import BuildPlan
from interactions.services.building.recipe import Recipe
from interactions.services.building.recipe_reading import read
from projects.models import Metric, Project, User
from tests.make import make_interaction


def everything(project: Project, by: User, filter: str = "") -> Selection:
    """The selection of all that a filter matches now."""
    return selections.freeze(project, QueryDict(filter), by=by)


def recipe(selection: Selection, said: str = "") -> Recipe:
    """The recipe that an address says."""
    return read(QueryDict(f"of={selection.uuid}&{said}"))


def planned(
    project: Project, by: User, said: str = "", *, filter: str = "", **more: Any
) -> BuildPlan:
    """The plan of a recipe for what a filter matches."""
    selection = everything(project, by, filter)
    return pipeline.plan(project, selection, recipe(selection, said), **more)


def steps(plan: BuildPlan) -> dict[str, int]:
    """How many were left after each step."""
    return {step.name: step.left for step in plan.steps}


def texts(plan: BuildPlan) -> list[str]:
    """What the chosen interactions answered, in order; of a pair `better > worse`."""
    ids = [id for one in plan.records() for id in (one.interaction_id, one.other_id) if id]
    rows = Interaction.objects.in_project(plan.project).with_ids(ids).select_related("body")
    said = {row.id: row.body.completion for row in rows}
    return [
        said[one.interaction_id] + (f" > {said[one.other_id]}" if one.other_id else "")
        for one in plan.records()
    ]


def rated(
    project: Project, prompt: str, answers: Mapping[str, object], metric: Metric, **known: Any
) -> list[Interaction]:
    """Answers to one prompt, with their value under a metric."""
    return [
        make_interaction(project, prompt, answer, feedback={metric: value}, **known)
        for answer, value in answers.items()
    ]
