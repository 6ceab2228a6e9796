"""Odd streams, recorded: whole, cut at every byte, and broken off after every event.

Within this process from aiohttp's client to the bytes that our client gets.
"""

import asyncio
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from adaptive_site.lib import exact_json
from adaptive_site.lib.http.direct import DirectRequest
from interactions.api.openai.chat import as_completion, as_events
from interactions.providers import ModelRequest, UpstreamError, connections
from interactions.providers.chunks import Chunks
from interactions.providers.errors import Secret
from interactions.services.chat.answer import StreamedAnswer
from interactions.services.chat.exchange import ChatExchange
from interactions.services.recording.drafts import Draft
from projects.models import Llm, Project, Registration
from tests import make
from tests.recordings import RECORDINGS, Recording
from tests.recordings_calls import MORE
from tests.recordings_loose import LOOSE
from tests.replay import Replayed, Reply

ALL = [*RECORDINGS, *MORE, *LOOSE]
BIG = Llm(id=7, key="big")
BIG.registration = Registration(
    provider="OPEN_AI", external_id="big-1", base_url="http://big.example"
)


@dataclass
class Told:
    """What a client got, and what would have been logged."""

    answer: StreamedAnswer
    events: list[dict[str, Any]] = field(default_factory=list)
    is_done: bool = False
    error: str = ""

    @property
    def message(self) -> dict[str, Any]:
        """As it would be logged."""
        return {"content": self.answer.text, **(self.answer.parts or {})}

    @property
    def choices(self) -> Iterator[dict[str, Any]]:
        """Of all events."""
        return (choice for event in self.events for choice in event["choices"])


def exchange() -> ChatExchange:
    draft = Draft(
        messages=[], completion="", labels={}, created_at=make.NOON, id=uuid4(), session_id=uuid4()
    )
    return ChatExchange(Project(key="maple"), ModelRequest(BIG, [], {}), draft, is_stored=False)


def request(agent: str = "other/1.0") -> DirectRequest:
    return DirectRequest("POST", "/", "", {"user-agent": agent}, b"")


def tell(reply: Reply, agent: str = "other/1.0") -> Told:
    """What comes of a stream."""
    asked = exchange()
    told = Told(asked.answer)

    async def listen() -> None:
        async with aiohttp.ClientSession(connector=Replayed(reply)) as session:

            async def replayed(**_: Any) -> aiohttp.ClientSession:
                return session

            patched.setattr(connections, "_session", replayed)
            arriving = as_events(asked, request(agent), wants_usage=True)
            raw = b"".join([piece async for piece in arriving])
        for part in raw.split(b"\n\n")[:-1]:
            data = part.removeprefix(b"data: ")
            if data == b"[DONE]":
                told.is_done = True
            elif not data.startswith(b":"):
                read(exact_json.read(data.decode()))

    def read(event: dict[str, Any]) -> None:
        if "error" in event:
            told.error = event["error"]
        else:
            told.events.append(event)

    with pytest.MonkeyPatch.context() as patched:
        try:
            asyncio.run(listen())
        except UpstreamError as error:
            told.error = str(error)
    return told


def hands(told: Told, index: int = 0) -> dict[str, Any]:
    """What a client makes of the deltas that knows texts, calls by their index, and lists."""
    made: dict[str, Any] = {}
    calls: list[dict[str, Any]] = []
    for choice in told.choices:
        for name, value in choice["delta"].items() if choice["index"] == index else ():
            if name == "tool_calls" and isinstance(value, dict):
                made[name] = value
            elif name == "tool_calls":
                for piece in value:
                    assert piece["index"] <= len(calls)
                    calls[piece["index"] :] = calls[piece["index"] :] or [{}]
                    call_on(calls[piece["index"]], piece)
            elif isinstance(value, str) and name not in ("id", "role"):
                made[name] = made.get(name, "") + value
            elif isinstance(value, list) and name in ("images", "annotations", "tags"):
                made[name] = made.get(name, []) + copy.deepcopy(value)
    return made | ({"tool_calls": calls} if calls else {})


def call_on(call: dict[str, Any], piece: dict[str, Any]) -> None:
    for name, value in piece.items():
        if isinstance(value, dict):
            call_on(call.setdefault(name, {}), value)
        elif name in ("arguments", "input"):
            call[name] = call.get(name, "") + value
        elif name != "index" and value and name not in call:
            call[name] = value


def without_a_meaning(message: dict[str, Any]) -> dict[str, Any]:
    """The members that `hands` reads, where they say anything."""
    return {
        name: value
        for name, value in message.items()
        if value and (isinstance(value, str) or name in ("images", "annotations", "tags"))
    } | ({"tool_calls": message["tool_calls"]} if "tool_calls" in message else {})


def check(told: Told, recording: Recording) -> None:
    """It is whole, in the log as in the client's hands."""
    assert (told.error, told.is_done) == ("", True)
    answer = told.answer
    expected = recording.message
    content = expected["content"]
    if isinstance(content, str):
        assert told.message == expected
        assert without_a_meaning(hands(told)) == without_a_meaning(expected)
    else:
        assert answer.parts == expected
        assert answer.text == "".join(part.get("text", "") for part in content)
    assert answer.finish_reason == recording.finish_reason
    assert answer.usage == recording.usage
    others = [
        {**one, "message": {"role": "assistant", **one["message"]}}
        for one in recording.others.values()
    ]
    choices = [{"index": 0, **recording.choice}] if recording.choice else []
    assert answer.response == recording.response | (
        {"choices": choices + others} if choices + others else {}
    )


def check_shape(told: Told, recording: Recording) -> None:
    """What strict clients want of chunks."""
    begun: set[int] = set()
    *chunks, counted = told.events
    assert counted["choices"] == []
    zero = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert counted["usage"] == zero | (recording.usage or {})
    ends: dict[int, Any] = {}
    for event in chunks:
        assert event["usage"] is None
        assert type(event["created"]) is int
        assert event["model"] == "maple/big"
        assert event["choices"]
        for choice in event["choices"]:
            index, delta = choice["index"], choice["delta"]
            assert index not in ends, "nothing comes after the end"
            assert ("role" in delta, "id" in delta) == (index not in begun,) * 2
            begun.add(index)
            assert isinstance(delta.get("content", ""), str | list)
            for name in ("role", "id"):
                assert delta.get(name) != ""
            if choice["finish_reason"] is not None:
                ends[index] = choice["finish_reason"]
    others = {n: one["finish_reason"] for n, one in recording.others.items()}
    assert ends == {0: recording.finish_reason, **others}
    for name, value in recording.response.items():
        assert any(event.get(name) == value for event in chunks), name
    for name in recording.choice.keys() - {"logprobs"}:
        assert any(choice.get(name) == recording.choice[name] for choice in told.choices), name
    if logprobs := recording.choice.get("logprobs"):
        handed = [choice["logprobs"]["content"] for choice in told.choices if "logprobs" in choice]
        assert [token for tokens in handed for token in tokens] == logprobs["content"]


@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
def test_a_stream_is_whole_in_the_log_as_in_the_clients_hands(recording: Recording) -> None:
    told = tell(recording.reply)
    check(told, recording)
    check_shape(told, recording)


@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("size", [1, 7])
def test_it_does_not_matter_where_a_stream_is_cut(recording: Recording, size: int) -> None:
    told = tell(recording.reply.cut(size))
    check(told, recording)
    check_shape(told, recording)


@pytest.mark.parametrize("recording", LOOSE, ids=lambda one: one.name)
def test_a_stream_may_be_cut_in_two_at_any_byte(recording: Recording) -> None:
    raw = b"".join(recording.reply.pieces)
    for place in range(len(raw)):
        answer, reading = StreamedAnswer(), Chunks(BIG, Secret(""))
        for piece in (raw[:place], raw[place:]):
            for chunk in reading.feed(piece):
                answer.take(chunk)
        for chunk in reading.rest():
            answer.take(chunk)
        assert (reading.fault, answer.text) == (None, recording.message["content"]), place
        assert reading.is_finished


@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
def test_what_was_said_before_a_stream_broke_is_kept(recording: Recording) -> None:
    for count in range(len(recording.reply.pieces) + 1):
        told = tell(recording.reply.broken_after(count))
        logged, got = told.message, hands(told)
        if isinstance(recording.message["content"], str):
            assert without_a_meaning(logged) == without_a_meaning(got), count
            assert recording.message["content"].startswith(logged["content"].rstrip("\ufffd"))
        if told.is_done:
            assert told.answer.finish_reason == recording.finish_reason
            assert not told.error
        else:
            assert "broke off" in str(told.error) or "ended too early" in str(told.error)
            assert told.answer.finish_reason is None or recording.others


@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
def test_the_sdk_gets_three_texts_in_every_delta(recording: Recording) -> None:
    told = tell(recording.reply, "adaptive_sdk/0.14.2")
    for choice in told.choices:
        assert {type(choice["delta"][name]) for name in ("id", "role", "content")} == {str}
    text = "".join(choice["delta"]["content"] for choice in told.choices if choice["index"] == 0)
    assert text == told.answer.text


@pytest.mark.parametrize("agent", ["other/1.0", "adaptive_sdk/0.14.2"])
@pytest.mark.parametrize("recording", ALL, ids=lambda one: one.name)
def test_the_same_answer_at_once_is_handed_on_as_it_is(recording: Recording, agent: str) -> None:
    first = {"index": 0, "finish_reason": recording.finish_reason, **recording.choice}
    message = {"role": "assistant", **recording.message}
    choices = [{**first, "message": message}, *recording.others.values()]
    whole = {"choices": choices, "usage": recording.usage, **recording.response}
    asked = exchange()
    asked.answer.take_whole(copy.deepcopy(whole))
    check_whole = as_completion(asked, request(agent))
    answer = asked.answer
    content = message["content"]
    assert {"content": answer.text, **(answer.parts or {})} == {"content": answer.text} | {
        name: value for name, value in recording.message.items() if name != "content" or value
    }
    assert check_whole["choices"][0] == {
        **first,
        "message": message
        | {
            "id": str(asked.id),
            "content": answer.text if "sdk" in agent else content,
        },
        "completion_id": str(asked.id),
        "model": "big",
    }
    assert {name: check_whole[name] for name in recording.response} == recording.response
    assert answer.usage == recording.usage
