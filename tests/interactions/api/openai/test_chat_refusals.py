"""What providers refuse, and what they say in place of an answer or amid one."""

from typing import Any

import pytest
from aiohttp import web

from adaptive_site.lib import exact_json
from interactions.providers.openai import Uncounted
from projects.models import Llm, Project, Registration
from tests.interactions.asking import ask, events_of, make_external, notes, text_of, told
from tests.replay import Reply, replaying
from tests.upstream import KEY, TOLD, USAGE, Upstream, completion, delta, says, streams

pytestmark = pytest.mark.django_db

COUNTING = {"include_usage": True}

REFUSALS = [
    (400, {"error": {"message": "Unrecognized request argument supplied: stream_options"}}),
    (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs not permitted"}]}),
    (422, {"detail": [{"loc": ["body"], "msg": "unknown field `include_usage`"}]}),
    (422, {"detail": "Extra parameters are not allowed"}),
    (400, {"error": {"message": 'unknown field "streamOptions"'}}),
    (400, {}),
]


def strict(status: int, said: Any) -> Any:
    """A server that does not know `stream_options`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        is_known = "stream_options" not in await request.json()
        return await (streams(*TOLD) if is_known else says(said, status))(request)

    return answer


@pytest.mark.parametrize(("status", "said"), REFUSALS)
def test_a_provider_that_does_not_know_stream_options_is_asked_without(
    alice_key: str, project: Project, provider: Upstream, status: int, said: Any
) -> None:
    make_external(project, provider)
    provider.answer = strict(status, said)
    for _ in range(2):
        events = events_of(ask(alice_key, stream=True, stream_options=COUNTING))
        assert text_of(events) == "A tree."
        assert events[-1]["usage"] == USAGE
    sent = ["stream_options" in seen.body for seen in provider.seen]
    assert sent == [True, False, False], "asked twice once, then remembered"


def test_another_refusal_is_handed_on_and_nothing_remembered(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)

    async def refuse(request: web.Request) -> web.StreamResponse:
        which = "first" if "stream_options" in await request.json() else "second"
        return await says({"error": f"the {which} refusal"}, 400)(request)

    provider.answer = refuse
    answer = ask(alice_key, stream=True)
    assert answer.status_code == 400
    assert "the first refusal" in answer.json()["error"]
    assert len(provider.seen) == 2
    provider.answer = streams(*TOLD)
    assert text_of(events_of(ask(alice_key, stream=True))) == "A tree."
    assert "stream_options" in provider.seen[-1].body


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_refusal_of_another_status_is_asked_once(
    alice_key: str, project: Project, provider: Upstream, status: int
) -> None:
    make_external(project, provider)
    provider.answer = says({"error": "stream_options"}, status)
    assert ask(alice_key, stream=True).status_code >= 400
    assert len(provider.seen) == 1


def test_what_a_models_settings_add_is_not_left_out(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider, extra_params={"stream_options": {"include_usage": True}})
    provider.answer = says({"detail": "Extra parameters are not allowed"}, 422)
    assert ask(alice_key, stream=True).status_code == 422
    assert len(provider.seen) == 1


@pytest.mark.parametrize("given", [None, {}, {"include_usage": True, "chunk_size": 5}])
def test_a_models_settings_say_what_is_counted(
    alice_key: str, project: Project, provider: Upstream, given: Any
) -> None:
    make_external(project, provider, extra_params={"stream_options": given})
    provider.answer = streams(*TOLD)
    assert text_of(events_of(ask(alice_key, stream=True))) == "A tree."
    provider.answer = says(completion({"content": "A tree."}))
    assert ask(alice_key).status_code == 200
    streamed, whole = (seen.body for seen in provider.seen)
    assert streamed.get("stream_options") == given
    assert "stream_options" not in whole


def llm_at(id: int, url: str) -> Llm:
    llm = Llm(id=id)
    llm.registration = Registration(base_url=url)
    return llm


def test_the_models_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Uncounted, "MOST", 2)
    models = [llm_at(id, "http://a.example") for id in range(3)]
    known = Uncounted()
    for llm in models:
        known.add(llm)
    assert [llm in known for llm in models] == [False, True, True]
    assert llm_at(1, "http://b.example") not in known
    monkeypatch.setattr(Uncounted, "SECONDS", -1)
    known.add(models[1])
    assert models[1] not in known


@pytest.mark.parametrize(
    "raw",
    [
        b'event: error\ndata: {"message": "busy", "code": 429}\n\n',
        b'data: {"type": "error", "error": {"type": "x", "message": "busy", "code": 429}}\n\n',
        b'data: {"object": "error", "message": "busy", "code": 429}\n\n',
        b'data: {"error": {"message": "busy", "code": "429"}, "choices": []}\n\n',
        b'{"error": {"message": "busy", "code": 429}}',
        b'\n{"error": {"message": "busy", "code": 429}}\n',
    ],
)
@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json", None])
def test_an_error_in_place_of_a_stream_has_its_status(
    alice_key: str, project: Project, raw: bytes, content_type: str | None
) -> None:
    with replaying(Reply([raw], content_type=content_type)) as provider:
        make_external(project, provider)
        answer = ask(alice_key, stream=True)
    assert answer.status_code == 429
    assert "busy" in answer.json()["error"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'event: error\ndata: {"message": "out of memory"}\n\n', "out of memory"),
        (b'{"error": "out of memory"}\n', "out of memory"),
        (b'data: {"detail": "out of memory"}\n\n', "out of memory"),
        (b"data: [[[[\n\n", "not JSON"),
        (b"data: 7\n\n", "chunks"),
    ],
)
def test_an_error_amid_a_stream_ends_it_with_its_reason(
    alice_key: str, project: Project, raw: bytes, reason: str
) -> None:
    begun = exact_json.dumps(delta(content="A "))
    with replaying(Reply([b"data: " + begun + b"\n\n", raw])) as provider:
        make_external(project, provider)
        *chunks, last = told(ask(alice_key, stream=True))
    assert text_of(chunks) == "A "
    assert reason in last["error"]
    assert reason in notes(project)["cut_short"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_key_that_a_provider_repeats_is_told_nobody(
    alice_key: str, project: Project, provider: Upstream, stream: bool
) -> None:
    make_external(project, provider)
    said = completion({"content": "Yes."}, system_fingerprint=KEY, asked_with={"key": KEY})
    chunk = {**delta(content="Yes."), "system_fingerprint": KEY}
    provider.answer = streams(chunk, delta("stop"), "[DONE]") if stream else says(said)
    answer = ask(alice_key, stream=stream)
    assert (KEY in answer.text, "system_fingerprint" in answer.text) == (False, True)
    assert KEY not in str(notes(project))
