"""Datasets made of filters, ids and groups through GraphQL, and their preview."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from interactions.models import Dataset
from interactions.services.datasets.source import DatasetSource
from interactions.services.jobs import queue
from interactions.services.training.record import TrainingRecord
from projects.models import Metric, Project, User
from tests import make
from tests.asking import ask, refused

BUILD = """mutation ($input: DatasetCreateFromFilters!) {
    createDatasetFromFilters(input: $input) { id key kind status source records } }"""
PREVIEW = (
    """query ($input: DatasetCreateFromFilters!) { previewDatasetFromFilters(input: $input) }"""
)
EVERYTHING = {"fromFilters": {"filters": {"project": "maple"}, "exclude": []}}


def asked(query: Any = None, **more: Any) -> dict[str, Any]:
    """The input of both."""
    return {
        "project": "maple",
        "name": "Built",
        "key": "built",
        "kind": "PROMPT_COMPLETION",
        "completionQuery": query or EVERYTHING,
        **more,
    }


def built(secret: str, query: Any = None, **more: Any) -> list[TrainingRecord]:
    """The records of a dataset that was made, as many as the preview said."""
    given = asked(query, **more)
    n = ask(secret, PREVIEW, input=given)
    made = ask(secret, BUILD, input=given)
    assert (made["status"], made["source"], made["records"]) == ("PENDING", "FILTERED", None)
    while queue.do_some():
        pass
    dataset = Dataset.objects.get(id=made["id"])
    assert (dataset.state, dataset.error) == (Dataset.State.READY, "")
    found = list(DatasetSource(dataset).records())
    assert len(found) == n
    return found


def prompts(found: list[TrainingRecord]) -> list[str]:
    """What was asked."""
    return [one.messages[0]["content"] for one in found]


@pytest.fixture
def logged(project: Project) -> list[UUID]:
    """Six interactions, of two models, three of them in German."""
    made = []
    for n in range(6):
        llm = make.make_llm(project, "big" if n < 4 else "small")
        labels = {"lang": "de"} if n % 2 else {}
        draft = {"llm": llm, "labels": labels}
        made.append(make.make_interaction(project, f"Question {n}", f"Answer {n}", **draft).id)
    return made


def test_what_a_filter_matches_less_some(logged: list[UUID], alice_key: str) -> None:
    german = {
        "project": "maple",
        "advancedFilter": {"label": {"key": "lang", "value": {"eq": "de"}}},
    }
    query = {"fromFilters": {"filters": german, "exclude": [str(logged[3])]}}
    assert prompts(built(alice_key, query)) == ["Question 1", "Question 5"]


def test_ids(logged: list[UUID], alice_key: str) -> None:
    query = {"fromSelection": {"include": [str(logged[0]), str(logged[4])]}}
    found = built(alice_key, query, kind="PROMPT")
    assert prompts(found) == ["Question 0", "Question 4"]
    assert not any(one.answers for one in found)


def test_groups_whole_and_in_part(logged: list[UUID], alice_key: str) -> None:
    def of(*groups: dict[str, Any]) -> dict[str, Any]:
        filters = {"project": "maple"}
        return {"fromGroups": {"filters": filters, "grouping": "MODEL", "groups": list(groups)}}

    whole = {"groupId": "small", "selection": {}}
    some = {"groupId": "big", "selection": {"exclude": [str(logged[0]), str(logged[1])]}}
    picked = {"groupId": "big", "selection": {"selectOnly": [str(logged[2])]}}
    assert prompts(built(alice_key, of(some), key="a")) == ["Question 2", "Question 3"]
    assert len(built(alice_key, of(some, whole), key="b")) == 4
    assert prompts(built(alice_key, of(picked), key="c")) == ["Question 2"]
    found = prompts(built(alice_key, of(picked, whole), key="d"))
    assert found == ["Question 2", "Question 4", "Question 5"]


def test_samples(logged: list[UUID], alice_key: str) -> None:
    last = {"selectionType": "LAST", "sampleSize": 2}
    assert prompts(built(alice_key, sampleConfig=last, key="a")) == ["Question 4", "Question 5"]
    some = {"selectionType": "RANDOM", "sampleSize": 3}
    assert len(built(alice_key, sampleConfig=some, key="b")) == 3
    every = {"selectionType": "ALL"}
    assert len(built(alice_key, sampleConfig=every, key="c")) == 6


def test_feedback_under_some_metrics(project: Project, alice_key: str) -> None:
    helpful, stars = make.make_metric(project), make.make_metric(project, "stars", kind="SCALAR")
    make.make_interaction(project, "Both", feedback={helpful: True, stars: 3})
    make.make_interaction(project, "Helpful", feedback={helpful: False})
    make.make_interaction(project, "Stars", feedback={stars: 1})
    make.make_interaction(project, "None")
    kind = "PROMPT_COMPLETION_SCORE"
    assert prompts(built(alice_key, kind=kind, key="a")) == ["Both", "Helpful", "Stars"]
    found = built(alice_key, kind=kind, key="b", metrics=["helpful"])
    assert prompts(found) == ["Both", "Helpful"]
    assert found[1].feedback == {"helpful": False}
    ids = {"fromSelection": {"include": [str(one.interaction_id) for one in found]}}
    older = "PROMPT_COMPLETION_FEEDBACK"
    named = str(Metric.objects.get(key="stars").uuid)
    assert prompts(built(alice_key, ids, kind=older, key="c", metrics=[named])) == ["Both"]


def test_preferences(project: Project, alice: User, alice_key: str) -> None:
    ids = [make.make_interaction(project, "Same", f"Answer {n}").id for n in range(2)]
    make.make_metric(project, "better")
    body = {
        "metric": "better",
        "preferred_completion": str(ids[1]),
        "other_completion": str(ids[0]),
    }
    body |= {"project": "maple"}
    make_comparison(alice_key, body)
    (one,) = built(alice_key, kind="PREFERENCE", metrics=["better"])
    assert [answer.text for answer in one.answers] == ["Answer 1", "Answer 0"]


def make_comparison(key: str, body: dict[str, Any]) -> None:
    """A comparison, through REST."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = Client().post(
        "/api/v1/comparison", body, content_type="application/json", headers=headers
    )
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"completionQuery": {}}, "selection: expected one of"),
        ({"completionQuery": {**EVERYTHING, "fromSelection": {"include": []}}}, "expected one of"),
        ({"completionQuery": {"fromSelection": {"include": []}}}, "expected the ids"),
        ({"sampleConfig": {"selectionType": "LAST"}}, "sampleSize: expected a number"),
        ({"sampleConfig": {"selectionType": "RANDOM", "sampleSize": 0}}, "sampleSize: expected"),
        ({"metrics": ["nobody"]}, "metric not found"),
        ({"scoreFilters": {"labels": [{"key": "a"}]}}, "feedback carries no labels"),
        ({"kind": "PREFERENCE", "metrics": ["one", "two"]}, "at most one metric"),
        ({"name": " "}, "name: expected a name"),
        ({"key": "no key"}, "key: expected"),
        ({"project": "oak"}, "project not found"),
    ],
)
def test_malformed(
    project: Project, logged: list[UUID], alice_key: str, more: dict[str, Any], says: str
) -> None:
    for key in ("one", "two"):
        make.make_metric(project, key)
    assert says in refused(alice_key, BUILD, input=asked(**more))
    assert not Dataset.objects.exists()


def test_who_may(project: Project, logged: list[UUID], charlie_key: str) -> None:
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    vera_key = make.make_key(viewer)
    assert ask(vera_key, PREVIEW, input=asked()) == 6
    assert "permission" in refused(vera_key, BUILD, input=asked())
    for query in (BUILD, PREVIEW):
        assert "project not found" in refused(charlie_key, query, input=asked())
