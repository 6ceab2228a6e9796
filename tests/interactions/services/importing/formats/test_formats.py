"""Each format of other programs is recognised, and becomes lines that `ingest` takes."""

from collections import Counter
from typing import Any

import orjson
import pytest

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.services.importing.formats import columns
from interactions.services.importing.formats.passed_over import PassedOver
from interactions.services.importing.formats.recognised import COLUMNS, IMPORT_FORMATS, recognised
from interactions.services.importing.lines import Directory, ImportedPreference, LineReader
from interactions.services.recording.drafts import Draft
from projects.models import Project
from tests.interactions.services.importing.formats.reading import (
    ASK,
    CALL,
    PIXEL,
    draft,
    given,
    row,
    said,
)


def test_our_own_lines_come_as_they_are(project: Project) -> None:
    record = {"messages": ASK, "completion": "A tree.", "model": "m", "external_id": "x", "own": 1}
    made = draft(project, record, key="ours")
    assert (said(made), made.external_id) == ((ASK, "A tree.", "m"), "x")
    assert made.user_metadata == {"own": 1}


def test_lines_for_fine_tuning(project: Project) -> None:
    system = {"role": "system", "content": "Be brief."}
    answer = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    record = {"messages": [system, *ASK, answer], "tools": [{"type": "function"}]}
    made = draft(project, record, key="openai-chat")
    assert said(made) == ([system, *ASK], "", None)
    assert made.completion_parts == {"tool_calls": [CALL]}
    assert made.parameters == {"tools": [{"type": "function"}]}
    with pytest.raises(Invalid, match="last message"):
        IMPORT_FORMATS["openai-chat"].line({"messages": ASK})


RESPONSE = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "gpt-4o-2024",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "A tree."},
         "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
}  # fmt: skip


def test_logs_of_requests(project: Project) -> None:
    request = {"model": "gpt-4o", "messages": ASK, "temperature": 0.5}
    for record in (
        {"request": request, "response": RESPONSE},
        {"custom_id": "r1", "request": {"body": request}, "response": {"body": RESPONSE}},
    ):
        made = draft(project, record, key="openai-log")
        assert said(made) == (ASK, "A tree.", "gpt-4o-2024")
        assert made.created_at.year == 2023 and made.external_id == "openai:chatcmpl-1"
        assert made.usage == RESPONSE["usage"] and made.parameters == {"temperature": 0.5}
        assert made.system == {"finish_reason": "stop"}


def test_a_batchs_output_says_what_it_lacks() -> None:
    record = {"id": "b", "custom_id": "r1", "response": {"status_code": 200, "body": RESPONSE}}
    assert recognised([record]) == "openai-log"
    with pytest.raises(Invalid, match="no prompts"):
        IMPORT_FORMATS["openai-log"].line(record)


def test_stored_completions(project: Project) -> None:
    record = RESPONSE | {"messages": ASK, "metadata": {"env": "prod"}}
    made = draft(project, record, key="openai-stored")
    assert said(made) == (ASK, "A tree.", "gpt-4o-2024") and made.labels == {"env": "prod"}
    with pytest.raises(Invalid, match="messages"):
        IMPORT_FORMATS["openai-stored"].line(RESPONSE)


def test_sharegpt(project: Project) -> None:
    record = {
        "system": "Be brief.",
        "conversations": [
            {"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"},
            {"from": "human", "value": "What is a maple?"}, {"from": "gpt", "value": "A tree."},
        ],
    }  # fmt: skip
    made = draft(project, record, key="sharegpt")
    assert [message["role"] for message in made.messages] == ["system", "user", "assistant", "user"]
    assert made.completion == "A tree."
    pair = {
        "conversations": record["conversations"][:1],
        "chosen": {"from": "gpt", "value": "Hello"},
        "rejected": {"from": "gpt", "value": "What?"},
    }
    found = row(project, pair, key="sharegpt")
    assert isinstance(found, ImportedPreference)
    assert (found.preferred.completion, found.other.completion) == ("Hello", "What?")


def test_alpaca(project: Project) -> None:
    record = {"instruction": "Translate", "input": "Ahorn", "output": "", "history": [["a", "b"]]}
    made = draft(project, record, key="alpaca")
    assert made.messages[-1]["content"] == "Translate\nAhorn"
    assert [message["content"] for message in made.messages[:2]] == ["a", "b"]


def test_trl(project: Project) -> None:
    answer = [{"role": "assistant", "content": "A tree."}]
    judged = {"prompt": ASK, "completion": answer, "label": True}
    made = draft(project, judged, key="trl")
    assert said(made) == (ASK, "A tree.", None) and given(made) == {"preferred": 1}
    other = [{"role": "assistant", "content": "A leaf."}]
    for text in (
        {"prompt": ASK, "completion": answer},
        {"prompt": "What is a maple?", "completion": "A tree."},
    ):
        assert said(draft(project, text, key="trl")) == (ASK, "A tree.", None)
    for record in (
        {"prompt": ASK, "chosen": answer, "rejected": other},
        {"chosen": ASK + answer, "rejected": ASK + other},
        {"prompt": "What is a maple?", "chosen": "A tree.", "rejected": "A leaf."},
    ):
        pair = row(project, record, key="trl")
        assert isinstance(pair, ImportedPreference) and pair.preferred.messages == ASK
        assert (pair.preferred.completion, pair.other.completion) == ("A tree.", "A leaf.")


def test_a_table_with_more_than_a_prompt_and_a_completion_is_told_by_its_columns() -> None:
    assert recognised([{"prompt": "?", "completion": "!", "score": 3}]) == COLUMNS
    assert recognised([{"prompt": "?", "completion": "!", "model": "m"}]) == COLUMNS


def test_openai_preference_lines(project: Project) -> None:
    record = {
        "input": {"messages": ASK},
        "preferred_output": [{"role": "assistant", "content": "A tree."}],
        "non_preferred_output": [{"role": "assistant", "content": "A leaf."}],
    }
    pair = row(project, record, key="openai-preference")
    assert isinstance(pair, ImportedPreference) and pair.other.completion == "A leaf."


def test_adaptives_datasets(project: Project) -> None:
    image = {"type": "image", "url": f"data:image/png;base64,{PIXEL}"}
    record = {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "See"}, image]}],
        "completion": "A tree.", "feedbacks": {"quality": 0.5, "helpful": True},
        "labels": {"env": "prod"}, "metadata": {"order": "A7"},
    }  # fmt: skip
    made = draft(project, record, key="adaptive")
    assert given(made) == {"quality": 0.5, "helpful": 1} and len(made.images) == 1
    assert made.user_metadata == {"metadata": {"order": "A7"}}
    record = {
        "messages": ASK, "preferred_completion": "A tree.", "other_completion": "A leaf.",
        "feedback_key": "better",
    }  # fmt: skip
    pair = row(project, record, key="adaptive")
    assert isinstance(pair, ImportedPreference) and pair.metric.key == "better"


def test_columns_are_guessed_by_name_and_by_what_they_hold() -> None:
    records = [
        {"Prompt": "Hi", "Model Response": "Hello", "asked": "2024-03-01 10:00", "Rating": "4",
         "score": "fine", "lang": "fr", "notes": "x", "ID": "7"},
    ]  # fmt: skip
    assert recognised(records) == COLUMNS
    assert columns.guessed(list(records[0]), records) == {
        "Prompt": "prompt", "Model Response": "completion", "asked": "created_at",
        "Rating": "feedback", "score": "label", "lang": "label", "notes": "metadata",
        "ID": "external_id",
    }  # fmt: skip
    conversation = [{"input": orjson.dumps(ASK).decode(), "output": "x"}]
    assert columns.guessed(["input", "output"], conversation)["input"] == "messages"


def test_columns_make_a_line_and_what_none_names_is_kept(project: Project) -> None:
    mapping = {"q": "prompt", "a": "completion", "s": "system", "t": "created_at", "ok": "feedback",
               "tags": "label", "chat": "session_id", "n": ""}  # fmt: skip
    record = {
        "q": "What is a maple?", "a": "A tree.", "s": "Be brief.", "t": "1700000000", "ok": "👍",
        "tags": '{"env": "prod"}', "chat": "c7", "n": "left", "late": "kept",
    }  # fmt: skip
    line = columns.line(record, mapping)
    made = LineReader(Directory(project), by=None, kept=Counter()).read(orjson.dumps(line))
    assert isinstance(made, Draft)
    assert [message["role"] for message in made.messages] == ["system", "user"]
    assert (made.created_at.year, made.labels, given(made)) == (2023, {"env": "prod"}, {"ok": 1})
    assert made.user_metadata == {"late": "kept"}
    with pytest.raises(Invalid, match="ok: expected a number, yes or no"):
        columns.line(record | {"ok": "perhaps"}, mapping)


@pytest.mark.parametrize("key", IMPORT_FORMATS)
def test_no_shape_breaks_a_format(key: str, project: Project) -> None:
    """Whatever stands in the members that a format is known by, a fault is told, none raised."""
    names = ("messages", "inputs", "outputs", "input", "output", "conversations", "request",
             "response", "choices", "attributes", "chosen", "rejected", "prompt", "completion",
             "preferred_output", "feedbacks", "metadata", "extra", "usage", "scores",
             "usageDetails", "instruction", "history", "created", "start_time", "tags")  # fmt: skip
    odd: list[Any] = [
        None, 0, -1, True, "", "x", "[", [], [[]], {}, {"a": None}, [None], [1], [{}],
        {"messages": 1}, {"choices": [None]}, [{"role": 1}], {"0": 1},
    ]  # fmt: skip
    stumbles = (LookupError, TypeError, AttributeError, ValueError)
    for name in names:
        for value in odd:
            record = {"run_type": "llm", "traceId": "t", "type": "GENERATION", name: value}
            IMPORT_FORMATS[key].recognises(record)
            try:
                IMPORT_FORMATS[key].line(record)
            except (DomainError, PassedOver, *stumbles):  # the plan tells these as faults too
                continue
