"""Counts by label and hour are those of the rows themselves."""

from collections import Counter
from datetime import timedelta

import pytest

from interactions.filters import compile
from interactions.filters.conditions import Comparator, CreatedIn, HasFeedback, HasLabel
from interactions.filters.tree import EVERYTHING, NOTHING, And, Not, Or, Tree
from interactions.models import LabelCount
from interactions.services import rollups
from interactions.services.log import ALL
from projects.models import Project
from tests.interactions.worlds import World, make_world
from tests.make import NOON, make_interaction

HOUR = timedelta(hours=1)
EVER = (NOON - timedelta(days=9), NOON + timedelta(days=9))


@pytest.fixture
def world(db: None) -> World:
    """A random project beside another one."""
    make_world(1)
    return make_world(2)


@pytest.mark.parametrize(
    "tree",
    [
        EVERYTHING,
        And((HasLabel("env"),)),
        And((HasLabel("env", ("prod",)),)),
        And((HasLabel("x"),)),
    ],
)
def test_a_count_by_the_rollup_is_the_count_of_rows(world: World, tree: Tree) -> None:
    label = rollups.counted_label(world.project, tree)
    assert label is not None
    found = rollups.count(world.project, label)
    assert compile.count(world.project, tree) == compile.Count(found, True)
    assert sum(n for _, n in rollups.by_hour(world.project, label, *EVER)) == found


@pytest.mark.parametrize(
    "tree",
    [
        NOTHING,
        Or((HasLabel("env"),)),
        And((Not(HasLabel("env")),)),
        And((HasLabel("env"), HasLabel("version"))),
        And((HasLabel("env", ("prod", "dev")),)),
        And((HasLabel("env", ()),)),
        And((HasLabel("env"), CreatedIn(NOON))),
        And((HasFeedback("helpful", Comparator.EQUAL, 1.0),)),
    ],
)
def test_what_the_rollup_does_not_hold_it_does_not_count(world: World, tree: Tree) -> None:
    assert rollups.counted_label(world.project, tree) is None


def test_hours_are_those_the_rows_were_created_in(world: World) -> None:
    expected = Counter(
        fact.created_at.replace(minute=0, second=0, microsecond=0) for fact in world.facts
    )
    assert rollups.by_hour(world.project, ALL, *EVER) == sorted(expected.items())


def test_a_span_holds_the_hours_that_it_touches(project: Project) -> None:
    for shift in range(-2, 4):
        make_interaction(project, created_at=NOON + shift * HOUR + timedelta(minutes=59))

    def hours(start: timedelta, end: timedelta) -> list[int]:
        found = rollups.by_hour(project, ALL, NOON + start, NOON + end)
        return [(hour - NOON) // HOUR for hour, _ in found]

    assert hours(0 * HOUR, 2 * HOUR) == [0, 1]
    assert hours(0.5 * HOUR, 1.5 * HOUR) == [0, 1]
    assert hours(0 * HOUR, 0.1 * HOUR) == [0]


def test_uses_of_labels_are_counted_most_frequent_first(world: World) -> None:
    uses = rollups.label_uses(world.project, most=2)
    counted = Counter(item for fact in world.facts for item in fact.labels.items())
    for key, (shown, others) in uses.items():
        own = {value: n for (name, value), n in counted.items() if name == key}
        best = sorted(own.items(), key=lambda item: (-item[1], item[0].encode()))
        assert [(use.value, use.n) for use in shown] == best[:2]
        assert others == len(own) - len(shown)
    assert set(uses) == {key for key, _ in counted}


def test_merging_changes_no_sum(world: World) -> None:
    def sums() -> list[object]:
        return [
            rollups.by_hour(world.project, ALL, *EVER),
            rollups.label_uses(world.project, most=50),
        ]

    for _ in range(3):
        make_interaction(world.project, labels={"env": "prod"})
    LabelCount.objects.create(
        project=world.project, label_id=ALL, grain="h", start=NOON + 5 * HOUR, n=1
    )
    LabelCount.objects.create(
        project=world.project, label_id=ALL, grain="h", start=NOON + 5 * HOUR, n=-1
    )
    before = sums()
    elsewhere = LabelCount.objects.exclude(project=world.project).count()
    rows = LabelCount.objects.filter(project=world.project).count()
    saved = rollups.merge(world.project)
    assert saved > 0
    assert LabelCount.objects.filter(project=world.project).count() == rows - saved
    assert sums() == before
    assert rollups.merge(world.project) == 0
    assert LabelCount.objects.exclude(project=world.project).count() == elsewhere
