"""What a job that builds tells while it runs, and what it leaves: its rule, its undoing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from interactions.models import Job
from interactions.services import undo
from interactions.services.building import pipeline
from interactions.services.job_watch import StepWatch
from interactions.services.jobs import queue
from projects.models import Project, User
from projects.services.access import Caller
from tests.interactions.services.building.test_job import begun, kept
from tests.make import make_interaction, make_interactions

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_how_far_choosing_is_can_be_read_while_it_runs(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_interactions(project, 3)
    _, job = begun(project, alice, "")
    queue.do_some()
    seen: list[Any] = []
    plan = pipeline.plan

    def looked_at(*args: Any, watch: StepWatch, **known: Any) -> Any:
        def beside() -> None:
            seen.append(Job.objects.in_project(project).get(id=job.id).told)
            connections.close_all()

        watch("choosing: reading interactions", 2)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(beside).result()
        return plan(*args, watch=watch, **known)

    monkeypatch.setattr(pipeline, "plan", looked_at)
    queue.do_some()
    (told,) = seen
    assert (told["stage"], told["done"]) == ("choosing: reading interactions", 2)
    assert told["total"] == 3
    assert queue.do_all(job).told == {}


def test_the_rule_of_a_split_is_remembered(project: Project, alice: User) -> None:
    make_interactions(project, 4)
    dataset, job = begun(project, alice, "split=50/25/25&seed=7")
    queue.do_all(job)
    dataset.refresh_from_db()
    assert dataset.split_rule == {"train": 50, "validation": 25, "test": 25, "seed": 7}
    _, job = begun(project, alice, "split=90/10", dataset=dataset)
    queue.do_all(job)
    dataset.refresh_from_db()
    assert dataset.split_rule["seed"] == 7


def test_what_was_added_is_taken_out_again_by_z(project: Project, alice: User) -> None:
    make_interactions(project, 4)
    dataset, job = begun(project, alice, "")
    queue.do_all(job)
    dataset.refresh_from_db()
    assert undo.undo_last(project, caller=Caller(alice)) is None
    make_interaction(project, "One more", "Yes.")
    _, job = begun(project, alice, "", dataset=dataset)
    queue.do_all(job)
    undone = undo.undo_last(project, caller=Caller(alice))
    assert undone and undone.words == "Undone in “Fresh”: added 1 record."
    assert len(kept(dataset)) == 4
