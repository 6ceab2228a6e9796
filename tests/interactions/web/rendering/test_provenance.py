"""How an interaction came in, as its page tells it."""

import json
from typing import Any

import pytest
from django.test import Client

from interactions.models import Source
from projects.models import Project, User
from tests import make

LIVE = {
    "provider": "OPEN_AI",
    "provider_model": "gpt-4o-2024-08-06",
    "finish_reason": "length",
    "streamed": True,
}


def page(client: Client, user: User, project: Project, **known: Any) -> str:
    """The text of the page of an interaction made so."""
    one = make.make_interaction(project, created_by=user, **known)
    client.force_login(user)
    return client.get(f"/projects/maple/interactions/{one.id}/").text


def test_a_live_one_says_who_answered_and_how_it_ended(
    client: Client, bob: User, project: Project
) -> None:
    llm = make.make_llm(project)
    text = page(client, bob, project, source=Source.LIVE, llm=llm, system=LIVE)
    assert "live by Bob, streamed" in text
    assert "an OpenAI-compatible server, as gpt-4o-2024-08-06" in text
    assert "<dt>Finish</dt><dd>length</dd>" in text
    assert "cut short" not in text


def test_one_that_was_cut_short_says_why(client: Client, bob: User, project: Project) -> None:
    system = LIVE | {"finish_reason": None, "cut_short": "the client <hung> up"}
    text = page(client, bob, project, source=Source.LIVE, system=system)
    assert "The answer was cut short: the client &lt;hung&gt; up" in text
    assert "<dt>Finish</dt>" not in text


def test_one_logged_by_hand_says_no_more(client: Client, bob: User, project: Project) -> None:
    text = page(client, bob, project, system={"nul_replaced": True})
    assert "<dd>logged by Bob</dd>" in text
    assert "Answered by" not in text


@pytest.mark.parametrize("completion", ["", "Let me look."])
def test_tool_calls_and_refusals_of_an_answer_are_shown(
    client: Client, bob: User, project: Project, completion: str
) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    parts = {"tool_calls": [call], "refusal": "I would rather not."}
    text = page(client, bob, project, completion=completion, completion_parts=parts)
    assert "weather" in text
    assert "tool call call_1" in text
    assert "I would rather not." in text
    assert '<p class="muted">empty</p>' not in text
    assert completion in text


def test_what_came_beside_the_text_is_in_the_raw_record(
    client: Client, bob: User, project: Project
) -> None:
    parts = {"refusal": "No."}
    one = make.make_interaction(project, completion_parts=parts)
    client.force_login(bob)
    raw = json.loads(client.get(f"/projects/maple/interactions/{one.id}/raw/").content)
    assert raw["completion_parts"] == parts


def test_feedback_under_a_metric_that_was_unlinked_is_still_shown(
    client: Client, bob: User, project: Project
) -> None:
    metric = make.make_metric(project)
    one = make.make_interaction(project, feedback={metric: True}, created_by=bob)
    metric.is_linked = False
    metric.save(update_fields=["is_linked"])
    client.force_login(bob)
    text = client.get(f"/projects/maple/interactions/{one.id}/").text
    assert "▲ yes" in text
    assert 'class="give"' not in text
