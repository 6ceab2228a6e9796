"""Datasets that grow by a filter."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from adaptive_site.work.worker import JOBS
from interactions.models import Dataset, DatasetItem, Job
from interactions.services.datasets import batches, edits, growing, growth, items, versions
from interactions.services.datasets.growth import Growth
from interactions.services.editing import deletion, labels
from interactions.services.jobs import begin as jobs
from interactions.services.judging import comparisons
from projects.models import Project, ProjectShare, User
from projects.services.access import Caller
from tests import make
from tests.auditing import verbs_told
from tests.interactions.services.datasets.making import (
    draft_of,
    grow,
    log,
    make_dataset,
    start,
    texts,
)

CAP = "it has the {} records it was to have"


@pytest.fixture
def dataset(project: Project, bob: User) -> Dataset:
    return make_dataset(project, bob)


def test_new_matches_are_taken_and_others_are_not(
    project: Project, bob: User, charlies_project: Project, dataset: Dataset
) -> None:
    make.make_interaction(project, "before", labels={"env": "prod"})
    start(dataset)
    log(charlies_project, "of another project")
    log(project, "another", env="dev")
    assert grow(dataset).taken == 0
    one, two = log(project, "one", "two")
    found = grow(dataset)
    assert texts(dataset) == ["one", "two"]
    assert [row.interaction_id for row in draft_of(dataset)] == [one, two]
    assert (found.taken, found.is_on, found.error) == (2, True, "")
    assert dataset.grows_next_at is not None
    (batch,) = batches.of(dataset)
    assert (batch.origin, batch.created_by, batch.records) == ("growth", bob, 2)
    assert batch.recipe["of"] == "interactions where env is prod"
    assert batch.recipe["words"] == ["taken at once", "without prompts that were there"]
    assert batch.steps == [
        {"step": "new matches", "left": 2},
        {"step": "not there already", "left": 2},
        {"step": "taken", "left": 2},
    ]
    log(project, "three")
    grow(dataset)
    assert texts(dataset) == ["one", "two", "three"]
    (batch,) = batches.of(dataset)  # the same entry, within the hour
    assert batch.records == 3
    versions.make(dataset, by=bob)
    log(project, "four")
    grow(dataset)
    assert [one.records for one in batches.of(dataset)] == [1, 3]
    assert len(texts(dataset, 1)) == 3
    assert verbs_told("dataset.grew")


def test_existing_matches_are_taken_on_demand(project: Project, dataset: Dataset) -> None:
    make.make_interaction(project, "before", labels={"env": "prod"})
    start(dataset, existing=True)
    grow(dataset)
    assert texts(dataset) == ["before"]


@pytest.mark.parametrize("schedule", ["at once", "hourly"])
def test_what_comes_to_match_later_is_taken_too(
    project: Project, bob: User, dataset: Dataset, schedule: str
) -> None:
    start(dataset, schedule=schedule)
    (late,) = log(project, "late", env="dev")
    log(project, "one")
    with patch.object(growing, "AGAIN_AFTER", timedelta()):
        grow(dataset)
        labels.set_label(project, late, key="env", value="prod", by=bob)
        grow(dataset)
    assert sorted(texts(dataset)) == ["late", "one"]


def test_an_hourly_one_waits_for_its_hour(project: Project, dataset: Dataset) -> None:
    start(dataset, schedule="hourly")
    assert growing.grow_some() == 1
    log(project, "one")
    assert growing.grow_some() == 0
    dataset.refresh_from_db()
    assert dataset.grows_next_at
    wait = dataset.grows_next_at - datetime.now(UTC)
    assert timedelta(minutes=59) < wait < timedelta(minutes=61)


def test_behind_a_gate_records_wait_for_review(
    project: Project, bob: User, dataset: Dataset
) -> None:
    start(dataset, gate=True)
    log(project, "one", "two")
    grow(dataset)
    assert texts(dataset) == []
    assert [row.review for row in draft_of(dataset)] == ["waiting", "waiting"]
    edits.set_review(dataset, [draft_of(dataset)[0].item], DatasetItem.Review.APPROVED, by=bob)
    assert texts(dataset) == ["one"]


def test_it_stops_at_its_cap_and_says_so(project: Project, bob: User, dataset: Dataset) -> None:
    start(dataset, cap=3, gate=True)
    log(project, "one", "two", "three", "four", "five")
    found = grow(dataset)
    assert (found.stopped, found.taken) == (CAP.format(3), 3)
    assert dataset.grows_next_at is None
    edits.set_review(dataset, [draft_of(dataset)[0].item], "rejected", by=bob)
    again: dict[str, Any] = {"schedule": "at once", "gate": False, "dedupe": "prompt"}
    growth.change(dataset, by=bob, cap=4, **again)
    found = grow(dataset)
    assert (found.stopped, found.taken) == (CAP.format(4), 5)  # the rejected one does not count
    assert texts(dataset) == ["four", "five"]
    log(project, "six")
    growth.change(dataset, by=bob, cap=4, **again)
    assert grow(dataset).stopped == CAP.format(4)
    assert "six" not in texts(dataset)


@pytest.mark.parametrize(
    ("dedupe", "left"),
    [("none", ["a", "a", "a", "b"]), ("prompt", ["a", "b"]), ("answer", ["a", "a", "b"])],
)
def test_what_is_there_already_is_left_out(
    project: Project, dataset: Dataset, dedupe: str, left: list[str]
) -> None:
    start(dataset, dedupe=dedupe)
    log(project, "a", completion="1")
    grow(dataset)
    log(project, "a", completion="1")
    log(project, "a", completion="2")
    log(project, "b", completion="")  # no answer: nothing to learn from
    log(project, "b", completion="1")
    grow(dataset)
    assert texts(dataset) == left
    assert grow(dataset).taken == len(left)


def test_a_known_prompt_goes_where_it_is_already(
    project: Project, bob: User, dataset: Dataset
) -> None:
    start(dataset, dedupe="answer")
    log(project, "a", completion="1")
    grow(dataset)
    edits.set_split(dataset, [draft_of(dataset)[0].item], "test", by=bob)
    log(project, "a", completion="2")
    log(project, "b")
    grow(dataset)
    assert [row.split for row in draft_of(dataset)] == ["test", "test", "train"]


def test_what_was_removed_or_taken_back_does_not_come_again(
    project: Project, bob: User, dataset: Dataset
) -> None:
    start(dataset, existing=True, schedule="daily")
    log(project, "one", "two")
    grow(dataset)
    edits.remove(dataset, [draft_of(dataset)[0].item], by=bob)
    grow(dataset)
    assert texts(dataset) == ["two"]
    batches.undo(batches.of(dataset)[0], by=bob)
    log(project, "three")
    grow(dataset)
    assert texts(dataset) == ["three"]
    assert len(batches.of(dataset)) == 2


def test_many_are_taken_piece_by_piece(project: Project, dataset: Dataset) -> None:
    start(dataset, existing=True, dedupe="none")
    log(project, *map(str, range(7)))
    with patch.object(growing, "RECORDS_AT_ONCE", 2), patch.object(growing, "IDS_AT_ONCE", 3):
        grow(dataset)
    assert texts(dataset) == [str(n) for n in range(7)]


def test_preferences_grow_by_comparisons(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, kind=Dataset.Kind.PREFERENCE)
    start(dataset)
    better, worse = log(project, "one", "one")
    metric = make.make_metric(project)
    comparisons.compare_sides(project, better, worse, metric=metric, tied=None, by=bob)
    grow(dataset)
    (row,) = draft_of(dataset)
    assert (row.interaction_id, row.other_id) == (better, worse)
    assert row.content["metric"] == "helpful"


def test_it_stops_when_its_person_may_not_write_any_more(
    project: Project, bob: User, dataset: Dataset
) -> None:
    start(dataset)
    ProjectShare.objects.filter(team__memberships__user=bob).delete()
    log(project, "one")
    assert grow(dataset).stopped == "Bob may not write in this project any more"
    assert texts(dataset) == []


def test_a_filter_that_cannot_be_read_any_more_ends_it(project: Project, dataset: Dataset) -> None:
    start(dataset)
    Dataset.objects.update(growth={**dataset.growth, "query": "since=yesterdayish"})
    found = grow(dataset)
    assert found.stopped.startswith("since: ")
    assert "cannot be read" in growth.sentence(project, found)


def test_an_error_is_noted_and_tried_again_later(project: Project, dataset: Dataset) -> None:
    start(dataset)
    log(project, "one")
    with patch.object(items, "add", side_effect=ValueError("broken")):
        assert growing.grow_some() == 1
    dataset.refresh_from_db()
    found = Growth.of(dataset)
    assert found and found.is_resting and found.is_on
    assert (found.error, found.failures) == ("ValueError: broken", 1)
    assert batches.of(dataset) == []
    assert growing.grow_some() == 0
    found = grow(dataset)
    assert (found.error, found.failures, found.taken) == ("", 0, 1)


def test_a_deleted_interaction_leaves_its_record(
    project: Project, alice: User, dataset: Dataset
) -> None:
    start(dataset)
    (one,) = log(project, "one")
    grow(dataset)
    deletion.delete(project, one, by=alice)
    grow(dataset)
    assert texts(dataset) == ["one"]


def test_the_worker_does_it() -> None:
    assert growing.grow_some in [job.do for job in JOBS]


def test_a_walk_comes_to_its_end_before_the_next_begins(
    project: Project, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "IDS_AT_ONCE", 2)
    monkeypatch.setattr(growing, "AGAIN_AFTER", timedelta(0))  # each walk takes longer
    start(dataset)
    log(project, *(f"number {n}" for n in range(7)))
    for _ in range(6):
        grow(dataset)
    assert len(texts(dataset)) == 7


def test_a_dataset_that_a_job_fills_does_not_grow_meanwhile(
    project: Project, bob: User, dataset: Dataset
) -> None:
    start(dataset)
    log(project, "one")
    job = jobs.begin(project, Job.Kind.BUILD, {"dataset": str(dataset.id)}, caller=Caller(bob))
    grow(dataset)
    assert texts(dataset) == []
    Job.objects.in_project(project).filter(id=job.id).update(state=Job.State.DONE)
    grow(dataset)
    assert texts(dataset) == ["one"]
