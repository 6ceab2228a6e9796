"""Exports of Langfuse, Phoenix and LangSmith."""

from typing import Any

import orjson
import pytest

from interactions.services.importing.formats.passed_over import PassedOver
from interactions.services.importing.formats.recognised import IMPORT_FORMATS
from projects.models import Project
from tests.interactions.services.importing.formats.reading import (
    ASK,
    CALL,
    PIXEL,
    draft,
    given,
    said,
)

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
    trace: dict[str, Any] = {
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
