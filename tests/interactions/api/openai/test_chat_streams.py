"""Streams through the whole server: what clients and providers of all kinds send and want."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from django.test import Client
from pytest_django import Settings

from adaptive_site.lib import exact_json
from projects.models import Project, User
from tests import asking as graphql
from tests.interactions.asking import (
    ask,
    events_of,
    is_empty,
    logged,
    make_external,
    notes,
    text_of,
)
from tests.recordings import RECORDINGS, Recording
from tests.recordings_calls import MORE
from tests.recordings_loose import LOOSE
from tests.replay import Reply, replaying
from tests.upstream import TOLD, USAGE, Upstream, completion, delta, says, streams

pytestmark = pytest.mark.django_db

GET = """query Get($id: UUID!) { completion(project: "maple", id: $id) {
    metadata { usage { totalTokens details } system } } }"""
COUNTING = {"include_usage": True}


@pytest.mark.parametrize("agent", ["adaptive_sdk/0.14.2", "adaptive_sdk/0.0.1b1", "other/1.0"])
def test_a_stream_has_one_id_and_texts_in_every_delta_for_the_sdk(
    alice_key: str, project: Project, provider: Upstream, agent: str
) -> None:
    make_external(project, provider)
    provider.answer = streams(*TOLD)
    counting = {"include_usage": True}
    headers = {"User-Agent": agent}
    events = events_of(ask(alice_key, stream=True, stream_options=counting, headers=headers))
    *chunks, counted = events
    assert text_of(chunks) == "A tree."
    for chunk in chunks:
        assert chunk["object"] == "chat.completion.chunk"
        assert type(chunk["created"]) is int
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    if agent.startswith("adaptive_sdk/"):
        assert {type(delta[name]) for delta in deltas for name in ("id", "role", "content")} == {
            str
        }
    else:
        # Others read an empty role as an unknown one, and join ids.
        assert [sorted(delta) for delta in deltas] == [
            ["content", "id", "role"],
            ["content"],
            ["content"],
            [],
        ]
    for name in ("id", "session_id", "model"):
        assert len({event[name] for event in events}) == 1
    assert {chunk["choices"][0]["completion_id"] for chunk in chunks} == {events[0]["id"]}
    reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert reasons == [None] * (len(chunks) - 1) + ["stop"]
    assert (counted["choices"], counted["usage"]) == ([], USAGE)
    one = logged(project).interaction
    assert str(one.id) == events[0]["id"]
    assert one.body.completion == "A tree."
    assert one.ttft_ms is not None and one.latency_ms is not None
    assert one.ttft_ms <= one.latency_ms
    assert one.body.usage == USAGE


def test_odd_streams_are_logged_as_they_are(alice_key: str, project: Project) -> None:
    """Into the database and out of it: numbers, letters and lists as they came."""
    with replaying() as provider:
        make_external(project, provider)
        for recording in [*RECORDINGS, *MORE, *LOOSE]:
            provider.play(recording.reply)
            events = events_of(ask(alice_key, stream=True, session_id=None))
            check_page(alice_key, project, recording, str(events[0]["id"]))


def check_page(key: str, project: Project, recording: Recording, id: str) -> None:
    address = f"/projects/maple/interactions/{id}/"
    headers = {"Authorization": f"Bearer {key}"}
    raw = Client().get(f"{address}raw/", headers=headers)
    assert raw.status_code == 200, recording.name
    line = exact_json.read(raw.content.decode())
    message = {"content": line["completion"], **line.get("completion_parts", {})}
    assert message == recording.message, recording.name
    assert line.get("usage") == recording.usage
    response = dict(line.get("response", {}))
    kept = response.pop("choices", [])
    assert response == recording.response
    assert len(kept) == bool(recording.choice) + len(recording.others)


def test_what_stands_beside_an_answer_is_handed_on_and_shown(
    alice_key: str, alice: User, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    beside: dict[str, Any] = {
        "citations": ["https://a.example"],
        "search_results": [{"title": "A", "date": None}],
        "system_fingerprint": "fp_1",
        "service_tier": "default",
    }
    logprobs = {"content": [{"token": "A", "logprob": -0.5, "bytes": [65], "top_logprobs": []}]}
    usage = {**USAGE, "cost": 0.00012, "prompt_cache_hit_tokens": 4}
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "A tree, I think."}]}
    content = [thought, {"type": "text", "text": "A tree."}]
    said = completion({"content": content, "annotations": [], "refusal": None}, **beside)
    said["choices"][0] |= {"logprobs": logprobs, "stop_reason": 7}
    provider.answer = says({**said, "usage": usage})
    body = ask(alice_key).json()
    (choice,) = body["choices"]
    assert {name: body[name] for name in beside} == beside
    assert (choice["logprobs"], choice["stop_reason"], body["usage"]) == (logprobs, 7, usage)
    assert choice["message"]["content"] == content
    assert choice["message"]["annotations"] == []
    assert choice["message"]["refusal"] is None
    one = logged(project).interaction
    assert one.body.completion == "A tree."
    assert one.body.completion_parts == {"content": content}
    response = {**beside, "choices": [{"index": 0, "logprobs": logprobs, "stop_reason": 7}]}
    assert notes(project)["response"] == response
    shown = graphql.ask(alice_key, GET, id=str(one.id))["metadata"]
    assert shown["usage"] == {"totalTokens": 9, "details": usage}
    assert shown["system"]["response"] == response
    client = Client()
    client.force_login(alice)
    page = client.get(f"/projects/maple/interactions/{one.id}/").content.decode()
    for text in ("A tree, I think.", "https://a.example", "fp_1", "prompt_cache_hit_tokens"):
        assert text in page
    headers = {"Authorization": f"Bearer {alice_key}"}
    read = client.get(f"/api/v1/chat/completions/{one.id}", headers=headers).json()
    assert {name: read[name] for name in beside} == beside
    assert (read["choices"][0]["logprobs"], read["usage"]) == (logprobs, usage)
    assert read["choices"][0]["message"]["content"] == content


def test_the_sdk_gets_the_text_of_an_answer_in_parts(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    provider.answer = says(completion({"content": [thought, {"type": "text", "text": "Yes."}]}))
    body = ask(alice_key, headers={"User-Agent": "adaptive_sdk/0.14.2"}).json()
    assert body["choices"][0]["message"]["content"] == "Yes."


@pytest.mark.parametrize("stream", [False, True])
def test_all_choices_are_handed_on_and_kept(
    alice_key: str, project: Project, provider: Upstream, stream: bool
) -> None:
    make_external(project, provider, extra_params={"n": 2})
    said = completion({"content": "One."})
    other = {"index": 1, "message": {"role": "assistant", "content": "Two."}}
    said["choices"].append({**other, "finish_reason": "length"})
    provider.answer = says(said)
    answer = ask(alice_key, stream=stream)
    if stream:
        choices = [choice for event in events_of(answer) for choice in event["choices"]]
        texts = [
            "".join(one["delta"].get("content", "") for one in choices if one["index"] == index)
            for index in (0, 1)
        ]
        ends = [one["finish_reason"] for one in choices if one["finish_reason"]]
    else:
        choices = answer.json()["choices"]
        texts = [choice["message"]["content"] for choice in choices]
        ends = [choice["finish_reason"] for choice in choices]
    assert (texts, ends) == (["One.", "Two."], ["stop", "length"])
    assert logged(project).interaction.body.completion == "One."
    assert notes(project)["response"]["choices"] == [{**other, "finish_reason": "length"}]


def slow(*answers: Any, pause: float) -> Any:
    """Silence before the headers, then the answer of `streams`, as slow between its events."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(pause)
        return await streams(*answers, pause=pause)(request)

    return answer


def test_a_silent_model_is_covered_by_comments(
    alice_key: str, project: Project, provider: Upstream, settings: Settings
) -> None:
    settings.KEEPALIVE = 0.1
    make_external(project, provider)
    provider.answer = slow(*TOLD, pause=0.25)
    answer = ask(alice_key, stream=True)
    before, _, after = answer.text.partition("data: ")
    assert before.count(": the model is silent\n\n") == before.count("\n\n") >= 2
    assert ": the model is silent\n\n" in after
    said = [part for part in answer.text.split("\n\n") if part.startswith("data: {")]
    events = [exact_json.read(part.removeprefix("data: ")) for part in said]
    assert text_of(events) == "A tree."
    assert logged(project).interaction.body.completion == "A tree."
    assert "cut_short" not in notes(project)


def test_an_answer_that_has_ended_is_not_waited_for(
    alice_key: str, project: Project, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEEPALIVE = 0.1
    monkeypatch.setattr("interactions.providers.openai.COUNTS_SECONDS", 0.3)
    ended = [
        b"data: " + exact_json.dumps(one) + b"\n\n"
        for one in (delta(content="Yes."), delta("stop"))
    ]
    with replaying(Reply(ended, hangs=True)) as provider:
        make_external(project, provider)
        answer = ask(alice_key, stream=True)
    assert answer.text.endswith("data: [DONE]\n\n")
    assert logged(project).interaction.body.completion == "Yes."
    assert "cut_short" not in notes(project)


def test_an_error_that_comes_late_is_an_event(
    alice_key: str, project: Project, provider: Upstream, settings: Settings
) -> None:
    settings.KEEPALIVE = 0.1

    async def late(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.25)
        return await says({"error": {"message": "no room"}}, 503)(request)

    make_external(project, provider)
    provider.answer = late
    answer = ask(alice_key, stream=True)
    assert answer.status_code == 200
    last = [part for part in answer.text.split("\n\n") if part][-1]
    assert "no room" in exact_json.read(last.removeprefix("data: "))["error"]
    assert is_empty(project)
    settings.KEEPALIVE = 5
    assert ask(alice_key, stream=True).status_code == 503
