"""Members of an answer that are of another kind than anybody thought."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.error_middleware import failed
from interactions.api.openai import shapes
from interactions.models import Interaction, Source
from interactions.services.browsing import rows
from interactions.services.export.record import line_of
from interactions.services.images import store
from projects.models import Project, User
from tests import make
from tests.interactions.api.openai.test_stored import COMPLETIONS, call
from tests.interactions.ingesting import line
from tests.interactions.serving import imported, served

pytestmark = pytest.mark.django_db
KINDS: list[Any] = [None, 0, 5, 1.5, True, False, "", "text", [], [5], {}, {"a": [1]}, [{"a": 1}]]
PARTS = (
    "content", "role", "refusal", "tool_calls", "function_call", "audio", "reasoning_content",
    "annotations", "name",
)  # fmt: skip
RESPONSE = (
    "id", "object", "created", "model", "choices", "usage", "metadata", "session_id",
    "system_fingerprint", "citations", "logprobs",
)  # fmt: skip
PARAMETERS = ("temperature", "tools", "stop", "response_format", "stream_options", "model")
NOTES = ("provider", "provider_model", "finish_reason", "cut_short", "streamed", "stored")
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens", "cost", "completion_tokens_details")


@pytest.mark.parametrize("value", KINDS, ids=repr)
def test_every_member_may_be_of_any_kind_at_every_door(
    client: Client, alice: User, alice_key: str, project: Project, value: Any
) -> None:
    client.force_login(alice)
    session = uuid4()
    known: dict[str, Any] = {
        "completion_parts": dict.fromkeys(PARTS, value),
        "parameters": dict.fromkeys(PARAMETERS, value),
        "source": Source.LIVE,
        "session_id": session,
    }
    notes = dict.fromkeys(NOTES, value)
    whole = {**notes, "response": dict.fromkeys(RESPONSE, value)}
    one = make.make_interaction(project, system=whole, **known)
    make.make_interaction(project, system={**notes, "response": value}, **known)
    one.body.usage = dict.fromkeys(COUNTS, value)
    one.body.save()
    told = served(client, alice_key, one.id, session)
    assert told["completion_parts"].keys() == set(PARTS)


def test_choices_that_are_none_spoil_no_list(alice_key: str, project: Project) -> None:
    one = make.make_interaction(project, system={"response": {"choices": 5, "x": 1}})
    listed = call(alice_key, COMPLETIONS, limit="100").json()["data"]
    assert listed == [call(alice_key, f"{COMPLETIONS}/{one.id}").json()]
    assert (listed[0]["choices"][0]["message"]["content"], listed[0]["x"]) == ("A tree.", 1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/v1/chat/completions", {"error"}),
        ("/api/graphql", {"data", "errors"}),
    ],
)
def test_a_fault_is_told_to_programs_in_json(path: str, told: set[str]) -> None:
    answer = failed(RequestFactory().get(path))
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
    assert path != "/api/graphql" or b'"errors": [{"message": "something' in answer.content
    assert all(name.encode() in answer.content for name in told)


def test_a_fault_within_a_view_is_told_so_too(
    alice_key: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_interaction(project)
    monkeypatch.delattr(shapes, "completion")
    answer = call(alice_key, COMPLETIONS)
    assert answer.status_code == 500
    assert answer.json() == {"error": "something went wrong on this server; it is in its log"}


@pytest.mark.parametrize(
    ("notes", "reason", "why"),
    [
        ({"finish_reason": "eos", "provider": "OPEN_AI"}, "eos", None),
        ({"finish_reason": None, "cut_short": "the client hung up"}, "length", "hung up"),
        ({"finish_reason": "tool_calls", "cut_short": "ended too early"}, "tool_calls", "early"),
        ({}, "stop", None),
    ],
)
def test_an_answer_that_broke_off_says_so_wherever_it_goes(
    client: Client, alice: User, alice_key: str, project: Project,
    notes: dict[str, Any], reason: str, why: str | None,
) -> None:  # fmt: skip
    one = make.make_interaction(project, system=notes)

    def choice(id: Any) -> Any:
        return call(alice_key, f"{COMPLETIONS}/{id}").json()["choices"][0]

    assert choice(one.id)["finish_reason"] == reason
    assert (why or "") in choice(one.id).get("cut_short", "")
    assert ("cut_short" in choice(one.id)) == (why is not None)
    told = line_of(rows.whole(project, one.id), image_url=store.as_data_uri)
    kept = {name: one for name, one in notes.items() if one and name != "provider"}
    assert {name: told[name] for name in ("finish_reason", "cut_short") if name in told} == kept
    # Another project takes the line and says the same.
    other = make.make_project("birch", owner=alice)
    imported(other, exact_json.dumps(told))
    copy = Interaction.objects.in_project(other).get()
    assert {**choice(copy.id), "completion_id": ""} == {**choice(one.id), "completion_id": ""}
    client.force_login(alice)
    page = client.get(f"/projects/birch/interactions/{copy.id}/").text
    assert ("was cut short" in page) == (why is not None)


@pytest.mark.parametrize("name", ["finish_reason", "cut_short"])
def test_a_line_with_another_kind_of_reason_is_named(project: Project, name: str) -> None:
    with pytest.raises(Invalid, match=f"{name}: expected a string, got a number"):
        imported(project, exact_json.dumps(line(**{name: 5})))
    imported(project, exact_json.dumps(line(**{name: None})))
    assert Interaction.objects.in_project(project).get().body.system is None
