"""Tool calls in files for training come in as tool calls, with the tools they may call."""

from typing import Any

import pytest

from adaptive_site.lib.errors import Invalid
from interactions.services.importing.formats.recognised import IMPORT_FORMATS

ASK = {"role": "user", "content": "Where is A7?"}
TOOLS = [{"type": "function", "function": {"name": "get_order"}}]
CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "get_order", "arguments": '{"id":"A7"}'},
}
CALLED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "shipped"}


def line(key: str, record: dict[str, Any]) -> dict[str, Any]:
    return IMPORT_FORMATS[key].line(record)


def test_an_answer_of_trl_may_be_a_call() -> None:
    tools = '[{"type":"function","function":{"name":"get_order"}}]'
    found = line("trl", {"prompt": [ASK], "completion": [CALLED], "tools": tools})
    assert found["completion_parts"] == {"tool_calls": [CALL]}
    assert (found["completion"], found["parameters"]) == ("", {"tools": TOOLS})
    none = line("trl", {"prompt": [ASK], "completion": [CALLED], "tools": "[]"})
    assert "parameters" not in none


def test_of_several_messages_of_a_completion_the_last_is_the_answer() -> None:
    said = [CALLED, RESULT, {"role": "assistant", "content": "It has shipped."}]
    found = line("trl", {"prompt": [ASK], "completion": said})
    assert found["messages"] == [ASK, CALLED, RESULT]
    assert found["completion"] == "It has shipped."


def test_whole_conversations_of_trl_have_tools_as_json() -> None:
    record = {"messages": [ASK, CALLED], "tools": '[{"type":"function","function":{"name":"f"}}]'}
    found = line("openai-chat", record)
    assert found["parameters"]["tools"][0]["function"]["name"] == "f"
    assert found["completion_parts"] == {"tool_calls": [CALL]}
    assert not line("openai-chat", record | {"tools": "[]"}).get("parameters")


def test_a_turn_of_sharegpt_may_be_a_call_and_the_next_its_result() -> None:
    turns = [
        {"from": "human", "value": "Where is A7?"},
        {"from": "function_call", "value": '{"name": "get_order", "arguments": {"id": "A7"}}'},
        {"from": "observation", "value": "shipped"},
        {"from": "gpt", "value": "It has shipped."},
    ]
    asked, called, result = line("sharegpt", {"conversations": turns})["messages"]
    assert asked == ASK
    assert called["tool_calls"] == [CALL | {"id": "call_1_0"}]
    assert result == RESULT | {"tool_call_id": "call_1_0"}
    only = line("sharegpt", {"conversations": turns[:2]})
    assert only["completion_parts"]["tool_calls"][0]["function"] == CALL["function"]


def test_a_call_that_is_none_stays_a_text() -> None:
    turns = [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": "look()"}]
    assert line("sharegpt", {"conversations": turns})["completion"] == "look()"


@pytest.mark.parametrize(
    ("key", "record", "field"),
    [
        ("trl", {"prompt": [ASK], "chosen": [RESULT], "rejected": [CALLED]}, "rejected"),
        (
            "openai-preference",
            {
                "input": {"messages": [ASK]},
                "preferred_output": [CALLED],
                "non_preferred_output": [RESULT],
            },
            "preferred_output",
        ),
    ],
)
def test_calls_cannot_be_compared(key: str, record: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        line(key, record)
    assert refused.value.field == field
