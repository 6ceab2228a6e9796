"""Clients of other vendors, each in an environment of its own, against the running site.

What a client has in its hands in the end is what the model said, the model was sent what the
client sent, and the log holds both.
"""

import json
import urllib.request
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from tests.contract.conftest import ADD
from tests.contract.environments import drive, drive_node, graphql
from tests.contract.talker import (
    AFTER,
    CALLS,
    EMBEDDING,
    HELLO,
    LIMITED,
    NAMED,
    TEXT,
    TREE,
    USAGE,
    WEATHER,
    Talking,
    talker,
)
from tests.make import make_image
from tests.served import KEY, Served

ATTACH = """
mutation ($input: AddModelsToProjectInput!) { addModelsToProject(input: $input) { success } }
"""
ASKED = {
    "talker": "demo/talker",
    "embedder": "demo/talker",
    "missing": "demo/nobody",
    "hello": HELLO,
    "weather": WEATHER,
    "tree": TREE,
    "limited": LIMITED,
}
PICTURE = make_image(size=(64, 48))
NODE = (
    "ai 5, @ai-sdk/openai 2",
    "ai 6, @ai-sdk/openai 3",
    "ai 7, @ai-sdk/openai 4",
    "ai 4, @ai-sdk/openai-compatible 0.2",
    "ai 5, @ai-sdk/openai-compatible 1",
    "ai 7, @ai-sdk/openai-compatible 3",
    "@langchain/openai 0.6",
    "@langchain/openai 1",
    "openai (node)",
)
PYTHON = ("openai", "langchain", "litellm")
CLIENTS = (*NODE, *PYTHON)
# Members that are for the site, or that it says in its own way.
OURS = {"model", "messages", "stream", "stream_options", "user", "metadata", "store"}

Did = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def talking(site: Served) -> Iterator[Talking]:
    """The upstream, known to the site as a model of the demo project."""
    with talker() as running:
        open_ai = {
            "apiKey": "sk-of-the-talker",
            "externalModelId": "talker-1",
            "extraParams": {"base_url": running.url},
        }
        graphql(
            site,
            ADD,
            input={"name": "talker", "provider": "OPEN_AI", "providerData": {"openAI": open_ai}},
        )
        attached = graphql(site, ATTACH, input={"project": "demo", "models": ["talker"]})
        assert attached["addModelsToProject"]["success"]
        yield running


@pytest.fixture(scope="module")
def did(site: Served, talking: Talking, tmp_path_factory: pytest.TempPathFactory) -> Did:
    """What a client came to, case by case; each environment is run once."""
    asked = {"ASKED": json.dumps(ASKED), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}

    def run(start: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        talking.seen.clear()
        found = start()
        return {"clients": found, "seen": list(talking.seen)}

    @cache
    def of_node() -> dict[str, Any]:
        directory = tmp_path_factory.mktemp("node")
        return run(partial(drive_node, directory, site, PICTURE, **asked))

    @cache
    def of_python(name: str) -> dict[str, Any]:
        return run(partial(drive, name, f"asking_{name}", site, PICTURE, **asked))

    def by(name: str) -> dict[str, Any]:
        made = of_node() if name in NODE else of_python(name)
        cases = made["clients"][name] if name in NODE else [*made["clients"].values()][0]
        return {**cases, "seen": made["seen"]}

    return by


def record_of(site: Served, id: str) -> dict[str, Any]:
    """The interaction as the raw record has it."""
    request = urllib.request.Request(
        f"{site.url}/projects/demo/interactions/{id}/raw/?images=inline",
        headers={"Authorization": f"Bearer {KEY}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def used(case: dict[str, Any]) -> None:
    """The counts have come, but to a stream of a client that cannot ask for them."""
    is_told = "stream_options" in case["sent"] or not case["sent"].get("stream")
    counts = [USAGE["prompt_tokens"], USAGE["completion_tokens"]]
    assert case["usage"] == (counts if is_told else [None, None])


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("name", "text"),
    [("whole", TEXT), ("streamed", TEXT), ("picture", TEXT), ("answered", AFTER)],
)
def test_a_client_has_the_text_and_the_counts(did: Did, client: str, name: str, text: str) -> None:
    case = did(client)[name]
    assert case.get("text") == text, case
    assert case["finish"] == "stop"
    assert not case["calls"]
    used(case)
    assert name != "streamed" or case["pieces"] >= len(TEXT.split())


@pytest.mark.parametrize("client", CLIENTS)
def test_calls_of_tools_that_come_in_pieces_arrive_whole(did: Did, client: str) -> None:
    case = did(client)["tools"]
    assert case.get("calls") == [
        {
            "id": call["id"],
            "name": "weather",
            "arguments": json.loads(call["function"]["arguments"]),
        }
        for call in CALLS
    ], case
    assert case["finish"] in ("tool_calls", "tool-calls")
    used(case)


@pytest.mark.parametrize("client", CLIENTS)
def test_answers_of_a_wanted_shape_are_read(did: Did, client: str) -> None:
    case = did(client)["structured"]
    assert case.get("object") == NAMED, case
    used(case)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("missing", 404, "model not found or not attached"),
        ("missing_streamed", 404, "model not found or not attached"),
        ("limited", 429, "Slow down, please"),
    ],
)
def test_a_refusal_has_its_status_and_its_reason(
    did: Did, client: str, name: str, status: int, reason: str
) -> None:
    case = did(client)[name]
    assert case.get("status") == status, case
    assert reason in case["message"]


@pytest.mark.parametrize("client", [name for name in CLIENTS if "compatible" not in name])
def test_embeddings_come(did: Did, client: str) -> None:
    cases = did(client)
    if "embedded" in cases:
        assert cases["embedded"].get("embedding") == EMBEDDING, cases["embedded"]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_model_was_sent_what_the_client_sent(did: Did, client: str) -> None:
    cases = did(client)
    for name in ("whole", "streamed", "tools", "answered", "picture", "structured"):
        sent = cases[name]["sent"]
        expected = {member: value for member, value in sent.items() if member not in OURS}
        expected |= {"model": "talker-1", "messages": sent["messages"]}
        if sent.get("stream"):
            expected |= {"stream": True, "stream_options": {"include_usage": True}}
        assert expected in cases["seen"], name


@pytest.mark.parametrize("client", CLIENTS)
def test_the_log_has_what_was_asked_and_what_the_client_got(
    site: Served, did: Did, client: str
) -> None:
    cases = did(client)
    for name in ("whole", "streamed", "tools", "answered", "picture", "structured"):
        case = cases[name]
        record = record_of(site, case["id"])
        sent = case["sent"]
        assert record["messages"] == sent["messages"], name
        assert record["model"] == "talker"
        assert record["completion"] == (case["text"] or "")
        assert record["usage"] == USAGE
        logged = (record.get("completion_parts") or {}).get("tool_calls") or []
        assert logged == (CALLS if name == "tools" else [])
        assert record.get("parameters", {}) == {
            member: value for member, value in sent.items() if member not in OURS
        }
    for name in ("missing", "missing_streamed", "limited"):
        assert cases[name]["id"] is None
