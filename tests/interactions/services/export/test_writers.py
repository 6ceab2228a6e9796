"""What each format writes of each kind of record, and what it leaves out, to the letter."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from interactions.models import Dataset, Image
from interactions.services.export.lines import LeftOut, LineOptions
from interactions.services.export.training_formats import FORMATS, of_kind
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project
from tests.interactions.services.export.records import (
    HOSTILE,
    SYSTEM,
    TOOL_RESULT,
    TOOLS,
    USER,
    calling,
    left_out,
    lines_of,
    made,
    said,
)

pytestmark = pytest.mark.django_db
Kind = Dataset.Kind
PAIR = said(other=ModelAnswer("No."), metric="better")


def test_sft_has_prompt_and_completion_and_all_lines_the_same_members(project: Project) -> None:
    plain = said(SYSTEM, USER)
    calls = said(USER, calling(arguments={"x": "1"}), TOOL_RESULT, tools=TOOLS)
    first, second = lines_of(project, Kind.COMPLETION, [plain, calls], format="trl-sft")
    assert first.keys() == second.keys() == {"prompt", "completion", "tools"}
    members = {"role", "content", "tool_calls", "tool_call_id", "name"}
    messages = [m for line in (first, second) for m in (*line["prompt"], *line["completion"])]
    assert all(message.keys() == members for message in messages)
    assert first["completion"][0]["content"] == "Shipped."
    assert (first["tools"], orjson.loads(second["tools"])) == ("[]", TOOLS)
    (call,) = second["prompt"][1]["tool_calls"]
    assert call["function"]["arguments"] == '{"x":"1"}'
    assert second["prompt"][1]["content"] is None
    (alone,) = lines_of(project, Kind.COMPLETION, [plain], format="trl-sft")
    assert alone == {
        "prompt": [SYSTEM, USER],
        "completion": [{"role": "assistant", "content": "Shipped."}],
    }


def test_each_format_of_trl_has_its_columns(project: Project) -> None:
    answer = {"role": "assistant", "content": "Shipped."}
    other = {"role": "assistant", "content": "No."}
    expected: dict[str, tuple[str, TrainingRecord, dict[str, Any]]] = {
        "trl-messages": (Kind.COMPLETION, said(), {"messages": [USER, answer]}),
        "trl-prompts": (Kind.PROMPT, said(answer=None), {"prompt": [USER]}),
        "trl-dpo": (
            Kind.PREFERENCE, PAIR, {"prompt": [USER], "chosen": [answer], "rejected": [other]},
        ),
        "trl-dpo-implicit": (
            Kind.PREFERENCE, PAIR, {"chosen": [USER, answer], "rejected": [USER, other]},
        ),
    }  # fmt: skip
    for format, (kind, record, line) in expected.items():
        assert lines_of(project, kind, [record], format=format) == [line]


def test_kto_makes_a_label_of_one_metric(project: Project) -> None:
    records = [
        said(feedback={"helpful": True, "score": 3.0}),
        said(feedback={"helpful": False, "score": 4.0}),
        said(feedback={}),
    ]
    by_bool = lines_of(project, Kind.FEEDBACK, records, format="trl-kto", metric="helpful")
    assert [line["label"] for line in by_bool] == [True, False]
    chosen = {"format": "trl-kto", "metric": "score", "threshold": "4"}
    assert [line["label"] for line in lines_of(project, Kind.FEEDBACK, records, **chosen)] == [
        False,
        True,
    ]
    file = made(project, Kind.FEEDBACK, [*records, *[records[1]] * 5], **chosen)
    assert (file.tally.good, file.tally.bad, file.tally.weights) == (
        6,
        1,
        "undesirable_weight=6.00",
    )
    assert left_out(project, Kind.FEEDBACK, said(), format="trl-kto", metric="score") == (
        "there is no feedback under score"
    )


def test_chat_has_what_openai_takes_and_nothing_else(project: Project) -> None:
    thinking = {"role": "assistant", "content": "Hm.", "reasoning_content": "…", "refusal": None}
    record = said(
        {"role": "developer", "content": "Be brief."}, USER, thinking, USER, calling(),
        TOOL_RESULT, tools=TOOLS, labels={"a": "b"},
    )  # fmt: skip
    (line,) = lines_of(project, Kind.COMPLETION, [record], format="chat")
    assert line.keys() == {"messages", "tools"}
    assert line["tools"] == TOOLS
    assert line["messages"][0] == SYSTEM
    assert line["messages"][2] == {"role": "assistant", "content": "Hm."}
    assert line["messages"][4].keys() == {"role", "content", "tool_calls"}
    assert line["messages"][-1] == {"role": "assistant", "content": "Shipped."}
    (pair,) = lines_of(project, Kind.PREFERENCE, [PAIR], format="chat-dpo")
    assert pair == {
        "input": {"messages": [USER]},
        "preferred_output": [{"role": "assistant", "content": "Shipped."}],
        "non_preferred_output": [{"role": "assistant", "content": "No."}],
    }


@pytest.mark.parametrize(
    ("format", "kind", "record", "reason"),
    [
        ("trl-sft", Kind.COMPLETION, said(answer=""), "the answer is empty"),
        ("trl-sft", Kind.COMPLETION, said(SYSTEM), "the prompt has no message of a user"),
        ("trl-sft", Kind.COMPLETION, TrainingRecord([], ModelAnswer("x")), "the prompt is empty"),
        (
            "chat", Kind.COMPLETION, said(USER, {"role": "assistant", "content": "x"}),
            "the prompt ends with a message of the assistant",
        ),
        (
            "chat", Kind.COMPLETION, said({"role": "user", "content": None}),
            "a message has no content",
        ),
        (
            "chat", Kind.COMPLETION, said({"role": "function", "content": "x"}),
            "a message has a role that trainers do not know",
        ),
        (
            "chat", Kind.COMPLETION, said({"role": "user", "content": [{"type": "input_audio"}]}),
            "a message holds a part that is neither text nor image",
        ),
        ("trl-dpo", Kind.PREFERENCE, replace(PAIR, tied="good"), "the two answers tie"),
        (
            "trl-dpo", Kind.PREFERENCE, replace(PAIR, other=ModelAnswer("Shipped.", None, "x")),
            "the two answers are the same",
        ),
        (
            "sharegpt", Kind.COMPLETION, said(USER, USER),
            "two turns of one side follow each other",
        ),
        (
            "sharegpt", Kind.COMPLETION, said(USER, {"role": "assistant", "content": "a"}, SYSTEM,
            USER), "a system message is not the first",
        ),
        (
            "alpaca", Kind.COMPLETION, said(USER, calling(), TOOL_RESULT),
            "it has tools, which this format has no place for",
        ),
        (
            "adaptive", Kind.COMPLETION, said(USER, calling(), TOOL_RESULT),
            "it has tool calls, which this format has no place for",
        ),
        ("adaptive", Kind.FEEDBACK, said(), "there is no feedback"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_written_is_left_out_with_its_reason(
    project: Project, format: str, kind: str, record: TrainingRecord, reason: str
) -> None:
    assert left_out(project, kind, record, format=format) == reason


def test_sharegpt_and_alpaca_have_what_llama_factory_reads(project: Project) -> None:
    record = said(SYSTEM, USER, calling(), TOOL_RESULT, tools=TOOLS)
    (line,) = lines_of(project, Kind.COMPLETION, [record], format="sharegpt", container="jsonl")
    assert line["conversations"] == [
        {"from": "human", "value": "Where is A7?"},
        {"from": "function_call", "value": '{"name": "f", "arguments": {"x": "1"}}'},
        {"from": "observation", "value": '{"ok": true}'},
        {"from": "gpt", "value": "Shipped."},
    ]
    assert (line["system"], orjson.loads(line["tools"])) == ("Be brief.", TOOLS)
    (line,) = lines_of(project, Kind.PREFERENCE, [PAIR], format="sharegpt", container="jsonl")
    assert (line["chosen"], line["rejected"]) == (
        {"from": "gpt", "value": "Shipped."},
        {"from": "gpt", "value": "No."},
    )
    turns = [USER, {"role": "assistant", "content": "A."}, {"role": "user", "content": "And?"}]
    (line,) = lines_of(project, Kind.COMPLETION, [said(*turns)], format="alpaca", container="jsonl")
    assert line == {
        "instruction": "And?",
        "input": "",
        "output": "Shipped.",
        "system": "",
        "history": [["Where is A7?", "A."]],
    }


def test_the_sdks_lines_have_the_members_of_their_kind(project: Project) -> None:
    record = said(feedback={"good": True}, labels={"env": "prod"}, metadata={"order": "A7"})
    (line,) = lines_of(project, Kind.FEEDBACK, [record], format="adaptive")
    assert line == {
        "messages": [USER],
        "completion": "Shipped.",
        "feedbacks": {"good": True},
        "labels": {"env": "prod"},
        "metadata": {"order": "A7"},
    }
    (line,) = lines_of(project, Kind.PROMPT, [said(answer=None)], format="adaptive")
    assert line == {"messages": [USER]}
    (line,) = lines_of(project, Kind.PREFERENCE, [PAIR], format="adaptive")
    assert line == {
        "messages": [USER],
        "preferred_completion": "Shipped.",
        "other_completion": "No.",
        "feedback_key": "better",
    }


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_text_is_the_same_on_the_other_side(project: Project, format: str) -> None:
    hostile = {"role": "user", "content": HOSTILE}
    kind = FORMATS[format].kinds[-1]
    record = said(hostile, answer=HOSTILE, other=ModelAnswer("No."), feedback={"good": True})
    if kind != Kind.PREFERENCE:
        record = replace(record, other=None, answer=record.answer if kind != Kind.PROMPT else None)
    file = made(project, kind, [record, record], format=format, metric="good")
    assert (file.tally.lines, file.tally.left_out.total()) == (2, 0)
    if format not in ("csv", "alpaca", "sharegpt"):
        data = file.file.read()
        assert data.count(b"\n") == 2
        texts: list[str] = []
        collect(orjson.loads(data.split(b"\n")[0]), texts)
        assert HOSTILE in texts


def collect(value: Any, texts: list[str]) -> None:
    """All texts in a value."""
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            collect(inner, texts)


def test_every_kind_has_formats_and_every_format_says_what_it_keeps() -> None:
    for kind in Kind:
        assert of_kind(kind)
    for one in FORMATS.values():
        assert one.kept.endswith(".") and one.lost.endswith(".") and one.description.endswith(".")


def test_extras_ride_along_as_texts(project: Project) -> None:
    record = said(labels={"env": "prod"}, metadata={"n": 1})
    (line,) = lines_of(project, Kind.COMPLETION, [record], format="trl-sft", with_extras="1")
    assert line["interaction"] is None
    assert (line["labels"], line["metadata"]) == ('{"env":"prod"}', '{"n":1}')


def test_the_reason_is_an_exception_of_the_writers_alone(project: Project) -> None:
    options = LineOptions(
        kind=Kind.COMPLETION, container=FORMATS["chat"].containers[0], picture=missing,
        image_url=str,
    )  # fmt: skip
    with pytest.raises(LeftOut):
        FORMATS["chat"].line(said(answer=""), options)


def missing(sha256: str) -> Image:
    """There is no image."""
    raise LeftOut("an image is missing")
