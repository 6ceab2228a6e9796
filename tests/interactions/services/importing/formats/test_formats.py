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

ASK = [{"role": "user", "content": "What is a maple?"}]
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"q": 1}'}}


def draft(project: Project, record: dict[str, Any], *, key: str) -> Draft:
    """What comes in of a record that is recognised as this format."""
    made = row(project, record, key=key)
    assert isinstance(made, Draft)
    return made


def row(project: Project, record: dict[str, Any], *, key: str) -> Draft | ImportedPreference:
    assert recognised([record]) == key
    line = IMPORT_FORMATS[key].line(record)
    return LineReader(Directory(project), by=None, kept=Counter()).read(orjson.dumps(line))


def said(made: Draft) -> tuple[Any, str, str | None]:
    """Messages, completion and model."""
    return made.messages, made.completion, made.llm.key if made.llm else None


def given(made: Draft) -> dict[str, float]:
    """The feedback by key."""
    return {one.metric.key: one.value for one in made.feedback}


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
    with pytest.raises(Invalid, match="last turn"):
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
    for record in (
        {"prompt": ASK, "chosen": answer, "rejected": other},
        {"chosen": ASK + answer, "rejected": ASK + other},
        {"prompt": "What is a maple?", "chosen": "A tree.", "rejected": "A leaf."},
    ):
        pair = row(project, record, key="trl")
        assert isinstance(pair, ImportedPreference) and pair.preferred.messages == ASK
        assert (pair.preferred.completion, pair.other.completion) == ("A tree.", "A leaf.")


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


OBSERVATION: dict[str, Any] = {
    "id": "o1", "traceId": "t1", "type": "GENERATION", "startTime": "2024-05-29T13:46:19.963Z",
    "endTime": "2024-05-29T13:46:20.963Z", "completionStartTime": "2024-05-29T13:46:20.063Z",
    "name": "answer", "environment": "prod", "level": "DEFAULT", "model": "gpt-4o",
    "modelParameters": {"temperature": 1}, "metadata": {"k": "v"}, "input": ASK,
    "output": {"role": "assistant", "content": "A tree."}, "sessionId": "chat-7",
    "usageDetails": {"input": 5, "output": 3, "total": 8}, "traceTags": ["eu", "plan:pro"],
    "traceName": "support", "userId": "u-1", "helpfulness": [0.5], "correct": None,
}  # fmt: skip


def test_langfuse_observations(project: Project) -> None:
    made = draft(project, OBSERVATION, key="langfuse")
    assert said(made) == (ASK, "A tree.", "gpt-4o")
    assert (made.latency_ms, made.ttft_ms, made.said_by) == (1000, 100, "u-1")
    assert made.labels == {"name": "support", "environment": "prod", "eu": "yes", "plan": "pro"}
    assert made.usage == {"prompt_tokens": 5, "completion_tokens": 3}
    assert given(made) == {"helpfulness": 0.5} and made.external_id == "langfuse:o1"
    assert made.session_id is not None and made.user_metadata == {"k": "v"}
    with pytest.raises(PassedOver, match="span"):
        IMPORT_FORMATS["langfuse"].line(OBSERVATION | {"type": "SPAN"})


def test_langfuse_as_csv_and_from_blob_storage(project: Project) -> None:
    cells = {
        key: "" if one is None else one if isinstance(one, str) else orjson.dumps(one).decode()
        for key, one in OBSERVATION.items()
    }
    assert said(draft(project, cells, key="langfuse")) == (ASK, "A tree.", "gpt-4o")
    assert given(draft(project, cells, key="langfuse")) == {"helpfulness": 0.5}
    blob = {
        "id": "o1", "trace_id": "t1", "type": "GENERATION", "input": orjson.dumps(ASK).decode(),
        "output": "A tree.", "start_time": "2024-05-29 13:46:19.963000",
        "provided_model_name": "gpt-4o", "usage_details": {"input": 5, "output": 3},
    }  # fmt: skip
    made = draft(project, blob, key="langfuse")
    assert said(made) == (ASK, "A tree.", "gpt-4o") and made.created_at.minute == 46


def test_langfuse_traces(project: Project) -> None:
    trace = {
        "id": "t1", "timestamp": "2024-05-29T13:46:19Z", "name": "support", "userId": None,
        "sessionId": "s", "release": None, "tags": [], "input": {"messages": ASK},
        "output": "A tree.", "metadata": {}, "latency": 1.5, "level": "DEFAULT",
    }  # fmt: skip
    assert said(draft(project, trace, key="langfuse")) == (ASK, "A tree.", None)


def phoenix_row(**more: Any) -> dict[str, Any]:
    """A row of `get_spans_dataframe`, as its JSON or Parquet has it."""
    return {
        "name": "ChatCompletion", "span_kind": "LLM", "parent_id": None,
        "start_time": "2024-05-29T13:46:19.000000+00:00", "context.span_id": "5b8e",
        "end_time": "2024-05-29T13:46:21.000000+00:00", "context.trace_id": "77aa",
        "attributes.llm.model_name": "gpt-4o",
        "attributes.llm.input_messages": [
            {"message.role": "user", "message.content": "What is a maple?"}
        ],
        "attributes.llm.output_messages": [
            {"message.role": "assistant", "message.content": "A tree.",
             "message.tool_calls": [
                 {"tool_call.id": "c1", "tool_call.function.name": "look",
                  "tool_call.function.arguments": '{"q": 1}'}
             ]}
        ],
        "attributes.llm.token_count.prompt": 5.0, "attributes.llm.token_count.completion": 3.0,
        "attributes.llm.invocation_parameters": '{"temperature": 1}',
        "attributes.session.id": "chat-7", "attributes.metadata": {"k": "v"},
        **more,
    }  # fmt: skip


def test_phoenix_rows(project: Project) -> None:
    made = draft(project, phoenix_row(), key="phoenix")
    assert said(made) == (ASK, "A tree.", "gpt-4o")
    assert made.completion_parts == {"tool_calls": [CALL]}
    assert made.usage == {"prompt_tokens": 5, "completion_tokens": 3}
    assert (made.latency_ms, made.external_id) == (2000, "phoenix:5b8e")
    assert made.parameters == {"temperature": 1} and made.user_metadata == {"k": "v"}
    with pytest.raises(PassedOver, match="chain"):
        IMPORT_FORMATS["phoenix"].line(phoenix_row(span_kind="CHAIN"))


def test_phoenix_spans_of_its_api(project: Project) -> None:
    flat = {
        "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.type": "text",
        "llm.input_messages.0.message.contents.0.message_content.text": "See",
        "llm.input_messages.0.message.contents.1.message_content.type": "image",
        "llm.input_messages.0.message.contents.1.message_content.image.image.url":
            f"data:image/png;base64,{PIXEL}",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "A tree.",
    }  # fmt: skip
    span = {
        "name": "x", "span_kind": "LLM", "context": {"span_id": "1", "trace_id": "2"},
        "start_time": "2024-05-29T13:46:19Z", "attributes": flat,
    }  # fmt: skip
    made = draft(project, span, key="phoenix")
    assert made.completion == "A tree." and len(made.images) == 1
    plain = {"llm": {"model_name": "m"}, "input": {"value": "Hi"}, "output": {"value": "Hello"}}
    assert said(draft(project, span | {"attributes": plain}, key="phoenix")) == (
        [{"role": "user", "content": "Hi"}], "Hello", "m",
    )  # fmt: skip


RUN: dict[str, Any] = {
    "id": "497f6eca-6276-4993-bfeb-53cbbbba6f08", "name": "ChatOpenAI", "run_type": "llm",
    "start_time": "2024-04-29T00:49:12.090000", "end_time": "2024-04-29T00:49:12.459000",
    "first_token_time": "2024-04-29T00:49:12.190000", "tags": ["prod"],
    "extra": {
        "invocation_params": {"model": "gpt-4o", "temperature": 0},
        "metadata": {"ls_model_name": "gpt-4o", "thread_id": "chat-7"},
    },
    "inputs": {"messages": [[
        {"lc": 1, "type": "constructor",
         "id": ["langchain", "schema", "messages", "HumanMessage"],
         "kwargs": {"content": "What is a maple?", "type": "human"}}
    ]]},
    "outputs": {"generations": [[
        {"text": "A tree.", "message": {
            "lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"],
            "kwargs": {"content": "A tree.", "type": "ai",
                       "tool_calls": [{"name": "look", "args": {"q": 1}, "id": "c1"}]}}}
    ]]},
    "prompt_tokens": 5, "completion_tokens": 3,
    "feedback_stats": {"correctness": {"n": 2, "avg": 0.5}},
}  # fmt: skip


def test_langsmith_runs(project: Project) -> None:
    made = draft(project, RUN, key="langsmith")
    assert said(made) == (ASK, "A tree.", "gpt-4o")
    assert made.completion_parts is not None
    assert made.completion_parts["tool_calls"][0]["function"] == {
        "name": "look", "arguments": '{"q":1}',
    }  # fmt: skip
    assert (made.latency_ms, made.ttft_ms, made.labels) == (369, 100, {"prod": "yes"})
    assert given(made) == {"correctness": 0.5}
    assert made.feedback[0].details == "average of 2"
    with pytest.raises(PassedOver, match="chain"):
        IMPORT_FORMATS["langsmith"].line(RUN | {"run_type": "chain"})


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ({"messages": ASK, "model": "gpt-4o"}, {"choices": [{"message": {"content": "A tree."}}]}),
        ({"prompts": ["What is a maple?"]}, {"generations": [{"text": "A tree."}]}),
        ({"input": "What is a maple?"}, {"output": "A tree."}),
        ({"messages": ASK}, {"messages": [*ASK, {"role": "assistant", "content": "A tree."}]}),
        ({"messages": ASK}, {"role": "assistant", "content": "A tree."}),
        (orjson.dumps({"messages": ASK}).decode(), '{"output": "A tree."}'),
    ],
)
def test_langsmith_inputs_and_outputs_of_other_shapes(
    project: Project, inputs: Any, outputs: Any
) -> None:
    made = draft(project, RUN | {"inputs": inputs, "outputs": outputs}, key="langsmith")
    assert said(made) == (ASK, "A tree.", "gpt-4o")


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
