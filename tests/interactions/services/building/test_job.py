"""Datasets made by a job, whatever becomes of it on the way."""

from typing import Any
from uuid import uuid4

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import Dataset, DatasetBatch, DatasetItem, Job, PlannedRecord
from interactions.services.building import job as build
from interactions.services.building.recipe import Recipe, RecordKind
from interactions.services.datasets import batches, create, items, versions
from interactions.services.editing.deletion import delete
from interactions.services.jobs import queue
from interactions.services.jobs.builds import begin_build
from interactions.services.judging.comparisons import compare_sides
from projects.models import Event, Project, User
from projects.services.access import Caller
from tests.auditing import verbs_told
from tests.interactions.services.building.cases import everything, rated, recipe
from tests.make import make_interaction, make_interactions, make_metric, share

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "COPIED_AT_ONCE", 4)


def begun(project: Project, by: User, said: str, **more: Any) -> tuple[Dataset, Job]:
    """A job that makes a dataset called New of everything."""
    asked = recipe(everything(project, by), f"name=Fresh&{said}")
    return begin_build(Caller(by), project, asked, **more)


def kept(dataset: Dataset) -> list[DatasetItem]:
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset, until=None)
    return list(mine.order_by("position"))


def test_a_dataset_is_made_with_its_lineage_and_a_version(project: Project, alice: User) -> None:
    ids = make_interactions(project, 10)
    make_interaction(project, "Question 3", "")
    dataset, job = begun(project, alice, "dedupe=prompt&split=80/20&seed=3")
    assert (dataset.state, dataset.job) == (Dataset.State.PENDING, job)
    job = queue.do_all(job)
    assert (job.state, job.error, job.done, job.total) == ("done", "", 10, 10)
    dataset.refresh_from_db()
    assert (dataset.state, dataset.records, dataset.head) == ("ready", 10, 1)
    assert [one.interaction_id for one in kept(dataset)] == ids
    assert [one.split for one in kept(dataset)].count("validation") == 2
    (batch,) = batches.of(dataset)
    assert [(one["step"], one["left"]) for one in batch.steps] == [
        ("matched", 11), ("not empty", 10), ("without duplicates", 10), ("copied", 10)
    ]  # fmt: skip
    assert batch.recipe["words"] == [
        "prompts and answers",
        "empty and cut-off answers left out",
        "of equal prompts the newest",
        "80 % train, 20 % validation, 0 % test (seed 3)",
    ]
    assert (batch.origin, batch.records, batch.recipe["seed"]) == ("builder", 10, 3)
    assert batch.recipe["address"].endswith("&dedupe=prompt&seed=3&split=80/20/0&name=Fresh")
    assert job.result["address"] == f"/projects/{project.key}/datasets/fresh/"
    assert job.result["words"] == "10 records in “Fresh”."
    assert build.sentence(job) == "Make the dataset “Fresh” of all interactions"
    assert not PlannedRecord.objects.exists()
    assert verbs_told("dataset.added")


def test_preferences_are_copied_with_their_metric_and_tie(project: Project, alice: User) -> None:
    metric = make_metric(project, "csat", kind="SCALAR")
    rated(project, "a", {"good": 5, "bad": 1}, metric)
    one, other = make_interaction(project, "b", "one"), make_interaction(project, "b", "other")
    compare_sides(project, one.id, other.id, metric=metric, tied="good", by=alice)
    said = "kind=preference&pairs=both&metric=csat&ties=told"
    dataset, job = begun(project, alice, said)
    queue.do_all(job)
    found = [
        (item.content["answer"]["text"], item.content["other"]["text"], item.content.get("tied"))
        for item in kept(dataset)
    ]
    assert sorted(found) == [("good", "bad", None), ("one", "other", "good")]
    assert {item.content["metric"] for item in kept(dataset)} == {"csat"}


def test_nothing_comes_twice_into_a_dataset(project: Project, alice: User) -> None:
    make_interactions(project, 6, session_id=uuid4())
    dataset, job = begun(project, alice, "dedupe=answer&split=50/50")
    queue.do_all(job)
    make_interaction(project, "Question 1", "A tree.")
    make_interaction(project, "Question 1", "A leaf.")
    make_interaction(project, "Question 9", "A tree.")
    dataset.refresh_from_db()
    _, job = begun(project, alice, "dedupe=answer&split=50/50", dataset=dataset)
    assert build.sentence(job).startswith("Add to the dataset “Fresh”")
    job = queue.do_all(job)
    batch = batches.of(dataset)[0]
    assert [(one["step"], one["left"]) for one in batch.steps] == [
        ("matched", 9), ("not empty", 9), ("new to the dataset", 3), ("without duplicates", 2),
        ("copied", 2),
    ]  # fmt: skip
    assert (batch.version, len(kept(dataset)), len(versions.of(dataset))) == (2, 8, 1)
    splits = {one.split for one in kept(dataset) if "Question 1" in str(one.content["messages"])}
    assert len(splits) == 1
    again, job = begun(project, alice, "dedupe=answer", dataset=dataset)
    assert queue.do_all(job).state == "done"
    assert len(kept(again)) == 8
    batches.undo(batch, by=alice)
    assert len(kept(dataset)) == 6


def test_near_duplicates_of_what_is_there_stay_out(project: Project, alice: User) -> None:
    answer = " ".join(f"word{n}" for n in range(50))
    make_interaction(project, "a", answer)
    dataset, job = begun(project, alice, "near=0.8")
    queue.do_all(job)
    make_interaction(project, "a", f"{answer} more")
    make_interaction(project, "a", "Something else.")
    _, job = begun(project, alice, "near=0.8", dataset=dataset)
    queue.do_all(job)
    assert [one.content["answer"]["text"] for one in kept(dataset)] == [answer, "Something else."]


@pytest.mark.parametrize("after", range(6))
def test_a_step_that_fails_is_done_again_and_nothing_twice(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    ids = make_interactions(project, 10)
    dataset, job = begun(project, alice, "")
    calls = 0
    add = items.add

    def dying(*args: Any, **known: Any) -> int:
        nonlocal calls
        calls += 1
        n = add(*args, **known)
        if calls == after:  # written, and not yet committed
            raise RuntimeError("the process was killed")
        return n

    monkeypatch.setattr(items, "add", dying)
    for _ in range(20):
        Job.objects.in_project(project).update(next_at=job.created_at)
        queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 10)
    assert [one.interaction_id for one in kept(dataset)] == ids
    assert DatasetBatch.objects.in_project(project).count() == 1


@pytest.mark.parametrize("steps", range(7))
def test_cancelling_takes_a_new_dataset_back(project: Project, alice: User, steps: int) -> None:
    make_interactions(project, 10)
    _, job = begun(project, alice, "")
    for _ in range(steps):
        queue.do_some()
    queue.cancel(job, by=alice)
    job.refresh_from_db()
    assert queue.do_all(job).state == "cancelled"
    for model in (Dataset, DatasetItem, DatasetBatch):
        assert not model.objects.in_project(project).exists()
    assert not PlannedRecord.objects.exists()
    assert verbs_told("dataset.cancelled")


def test_cancelling_while_choosing_stops_it(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_interactions(project, 3)
    _, job = begun(project, alice, "")
    queue.do_some()
    monkeypatch.setattr(Job, "is_cancelled", lambda self: True)
    queue.do_some()
    job.refresh_from_db()
    assert (job.stage, PlannedRecord.objects.count()) == ("choosing", 0)


def test_cancelling_leaves_what_was_in_a_dataset(project: Project, alice: User) -> None:
    make_interactions(project, 5)
    dataset, job = begun(project, alice, "")
    queue.do_all(job)
    make_interactions(project, 7, completion="Another.")
    _, job = begun(project, alice, "", dataset=dataset)
    for _ in range(3):
        queue.do_some()
    assert len(kept(dataset)) == 9
    queue.cancel(job, by=alice)
    assert queue.do_all(job).state == "cancelled"
    dataset.refresh_from_db()
    assert (len(kept(dataset)), dataset.records, dataset.state) == (5, 5, "ready")


def test_what_is_deleted_meanwhile_is_not_copied(project: Project, alice: User) -> None:
    ids = make_interactions(project, 3)
    dataset, job = begun(project, alice, "")
    queue.do_some()
    queue.do_some()
    delete(project, ids[0], by=alice)
    job.refresh_from_db()
    job = queue.do_all(job)
    assert [one.interaction_id for one in kept(dataset)] == ids[1:]
    assert batches.of(dataset)[0].steps[-1] == {"step": "copied", "left": 2}


def test_nothing_left_fails_and_says_so(project: Project, alice: User) -> None:
    make_interaction(project, "a", "")
    dataset, job = begun(project, alice, "")
    job = queue.do_all(job)
    assert job.state == "failed"
    assert job.error == "no record is left to make a dataset of: 1 matched, 0 not empty"
    dataset.refresh_from_db()
    assert (dataset.state, dataset.error) == ("failed", job.error)


def test_nothing_is_done_to_a_dataset_while_a_job_adds_to_it(project: Project, alice: User) -> None:
    make_interactions(project, 10)
    dataset, job = begun(project, alice, "")
    while not job.done:
        queue.do_some()
        job.refresh_from_db()
    (batch,) = batches.of(dataset)
    batch = batches.known(dataset, batch.id)
    more = recipe(everything(project, alice), "name=More")
    for act in (
        lambda: create.delete(dataset, by=alice),
        lambda: versions.make(dataset, by=alice),
        lambda: batches.undo(batch, by=alice),
        lambda: begin_build(Caller(alice), project, more, dataset=dataset),
    ):
        with pytest.raises(Invalid, match="records are being added") as error:
            act()
        assert error.value.field == "dataset"
    assert queue.do_all(job).state == Job.State.DONE
    dataset.refresh_from_db()
    assert (dataset.records, dataset.head) == (10, 1)
    assert batches.undo(batch, by=alice) == 10


def test_who_may_begin_it_and_with_what(
    project: Project, alice: User, bob: User, charlie: User, charlies_project: Project
) -> None:
    make_interaction(project)
    asked = recipe(everything(project, alice), "name=Mine")
    with pytest.raises(Forbidden):
        begin_build(Caller(charlie), project, asked)
    with pytest.raises(NotFound, match="no such selection"):
        begin_build(Caller(charlie), charlies_project, asked)
    with pytest.raises(Invalid, match="name: expected a name"):
        begin_build(Caller(alice), project, Recipe(of=asked.of))
    with pytest.raises(Invalid, match="metric: "):
        said = "name=a&kind=preference&pairs=mined&metric=unknown"
        begun(project, alice, said)
    share(project, charlie)
    made, _ = begin_build(Caller(charlie), project, asked)
    prompts = Recipe(of=asked.of, kind=RecordKind.PROMPT)
    with pytest.raises(Invalid, match="kind: "):
        begin_build(Caller(alice), project, prompts, dataset=made)
    assert bob and Event.objects.in_project(project).filter(verb="dataset.created").exists()
    assert Job.objects.in_project(project).count() == 1
