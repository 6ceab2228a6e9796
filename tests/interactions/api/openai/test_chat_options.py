"""The options of a request reach the model as they came; what is ours may be null."""

from typing import Any

import pytest

from projects.models import Project
from tests import make
from tests.interactions.asking import QUESTION, events_of, logged, make_external, post
from tests.interactions.odd_messages import IMAGES, MESSAGES, PARTS, of_part
from tests.upstream import TOLD, USAGE, Upstream, completion, says, streams, whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]

OPTIONS: list[dict[str, Any]] = [
    {"stop": None, "temperature": None, "tools": None, "response_format": None, "seed": None},
    {"n": 1},
    {"n": None},
    {"n": 2, "best_of": 3},
    {"max_completion_tokens": 7, "reasoning_effort": "low", "verbosity": "high", "seed": 3},
    {"max_tokens": -1},  # of llama.cpp and LM Studio: no limit
    {"temperature": "0.5", "stop": [1], "top_p": True},  # a matter of the provider's
    {"tools": [], "tool_choice": "none", "parallel_tool_calls": False},
    {"tools": [{"function": {"name": "look"}}], "tool_choice": {"type": "any"}},
    {"tools": [{"type": "web_search"}, {"googleSearch": {}}], "functions": []},
    {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
    {"prediction": {"type": "content", "content": "x"}, "web_search_options": {}},
    {"response_format": "json", "logit_bias": {"7": -100}, "logprobs": True, "top_logprobs": 2},
    {"service_tier": "flex", "safety_identifier": "u1", "prompt_cache_key": "k"},
    {"thinking": {"type": "enabled", "budget_tokens": 9}, "provider": {"order": ["x"]}},
    {"extra_body": {"google": {}}, "chat_template_kwargs": {"enable_thinking": False}, "": 1},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_options_reach_the_model_and_the_log_as_they_came(
    alice_key: str, project: Project, provider: Upstream, options: dict[str, Any]
) -> None:
    make_external(project, provider)
    answer = post(alice_key, **options)
    assert answer.status_code == 200, answer.text
    sent = {"model": "big-1", "messages": [QUESTION], **options}
    assert provider.seen[0].body == sent
    assert logged(project).interaction.body.parameters == options


@pytest.mark.parametrize("options", OPTIONS)
def test_echo_answers_whatever_it_is_asked(
    alice_key: str, project: Project, options: dict[str, Any]
) -> None:
    for number, one in enumerate([*MESSAGES.values(), *map(of_part, PARTS.values())]):
        if number % len(OPTIONS) == OPTIONS.index(options):
            answer = post(alice_key, model="maple/echo", messages=[one], **options)
            assert answer.status_code == 200, (one, answer.text)


def test_echo_says_what_it_was_sent(alice_key: str, project: Project) -> None:
    messages = [of_part(PARTS["input_audio"]), make.image_message(IMAGES["heic"][0], text="And?")]
    said = post(alice_key, model="maple/echo", messages=messages).json()
    content = said["choices"][0]["message"]["content"]
    assert content.startswith("You said: And?")
    assert "1 image: HEIC, 224 bytes" in content
    assert "You sent me, too: input_audio." in content


@pytest.mark.parametrize("options", [{"stream": None}, {"stream_options": None}, {"user": None}])
def test_null_is_as_good_as_absent_for_what_is_ours(
    alice_key: str, project: Project, provider: Upstream, options: dict[str, Any]
) -> None:
    make_external(project, provider)
    more = {"store": None, "labels": None, "metadata": None, "session_id": None}
    assert post(alice_key, **options, **more).status_code == 200
    assert provider.seen[0].body == {"model": "big-1", "messages": [QUESTION]}


def test_options_of_a_stream_reach_the_model_and_tokens_are_counted(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    provider.answer = streams(*TOLD)
    given = {"include_usage": False, "include_obfuscation": False, "continuous_usage_stats": None}
    events = events_of(post(alice_key, stream=True, stream_options=given))
    assert all("usage" not in event for event in events)
    assert provider.seen[0].body == {
        "model": "big-1",
        "messages": [QUESTION],
        "stream": True,
        "stream_options": {**given, "include_usage": True},
    }
    assert logged(project).interaction.body.usage == USAGE
    provider.answer = whole("A tree.")
    assert post(alice_key, stream_options=given).status_code == 200
    assert "stream_options" not in provider.seen[1].body  # not a stream


def test_more_answers_than_one_are_handed_on_and_kept(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    made = completion({"content": "one"})
    second = {
        "index": 1,
        "message": {"role": "assistant", "content": "two"},
        "finish_reason": "stop",
    }
    provider.answer = says({**made, "choices": [*made["choices"], second]})
    choices = post(alice_key, n=2).json()["choices"]
    assert [choice["message"]["content"] for choice in choices] == ["one", "two"]
    one = logged(project).interaction
    assert one.body.completion == "one"
    assert "two" in str(one.body.system)


def test_metadata_of_any_kind_is_kept(alice_key: str, project: Project, provider: Upstream) -> None:
    make_external(project, provider)
    odd = {"long": "x" * 513, "k" * 129: "y", "none": None, "deep": {"a": [1]}, "": "z"}
    plain = {"run": 7, "ok": True, "rate": 0.5, "name": "x", "env": "not this"}
    answer = post(alice_key, metadata={**odd, **plain}, labels={"env": "prod"}, user=42)
    assert answer.status_code == 200
    one = logged(project)
    assert {label.key: label.value for label in one.labels} == {
        "run": "7",
        "ok": "true",
        "rate": "0.5",
        "name": "x",
        "env": "prod",
    }
    assert one.interaction.body.user_metadata == {"user": "42", "metadata": odd}


def test_metadata_are_labels_as_far_as_there_is_room(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    assert post(alice_key, metadata={str(n): "x" for n in range(70)}).status_code == 200
    one = logged(project)
    assert len(one.labels) == 64
    assert len((one.interaction.body.user_metadata or {})["metadata"]) == 6
