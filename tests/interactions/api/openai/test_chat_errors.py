"""Chat that goes wrong: each fault has its status and its reason, and no key is told."""

import socket
from typing import Any

import pytest
from pytest_django import Settings

from interactions.models import Interaction
from projects.models import Project
from tests import make
from tests.interactions.asking import (
    QUESTION,
    ask,
    events_of,
    is_empty,
    logged,
    make_external,
    notes,
    text_of,
    told,
)
from tests.upstream import KEY, TOLD, Upstream, delta, says, silence, streams

pytestmark = pytest.mark.django_db

EVENTS = "text/event-stream"
LEAK = {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("said", "status", "expected", "reason"),
    [
        (LEAK, 401, 401, "Incorrect API key provided"),
        ({"error": {"message": "slow down"}}, 429, 429, "slow down"),
        ({"detail": "no such model"}, 404, 404, "no such model"),
        ({"error": "too long"}, 400, 400, "too long"),
        ([{"error": {"message": "quota", "status": "X"}}], 403, 403, "quota"),
        ({"message": "oops"}, 500, 502, "oops"),
        ("<html>Bad gateway</html>", 502, 502, "502"),
        ({"error": "loading"}, 503, 503, "loading"),
        ("<html>It works!</html>", 200, 502, "big"),
        ({"ok": True}, 200, 502, "chat completion"),
        ({"error": {"message": "sorry", "code": 429}}, 200, 429, "sorry"),
        ({}, 302, 502, "302"),
    ],
)
def test_what_a_provider_refuses_comes_back_with_its_reason(
    alice_key: str,
    project: Project,
    provider: Upstream,
    caplog: pytest.LogCaptureFixture,
    stream: bool,
    said: Any,
    status: int,
    expected: int,
    reason: str,
) -> None:
    make_external(project, provider)
    provider.answer = says(said, status, **{"Retry-After": "7"})
    answer = ask(alice_key, stream=stream)
    assert answer.status_code == expected
    assert reason in answer.json()["error"]
    assert KEY not in answer.text + caplog.text
    if status in (429, 503):
        assert answer.headers["Retry-After"] == "7"
    assert is_empty(project)


def test_a_client_that_reads_only_events_is_told_by_an_event(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    provider.answer = says(LEAK, 401)
    answer = ask(alice_key, stream=True, accept=EVENTS)
    assert answer.status_code == 401
    (event,) = told(answer)
    assert "Incorrect API key provided: …" in event["error"]
    answer = ask(alice_key, stream=True, accept=EVENTS, model="maple/nothing")
    assert answer.status_code == 404
    assert told(answer) == [{"error": "EntityNotFound: model not found or not attached"}]


def test_openais_clients_are_told_in_their_own_shape(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    answer = ask(alice_key, model="maple/nothing", headers={"X-Stainless-Lang": "python"})
    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "message": "EntityNotFound: model not found or not attached",
        "type": "invalid_request_error",
        "param": None,
        "code": "404",
    }
    provider.answer = streams(*TOLD[:2])
    answer = ask(alice_key, stream=True, headers={"X-Stainless-Lang": "python"})
    assert "ended too early" in told(answer)[-1]["error"]["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_that_is_silent_is_not_waited_for(
    alice_key: str, project: Project, provider: Upstream, settings: Settings, stream: bool
) -> None:
    settings.PROVIDER_TIMEOUT = 0.2
    make_external(project, provider)
    provider.answer = silence
    answer = ask(alice_key, stream=stream)
    assert answer.status_code == 504
    assert "0.2 s" in answer.json()["error"]
    assert is_empty(project)


def test_a_provider_that_is_not_there_cannot_be_reached(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    make_external(project, provider, base_url=url)
    answer = ask(alice_key)
    assert answer.status_code == 502
    assert "could not be reached: Connection refused" in answer.json()["error"]
    make_external(project, provider, "Unnamed", base_url="http://nowhere.invalid")
    answer = ask(alice_key, model="maple/unnamed")
    assert answer.status_code == 502
    assert "could not be reached" in answer.json()["error"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (streams(*TOLD[:2], pause=0.05, breaks=True), "broke off"),
        (streams(*TOLD[:2]), "ended too early"),
        (streams(*TOLD[:2], {"error": {"message": f"out of memory {KEY}"}}), "out of memory …"),
        (streams(*TOLD[:2], "<html>"), "not JSON"),
        (streams(*TOLD[:2], {"choices": "none"}), "chunks"),
    ],
)
def test_a_stream_that_breaks_is_told_and_logged_as_cut_short(
    alice_key: str, project: Project, provider: Upstream, answer: Any, reason: str
) -> None:
    make_external(project, provider)
    provider.answer = answer
    response = ask(alice_key, stream=True)
    assert response.status_code == 200
    *chunks, last = told(response)
    assert text_of(chunks) == "A "
    assert reason in last["error"]
    one = logged(project).interaction
    assert str(one.id) == chunks[0]["id"]
    assert one.body.completion == "A "
    assert reason in notes(project)["cut_short"]
    assert KEY not in response.text + str(notes(project))


def test_an_answer_that_was_finished_is_whole_although_the_connection_breaks(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    provider.answer = streams(*TOLD[:-2])  # neither counts nor [DONE]
    assert text_of(events_of(ask(alice_key, stream=True))) == "A tree."
    assert "cut_short" not in notes(project)


def test_a_stream_that_fails_at_once_has_its_status(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    provider.answer = streams({"error": {"message": "busy", "code": "429"}})
    answer = ask(alice_key, stream=True)
    assert (answer.status_code, is_empty(project)) == (429, True)
    assert "busy" in answer.json()["error"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"messages": []}, "messages"),
        ({"messages": None}, "messages"),
        ({"messages": ["Hello"]}, "messages.0"),
        ({"messages": [{"content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": True}]}, "messages.0.content"),
        ({"model": None}, "model"),
        ({"model": 7}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"stream_options": {"include_usage": 1}}, "include_usage"),
        ({"store": "no"}, "store"),
        ({"session_id": "mine"}, "session_id"),
        ({"user": ["me"]}, "user"),
        ({"labels": {"a": ["b"]}}, "labels.a"),
    ],
)
def test_what_cannot_be_right_costs_nothing(
    alice_key: str, project: Project, provider: Upstream, given: dict[str, Any], field: str
) -> None:
    make_external(project, provider)
    answer = ask(alice_key, **given)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert (provider.seen, is_empty(project)) == ([], True)


def test_no_key_a_strangers_and_a_viewers_get_nowhere(
    alice_key: str, charlie_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    assert ask("nonsense").status_code == 401
    assert ask(charlie_key).status_code == 404
    assert ask(charlie_key).json()["error"] == "EntityNotFound: project not found (use_case)"
    assert ask(make.make_key(viewer)).status_code == 403
    assert (provider.seen, is_empty(project)) == ([], True)


def test_when_the_secret_key_has_changed_the_model_says_so(
    alice_key: str, project: Project, provider: Upstream, settings: Settings
) -> None:
    make_external(project, provider)
    settings.SECRET_KEY = "another key than before"
    answer = ask(alice_key)
    assert answer.status_code == 409
    assert "SECRET_KEY has changed" in answer.json()["error"]


def test_a_nul_in_a_question_is_replaced_and_noted(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    assert ask(alice_key, messages=[{**QUESTION, "content": "a\0b"}]).status_code == 200
    body = Interaction.objects.in_project(project).get().body
    assert body.messages[0]["content"] == "a\ufffdb"
    assert body.user_metadata == {"nul_replaced": True}


def test_nothing_said_is_an_answer(alice_key: str, project: Project, provider: Upstream) -> None:
    make_external(project, provider)
    provider.answer = streams(delta("content_filter"), "[DONE]")
    (last,) = [event["choices"][0] for event in events_of(ask(alice_key, stream=True))][-1:]
    assert last["finish_reason"] == "content_filter"
    assert logged(project).interaction.body.completion == ""
