"""OpenAI's own client, in its own environment, against the running site."""

from typing import Any

import pytest

from tests.contract.environments import drive, graphql
from tests.make import make_image
from tests.served import Served

ATTACH = """
mutation ($input: AddModelsToProjectInput!) { addModelsToProject(input: $input) { success } }
"""


@pytest.fixture(scope="module")
def did(site: Served, upstream_url: str) -> dict[str, Any]:
    """What the client did, in the demo project with an embedding model attached."""
    attached = graphql(site, ATTACH, input={"project": "demo", "models": ["embedder"]})
    assert attached["addModelsToProject"]["success"]
    return drive("openai", "openai_client", site, make_image(size=(64, 48)))


def test_an_answer_has_the_form_that_openai_s_client_knows(did: dict[str, Any]) -> None:
    answer = did["chat"]
    assert answer["object"] == "chat.completion"
    assert answer["role"] == "assistant"
    assert answer["content"]
    assert answer["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] > 0
    assert answer["completion_id"]
    assert answer["session_id"]


def test_a_stream_ends_with_its_usage(did: dict[str, Any]) -> None:
    assert did["stream"]["content"] == did["chat"]["content"]
    assert did["stream"]["chunks"] > 2
    assert did["stream"]["usage"]["completion_tokens"] > 0


def test_pictures_reach_the_model(did: dict[str, Any]) -> None:
    assert "64" in did["picture"]["content"]
    assert "48" in did["picture"]["content"]


def test_models_are_listed_as_chat_wants_them_named(did: dict[str, Any]) -> None:
    assert "demo/echo" in did["models"]


def test_metadata_become_labels_by_which_answers_are_found(did: dict[str, Any]) -> None:
    gold, silver, stored = did["chat"]["id"], did["picture"]["id"], did["stored"]
    assert stored["gold"] == [gold]
    assert stored["both_by_pages"] == [gold, silver]
    assert stored["updated"] == {"tier": "bronze"}
    assert stored["gold_after"] == []


def test_stored_answers_are_read_and_deleted(did: dict[str, Any]) -> None:
    stored = did["stored"]
    assert stored["retrieved"] == did["chat"]["id"]
    assert stored["retrieved_content"] == did["chat"]["content"]
    assert stored["messages"] == [["user", "Hello from OpenAI's client"]]
    assert stored["deleted"] is True
    assert stored["gone"]["status"] == 404


@pytest.mark.parametrize(
    ("what", "kind", "status"),
    [
        ("model", "NotFoundError", 404),
        ("streamed", "NotFoundError", 404),
        ("kept_unknown", "NotFoundError", 404),
        ("key", "AuthenticationError", 401),
        ("empty", "", 400),
        ("embeddings", "", 400),
    ],
)
def test_refusals_reach_the_caller_as_openai_s_errors(
    did: dict[str, Any], what: str, kind: str, status: int
) -> None:
    refused = did["refusals"][what]
    assert refused["type"] == kind or (not kind and 400 <= refused["status"] < 500), refused
    assert not kind or refused["status"] == status
    assert refused["body"], refused


def test_embeddings_say_that_the_model_makes_none(did: dict[str, Any]) -> None:
    assert "embedding" in str(did["refusals"]["embeddings"]["body"])


def test_embeddings_come_from_a_model_that_makes_them(did: dict[str, Any]) -> None:
    assert did["embedding"] == [5.0, 0.5]
