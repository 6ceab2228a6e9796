"""Chat files keep the rules that were written down for them, and two libraries agree."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.training.chat_rules import faults_of
from tests.contract.training.conftest import Reader, lines_of
from tests.contract.training.writing import Written

pytestmark = pytest.mark.django_db  # the files are made of interactions
CHAT: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
}
PAIR: dict[str, Any] = {
    "input": {"messages": CHAT["messages"][:1]},
    "preferred_output": [{"role": "assistant", "content": "Hello"}],
    "non_preferred_output": [{"role": "assistant", "content": "What?"}],
}


@pytest.fixture(scope="module")
def checked(files: dict[str, Written], reader: Reader) -> dict[str, Any]:
    """What Together's checks and the types of OpenAI's client say of each chat file."""
    chats = {name: one for name, one in files.items() if "-chat-" in name}
    assert len(chats) > 4
    return reader("checking", {name: {"path": str(one.path)} for name, one in chats.items()})


def test_every_chat_file_keeps_the_written_rules(files: dict[str, Written]) -> None:
    faults = {
        name: found
        for name, one in files.items()
        if "-chat-" in name and (found := faults_of(one.path, fewest=1))
    }
    assert not faults


def test_every_line_is_of_the_types_that_openai_s_client_sends(checked: dict[str, Any]) -> None:
    assert not {name: one["faults"] for name, one in checked.items() if one["faults"]}


@pytest.mark.parametrize(
    "name",
    [
        "plain-prompt_completion-chat-jsonl",
        "seen-prompt_completion-chat-jsonl",
        "plain-preference-chat-dpo-jsonl",
    ],
)
def test_together_takes_what_has_no_tools(checked: dict[str, Any], name: str) -> None:
    """Its checks are older than tools, and want turn after turn."""
    said = checked[name]["together"]
    assert said["is_check_passed"], said
    assert said["num_samples"] > 0


def test_images_are_inside_byte_for_byte(files: dict[str, Written]) -> None:
    text = files["seen-prompt_completion-chat-jsonl"].path.read_text(encoding="utf-8")
    sent = {
        part["image_url"]["url"]
        for one in files["seen-prompt_completion-chat-jsonl"].rows
        for message in one.messages  # type: ignore[union-attr]
        if isinstance(message["content"], list) and one.marks  # type: ignore[union-attr]
        for part in message["content"]
        if part["type"] == "image_url"
    }
    assert len(sent) == 4
    assert all(url in text for url in sent)


def test_answers_and_tools_are_what_was_logged(files: dict[str, Written]) -> None:
    lines = lines_of(files["all-prompt_completion-chat-jsonl"].path)
    (called,) = [line for line in lines if line["messages"][-1].get("tool_calls")]
    assert called["messages"][-1]["content"] is None
    assert called["tools"][0]["function"]["name"] == "get_order"
    assert all("tools" in line for line in lines if "tool_calls" in json.dumps(line))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"messages": CHAT["messages"][:1]}, "the last message is not the assistant's"),
        ({**CHAT, "labels": {}}, "unknown member labels"),
        ({"messages": [{"role": "user", "content": None}, *CHAT["messages"]]}, "no content"),
        (
            {"messages": [{"role": "tool", "tool_call_id": "x", "content": ""}, *CHAT["messages"]]},
            "an answer to no call: x",
        ),
        ({**PAIR, "non_preferred_output": PAIR["preferred_output"]}, "both outputs are the same"),
        (
            {**PAIR, "preferred_output": [{"role": "user", "content": "I"}]},
            "preferred_output: user",
        ),
    ],
)
def test_the_rules_find_what_breaks_them(line: dict[str, Any], fault: str, tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert f"line 1: {fault}" in faults_of(file, fewest=1)
    file.write_text(json.dumps(CHAT if "messages" in line else PAIR) + "\n", encoding="utf-8")
    assert faults_of(file, fewest=1) == []
    assert faults_of(file) == ["1 lines, fewer than 10"]
