"""What is in a dataset already, found by index as it is by reading all of it."""

from uuid import uuid4

import pytest

from interactions.models import DatasetItem
from interactions.services.building import pipeline
from interactions.services.building.candidates import already_there
from interactions.services.datasets.placing import known_splits
from interactions.services.jobs import queue
from projects.models import Project, User
from tests.interactions.services.building.cases import everything, recipe
from tests.interactions.services.building.test_job import begun, kept
from tests.make import make_interaction, make_interactions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("at_once", [2, 1000])
@pytest.mark.parametrize("dedupe", ["none", "prompt", "answer"])
def test_a_preview_into_a_dataset_finds_what_it_has(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch, dedupe: str, at_once: int
) -> None:
    monkeypatch.setattr(already_there, "READ_AT_ONCE", at_once)
    monkeypatch.setattr(known_splits, "LOOKED_UP_AT_ONCE", at_once)
    session = uuid4()
    make_interactions(project, 6, session_id=session)
    dataset, job = begun(project, alice, "split=50/50")
    queue.do_all(job)
    DatasetItem.objects.filter(dataset=dataset).update(split="test")
    same = make_interaction(project, "Question 1", kept(dataset)[1].content["answer"]["text"])
    other = make_interaction(project, "Question 1", "Quite another answer.")
    beside = make_interaction(project, "New one", "Hm.", session_id=session)
    few = everything(project, alice)
    for small in (True, False):
        if not small:
            monkeypatch.setattr(already_there.AlreadyThere, "_is_small", lambda self, n: False)
        asked = recipe(few, f"dedupe={dedupe}")
        plan = pipeline.preview(project, few, asked, dataset=dataset)
        expected = {
            "none": {same.id, other.id, beside.id},
            "prompt": {beside.id},
            "answer": {other.id, beside.id},
        }[dedupe]
        found = plan.records()
        assert {one.interaction_id for one in found} == expected
        assert {one.split for one in found} == {"test"}


def test_a_preview_takes_the_same_queries_however_large_the_dataset_is(
    project: Project, alice: User, django_assert_max_num_queries: object
) -> None:
    make_interactions(project, 30)
    dataset, job = begun(project, alice, "")
    queue.do_all(job)
    few = everything(project, alice)
    asked = recipe(few, "dedupe=answer&split=80/20")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        pipeline.preview(project, few, asked, dataset=dataset)
