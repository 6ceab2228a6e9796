"""What is sent twice under one Idempotency-Key is done once, and never mistaken for another."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from interactions.models import Comparison, Feedback, Interaction
from projects.models import Project
from tests import make
from tests.auditing import verbs_told
from tests.interactions.api.rest.test_interactions import hello, post

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "retry-1"}


@pytest.fixture
def asked(project: Project) -> dict[str, dict[str, Any]]:
    """A body for each address that stores something."""
    make.make_metric(project, "helpful")
    make.make_llm(project, "gpt-4o")
    ids = [str(id) for id in make.make_interactions(project, 2)]
    compared = {
        f"{side}_completion": {"text": f"the {side} one", "model": "gpt-4o"}
        for side in ("preferred", "other")
    }
    said = {"project": "maple", "metric": "helpful", "messages": hello()["messages"]}
    return {
        "interactions": hello(),
        "feedback": {"completion_id": ids[0], "metric": "helpful", "value": True},
        "comparison": {**said, **compared},
        "comparison of ids": {
            "project": "maple", "metric": "helpful",
            "preferred_completion": ids[0], "other_completion": ids[1],
        },
    }  # fmt: skip


CHANGES: dict[str, dict[str, Any]] = {
    "interactions": {"completion": "Another."},
    "feedback": {"value": False},
    "comparison": {"tied": "good"},
    "comparison of ids": {"tied": "good"},
}


def counts(project: Project) -> tuple[int, ...]:
    """How much the project has."""
    return (
        Interaction.objects.in_project(project).count(),
        Feedback.objects.in_project(project).count(),
        Comparison.objects.in_project(project).count(),
    )


@pytest.mark.parametrize("kind", CHANGES)
def test_the_same_again_stores_nothing_and_answers_the_first(
    project: Project, alice_key: str, asked: dict[str, Any], kind: str
) -> None:
    path, body = kind.partition(" ")[0], asked[kind]
    first = post(alice_key, path, body, **KEY)
    stored = counts(project)
    again = post(alice_key, path, dict(reversed(body.items())), **KEY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert counts(project) == stored
    other = post(alice_key, path, body | CHANGES[kind], **KEY)
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
    assert counts(project) == stored
    assert post(alice_key, path, body, **{"Idempotency-Key": "retry-2"}).status_code == 201
    assert post(alice_key, path, body, **{"Idempotency-Key": ""}).status_code == 201
    assert post(alice_key, path, body).status_code == 201
    long = post(alice_key, path, body, **{"Idempotency-Key": "k" * 257})
    assert (long.status_code, long.json()["field"]) == (400, "Idempotency-Key")
    assert verbs_told("request.keyed")


def test_one_key_serves_each_kind_of_request_and_each_person(
    project: Project, alice_key: str, bob_key: str, asked: dict[str, Any]
) -> None:
    for path in ("interactions", "feedback", "comparison"):
        assert post(alice_key, path, asked[path], **KEY).status_code == 201
    assert post(bob_key, "interactions", asked["interactions"], **KEY).status_code == 201
    assert post(bob_key, "feedback", asked["feedback"], **KEY).status_code == 201
    assert post(bob_key, "comparison", asked["comparison of ids"], **KEY).status_code == 201


def test_a_refused_request_leaves_its_key_free(
    alice_key: str, charlie_key: str, asked: dict[str, Any]
) -> None:
    wrong = {**asked["feedback"], "value": "often"}
    assert post(alice_key, "feedback", wrong, **KEY).status_code == 400
    assert post(charlie_key, "feedback", asked["feedback"], **KEY).status_code == 404
    assert post(alice_key, "feedback", asked["feedback"], **KEY).status_code == 201


def test_an_external_id_is_a_name_and_a_key_a_request(project: Project, alice_key: str) -> None:
    body = hello(external_id="mine")
    first = post(alice_key, "interactions", body, **KEY)
    assert first.status_code == 201
    assert Interaction.objects.in_project(project).get().external_id == "mine"
    # By itself it goes on to be a name: the first one stays, whatever comes under it.
    again = post(alice_key, "interactions", hello(external_id="mine", completion="New"))
    assert (again.status_code, again.json()["completion_id"]) == (
        200,
        first.json()["completion_id"],
    )
    later = post(alice_key, "interactions", body, **{"Idempotency-Key": "another"})
    assert (later.status_code, later.json()["completion_id"]) == (
        200,
        first.json()["completion_id"],
    )
    # And nobody's key is such a name.
    assert post(alice_key, "interactions", hello(external_id="retry-1")).status_code == 201


def test_a_key_of_interactions_is_its_persons_own(
    project: Project, alice_key: str, bob_key: str
) -> None:
    mine = post(alice_key, "interactions", hello(labels={"who": "alice"}), **KEY)
    theirs = post(bob_key, "interactions", hello(labels={"who": "bob"}), **KEY)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["completion_id"] != theirs.json()["completion_id"]
    assert (
        post(bob_key, "interactions", hello(labels={"who": "bob"}), **KEY).json() == theirs.json()
    )
    found = Interaction.objects.in_project(project)
    assert len({tuple(one.label_ids) for one in found}) == 2  # nobody's labels were lost
    assert {one.created_by.name for one in found if one.created_by} == {"Alice", "Bob"}


@pytest.mark.parametrize(
    "more",
    [
        {"labels": {"tone": "kind"}},
        {"labels": {}},
        {"session_id": "0190b2b4-0000-7000-8000-000000000001"},
        {"created_at": "2024-02-21T12:00:00Z"},
        {"feedbacks": [{"metric": "helpful", "value": True}]},
        {"external_id": "mine"},
        {"messages": [{"role": "user", "content": "Another?"}]},
    ],
)
def test_what_says_anything_else_under_a_key_is_refused(
    project: Project, alice_key: str, more: dict[str, Any]
) -> None:
    make.make_metric(project, "helpful")
    body = hello(labels={"tone": "curt"})
    assert post(alice_key, "interactions", body, **KEY).status_code == 201
    refused = post(alice_key, "interactions", body | more, **KEY)
    assert (refused.status_code, refused.json()["field"]) == (422, "Idempotency-Key"), more
    assert counts(project) == (1, 0, 0)


def test_numbers_of_any_length_have_keys_too(
    project: Project, alice_key: str, asked: dict[str, Any]
) -> None:
    for path in ("interactions", "comparison"):
        odd = asked[path] | {"x-seed": "LONG"}
        text = json.dumps(odd).replace('"LONG"', "18446744073709551616000001")
        statuses = [send(alice_key, path, text) for _ in range(2)]
        assert statuses == [201, 200], path
        assert send(alice_key, path, text.replace("000001", "000002")) == 422


def send(key: str, path: str, body: str) -> int:
    """The status of JSON as it is written."""
    named = {"Authorization": f"Bearer {key}", **KEY}
    sent = Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=named)
    return sent.status_code


@pytest.fixture
def closing() -> Iterator[None]:
    """Nothing but our own connection at the end."""
    yield
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", CHANGES)
def test_of_many_at_the_same_time_one_is_done(
    project: Project, alice_key: str, asked: dict[str, Any], kind: str, closing: None
) -> None:
    path = kind.partition(" ")[0]

    def send(_: int) -> tuple[int, str]:
        try:
            answer = post(alice_key, path, asked[kind], **KEY)
            return answer.status_code, answer.content.decode()
        finally:
            connections.close_all()

    before = counts(project)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({said for _, said in answers}) == 1
    grown = [after - was for after, was in zip(counts(project), before, strict=True)]
    assert grown == {
        "interactions": [1, 0, 0], "feedback": [0, 1, 0], "comparison": [2, 0, 1],
        "comparison of ids": [0, 0, 1],
    }[kind]  # fmt: skip
