"""Growing begun, changed and ended by people."""

from typing import Any

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.models import Dataset
from interactions.services.datasets import create, growing, growth
from interactions.services.datasets.growth import Growth
from projects.models import Project, User
from tests.interactions.services.datasets.making import (
    draft_of,
    grow,
    log,
    make_dataset,
    start,
    texts,
)


@pytest.fixture
def dataset(project: Project, bob: User) -> Dataset:
    return make_dataset(project, bob)


def test_it_is_stopped_and_begun_again_where_it_was(
    project: Project, alice: User, bob: User, dataset: Dataset
) -> None:
    start(dataset)
    growth.stop(dataset, by=alice)
    log(project, "one")
    assert growing.grow_some() == 0
    found = Growth.of(dataset)
    assert found and found.stopped == "Alice stopped it"
    with pytest.raises(Invalid, match="does not grow"):
        growth.stop(dataset, by=alice)
    growth.change(dataset, by=alice, schedule="daily", gate=False, cap=None, dedupe="none")
    grow(dataset)
    assert texts(dataset) == ["one"]
    assert draft_of(dataset)[0].batch.created_by == alice


def test_in_the_bin_it_does_not_grow(project: Project, bob: User, dataset: Dataset) -> None:
    start(dataset)
    create.delete(dataset, by=bob)
    log(project, "one")
    assert growing.grow_some() == 0
    back = create.restore(dataset, by=bob)
    found = Growth.of(back)
    assert found and found.stopped == "the dataset was deleted"
    assert growing.grow_some() == 0


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"schedule": "weekly"}, "schedule: expected one of at once, hourly, daily"),
        ({"dedupe": "near"}, "dedupe: expected one of none, prompt, answer"),
        ({"cap": 0}, "cap: expected a number from 1"),
        ({"query": "since=x"}, "since: "),
    ],
)
def test_what_cannot_be_taken_is_named(
    dataset: Dataset, known: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        start(dataset, **known)
    dataset.refresh_from_db()
    assert dataset.growth is None


def test_strangers_start_and_change_nothing(dataset: Dataset, charlie: User, bob: User) -> None:
    with pytest.raises(Forbidden):
        start(dataset, by=charlie)
    with pytest.raises(Invalid, match="query: this dataset has no filter"):
        growth.change(dataset, by=bob, schedule="daily", gate=False, cap=None, dedupe="none")
    start(dataset)
    with pytest.raises(Forbidden):
        growth.stop(dataset, by=charlie)
    with pytest.raises(Forbidden):
        growth.change(dataset, by=charlie, schedule="daily", gate=False, cap=None, dedupe="none")
