"""Why there are no pairs, and what would make some."""

import pytest

from interactions.services.building import pair_chances, pipeline
from interactions.services.building.pair_chances import PairFigures, PromisingMetric
from interactions.services.building.recipe import Answers, RecordKind
from interactions.services.judging.comparisons import compare_sides
from projects.models import Project, User
from tests.interactions.services.building.cases import everything, rated, recipe
from tests.make import make_interaction, make_metric, make_project

pytestmark = pytest.mark.django_db
NO = "feedback=helpful:eq:0"


def test_what_there_is_to_make_pairs_of(project: Project, alice: User) -> None:
    helpful, other = make_metric(project), make_project("oak")
    first, second, _ = rated(project, "Why?", {"So.": False, "Hm.": False, "No.": True}, helpful)
    make_interaction(project, "Why?", "Because.")
    make_interaction(other, "Why?", "Elsewhere.", feedback={make_metric(other): False})
    compare_sides(project, first.id, second.id, metric=helpful, tied="bad", by=alice)
    all, bad = everything(project, alice), everything(project, alice, NO)
    assert pair_chances.figures(all) == PairFigures(4, 3, 1, compared=1, decided=0, newest=0)
    assert pair_chances.figures(bad) == PairFigures(2, 2, 1, compared=1, decided=0, newest=0)
    assert pair_chances.metrics(all) == [PromisingMetric("helpful", 1, 1)]
    assert pair_chances.metrics(bad) == [PromisingMetric("helpful", 0, 1)]


def test_each_way_on_makes_what_it_says(project: Project, alice: User) -> None:
    helpful, csat = make_metric(project), make_metric(project, "csat", kind="SCALAR")
    for n in range(3):
        rated(project, f"Why {n}?", {"So.": False, "Yes.": True}, helpful)
    rated(project, "Why 0?", {"Hm.": 2, "Ha.": 3}, csat)
    worse, better = rated(project, "Why?", {"Ah.": False, "Oh.": False}, helpful)
    compare_sides(project, better.id, worse.id, metric=helpful, tied="bad", by=alice)
    selection = everything(project, alice, NO)
    none = recipe(selection, "kind=preference")
    figures = pair_chances.figures(selection)
    ways = pair_chances.ways_on(selection, none, figures)
    said = [(one.recipe.address.partition("&")[2], one.records) for one in ways]
    assert said == [
        ("kind=preference&ties=told", 1),
        ("kind=preference&pairs=mined&metric=helpful&answers=prompts", 3),
        ("kind=feedback&require_feedback=1", 5),
    ]
    for one in ways:
        assert len(pipeline.plan(project, selection, one.recipe)) == one.records
    everybody = everything(project, alice)
    ways = pair_chances.ways_on(
        everybody, recipe(everybody, "kind=preference"), pair_chances.figures(everybody)
    )
    mined = [one for one in ways if one.recipe.metric]
    assert [(one.recipe.metric, one.records) for one in mined] == [("helpful", 3), ("csat", 1)]
    assert all(one.recipe.answers == Answers.SELECTED for one in mined)
    assert ways[-1].recipe.kind == RecordKind.FEEDBACK


def test_nothing_to_go_on_with(project: Project, alice: User) -> None:
    make_interaction(project)
    selection = everything(project, alice)
    figures = pair_chances.figures(selection)
    assert figures == PairFigures(1, 0, 0, 0, 0, 0)
    assert pair_chances.ways_on(selection, recipe(selection, "kind=preference"), figures) == []
