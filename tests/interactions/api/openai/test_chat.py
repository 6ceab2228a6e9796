"""Chat with a provider that answers: what the client gets, what the provider got, what is kept."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from interactions.models import Image
from interactions.services.images import store
from interactions.services.images.store import STORED_IMAGE_SCHEME
from projects.models import Project, User
from tests import make
from tests.interactions.asking import (
    QUESTION,
    ask,
    completion_id,
    events_of,
    is_empty,
    logged,
    make_external,
    notes,
    text_of,
)
from tests.upstream import KEY, TOLD, USAGE, Upstream, completion, delta, says, streams, whole

pytestmark = pytest.mark.django_db


def test_an_answer_has_the_sdks_shape_and_openais(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    answer = ask(alice_key)
    assert answer.status_code == 200
    body = answer.json()
    assert body["object"] == "chat.completion"
    assert body["model"] == "maple/big"
    assert type(body["created"]) is int
    assert UUID(body["session_id"])
    assert body["usage"] == USAGE
    (choice,) = body["choices"]
    assert choice["index"] == 0
    assert choice["finish_reason"] == "stop"
    assert choice["model"] == "big"
    assert body["id"] == choice["completion_id"] == choice["message"]["id"]
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"] == "A tree."
    assert logged(project).interaction.id == completion_id(body)


def test_everything_is_logged(
    alice_key: str, alice: User, bob: User, project: Project, provider: Upstream
) -> None:
    llm = make_external(project, provider)
    session = str(uuid4())
    ask(
        alice_key,
        session_id=session,
        labels={"env": "prod", "team": "labels win"},
        metadata={"run": "7", "team": "metadata"},
        user=str(bob.uuid),
        temperature=0.5,
        max_tokens=20,
        stop=["END"],
    )
    one = logged(project)
    row, body = one.interaction, one.interaction.body
    assert (row.source, row.llm, str(row.session_id)) == ("LIVE", llm, session)
    assert (row.created_by, row.said_by) == (alice, str(bob.uuid))
    assert {label.key: label.value for label in one.labels} == {
        "env": "prod",
        "team": "labels win",
        "run": "7",
    }
    assert body.messages == [QUESTION]
    assert body.completion == "A tree."
    assert body.parameters == {"temperature": 0.5, "max_tokens": 20, "stop": ["END"]}
    assert body.usage == USAGE
    assert (row.prompt_tokens, row.completion_tokens) == (7, 2)
    assert row.latency_ms is not None and row.latency_ms < 5000
    assert body.user_metadata == {"user": str(bob.uuid)}
    assert body.system == {
        "provider": "OPEN_AI",
        "provider_model": "big-1",
        "finish_reason": "stop",
        "streamed": False,
    }


@pytest.mark.parametrize("given", [None, {}, {"include_usage": False}])
def test_usage_is_counted_but_told_only_to_those_who_ask(
    alice_key: str, project: Project, provider: Upstream, given: Any
) -> None:
    make_external(project, provider)
    provider.answer = streams(*TOLD)
    events = events_of(ask(alice_key, stream=True, stream_options=given))
    assert all("usage" not in event and event["choices"] for event in events)
    assert provider.seen[0].body["stream_options"] == {"include_usage": True}
    assert logged(project).interaction.body.usage == USAGE


def test_the_provider_gets_its_own_names_and_what_it_knows(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider, extra_params={"top_k": 5, "temperature": 1})
    ask(
        alice_key,
        temperature=0.5,
        top_p=0.9,
        stop="END",
        response_format={"type": "json_object"},
        seed=7,
        user="somebody",
        labels={"env": "prod"},
        metadata={"run": "7"},
        store=True,
        session_id=str(uuid4()),
        stream_options={},
        use_tools=False,
        tools=[{"id": str(uuid4()), "enabled": True}],
        n=1,
    )
    (seen,) = provider.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.body == {
        "model": "big-1",
        "messages": [QUESTION],
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 5,
        "stop": "END",
        "response_format": {"type": "json_object"},
        "seed": 7,
        "n": 1,
    }


def test_a_call_of_a_tool_is_handed_on_and_kept(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    call = {
        "id": "call-1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"town": "Paris"}'},
    }
    provider.answer = says(completion({"content": None, "tool_calls": [call]}))
    body = ask(alice_key, tools=[tool], tool_choice="auto").json()
    assert body["choices"][0]["message"]["content"] == ""
    assert body["choices"][0]["message"]["tool_calls"] == [call]
    kept = logged(project).interaction.body
    assert kept.completion_parts == {"tool_calls": [call]}
    assert kept.parameters == {"tools": [tool], "tool_choice": "auto"}
    assert provider.seen[0].body["tools"] == [tool]


def test_a_streamed_call_of_a_tool_is_put_together(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    pieces = [
        {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"x"'}},
        {"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        {"index": 0, "function": {"arguments": ": 1}"}},
    ]
    thought = [delta(reasoning_content="Hm, "), delta(reasoning_content="two calls.")]
    called = [delta(tool_calls=[piece]) for piece in pieces]
    provider.answer = streams(*thought, *called, delta("tool_calls"), "[DONE]")
    events = events_of(ask(alice_key, stream=True))
    handed = [event["choices"][0]["delta"].get("tool_calls") for event in events]
    assert [calls[0] for calls in handed if calls] == pieces
    assert logged(project).interaction.body.completion_parts == {
        "reasoning_content": "Hm, two calls.",
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
            {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ],
    }


def test_images_go_to_the_provider_as_they_came_and_are_kept(
    alice_key: str, project: Project, provider: Upstream, empty_storage: object
) -> None:
    make_external(project, provider)
    data = make.make_image()
    url = make.data_uri(data)
    told = make.image_message(url)
    told["content"].append({"type": "image_url", "image_url": url})  # as the SDK writes it
    told["content"].append({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}})
    assert ask(alice_key, messages=[told]).status_code == 200
    sent = provider.seen[0].body["messages"][0]["content"]
    assert [part["image_url"] for part in sent[1:]] == [
        {"url": url},
        {"url": url},
        {"url": "https://a.example/b.png"},
    ]
    image = Image.objects.in_project(project).get()
    assert store.read(image) == data
    kept = logged(project).interaction
    assert kept.image_count == 2
    assert kept.body.messages[0]["content"][1]["image_url"] == {
        "url": f"{STORED_IMAGE_SCHEME}{image.sha256}"
    }


def test_store_false_leaves_no_trace(alice_key: str, project: Project, provider: Upstream) -> None:
    make_external(project, provider)
    assert completion_id(ask(alice_key, store=False).json())
    provider.answer = streams(*TOLD)
    assert text_of(events_of(ask(alice_key, store=False, stream=True))) == "A tree."
    assert is_empty(project)


@pytest.mark.parametrize("spoken", [True, False])
def test_a_user_who_is_nobody_here_is_kept_as_metadata(
    alice_key: str, alice: User, project: Project, provider: Upstream, spoken: bool
) -> None:
    make_external(project, provider)
    name = "customer 17" if spoken else str(uuid4())
    assert ask(alice_key, user=name).status_code == 200
    one = logged(project).interaction
    assert one.created_by == alice
    assert one.body.user_metadata == {"user": name}


def test_a_server_that_does_not_stream_or_count_is_heard_too(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    provider.answer = whole("A tree.", usage=None)
    events = events_of(ask(alice_key, stream=True, stream_options={"include_usage": True}))
    assert text_of(events) == "A tree."
    assert events[-1]["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    one = logged(project).interaction
    assert (one.prompt_tokens, one.body.usage) == (None, None)
    assert notes(project)["finish_reason"] == "stop"


def test_a_nul_from_the_provider_can_be_stored(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    provider.answer = streams(delta(content="a\0b"), delta("stop"), "[DONE]")
    assert text_of(events_of(ask(alice_key, stream=True))) == "a\ufffdb"
    assert logged(project).interaction.body.completion == "a\ufffdb"


def test_old_clients_may_send_back_what_they_were_told(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    before = {"role": "assistant", "content": "Yes?", "metadata": {}, "completion_id": "x"}
    named = {**QUESTION, "name": "Ann"}
    assert ask(alice_key, messages=[before, named]).status_code == 200
    seen = [{"role": "assistant", "content": "Yes?"}, named]
    assert provider.seen[0].body["messages"] == seen
    assert logged(project).interaction.body.messages == seen


def test_only_the_first_ten_megabytes_are_kept(
    alice_key: str, project: Project, provider: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interactions.services.chat.answer.StreamedAnswer.MAX_KEPT", 10)
    make_external(project, provider)
    words = [delta(content="0123456789") for _ in range(4)]
    provider.answer = streams(*words, delta("stop"), "[DONE]")
    assert len(text_of(events_of(ask(alice_key, stream=True)))) == 40
    body = logged(project).interaction.body
    assert len(body.completion) == 20
    assert "stored" in notes(project)
