"""Jobs that make datasets, tried again or late."""

from typing import Any

import pytest

from interactions.models import DatasetBatch, DatasetItem, Job
from interactions.services.building import job as build
from interactions.services.datasets import items
from interactions.services.jobs import queue
from interactions.services.jobs.builds import begin_build
from interactions.services.judging import feedback
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Project, User
from projects.services.access import Caller
from tests.interactions.services.building.cases import everything, recipe
from tests.make import make_interaction, make_interactions, make_metric

pytestmark = pytest.mark.django_db


def test_tried_again_it_begins_anew_and_stops_nobody(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "COPIED_AT_ONCE", 4)
    make_interactions(project, 10)
    asked = recipe(everything(project, alice), "name=Fresh")
    dataset, job = begin_build(Caller(alice), project, asked)
    for _ in range(3):
        queue.do_some()

    def failing(*_: Any, **__: Any) -> int:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(items, "add", failing)
        for _ in range(queue.ATTEMPTS_PER_STEP):
            Job.objects.in_project(project).update(next_at=job.created_at)
            queue.do_some()
    job.refresh_from_db()
    dataset.refresh_from_db()
    assert (job.state, job.stage, job.done) == ("failed", "", 0)
    assert (dataset.state, dataset.records) == ("failed", 0)
    queue.retry(job, by=alice)
    queue.do_some()
    dataset.refresh_from_db()
    assert (dataset.state, dataset.error) == ("pending", "")
    while queue.do_some():
        pass
    job.refresh_from_db()
    dataset.refresh_from_db()
    assert (job.state, dataset.state, dataset.records, dataset.head) == ("done", "ready", 10, 1)
    assert DatasetBatch.objects.in_project(project).count() == 1


def test_feedback_given_after_it_was_begun_stays_out(
    project: Project, alice: User, bob: User
) -> None:
    metric = make_metric(project, "csat", kind="SCALAR")
    one = make_interaction(project, feedback={metric: 5})
    asked = recipe(everything(project, alice), "name=Fresh&kind=feedback")
    dataset, job = begin_build(Caller(alice), project, asked)
    feedback.record(project, one.id, given=FeedbackDraft(metric=metric, value=1.0), by=bob)
    queue.do_all(job)
    item = DatasetItem.objects.in_project(project).get(dataset=dataset)
    assert item.content["feedback"] == {"csat": 5}
