"""What clients log that a training file could stumble over, and what files should say of it.

Nothing here knows how a file is made: the tests compare files with these rows.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.contract.training.pictures import uri
from tests.make import image_message

Message = dict[str, Any]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_order",
        "description": "Where an order is",
        "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
    },
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Rain or sun",
        "parameters": {"type": "object", "properties": {}},
    },
}


@dataclass(frozen=True)
class Told:
    """An interaction as it is logged; `marks` are its labels, by which selections are made."""

    messages: list[Message]
    completion: str = "Fine."
    parts: dict[str, Any] | None = None
    tools: list[Any] | None = None
    feedback: dict[str, bool | float] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    marks: tuple[str, ...] = ()

    @property
    def answer(self) -> Message:
        """The answer as a message."""
        calls = (self.parts or {}).get("tool_calls")
        content = self.completion if self.completion or not calls else None
        return {"role": "assistant", "content": content, **(self.parts or {})}


def user(text: str) -> Message:
    """What a user says."""
    return {"role": "user", "content": text}


def system(text: str) -> Message:
    """A system prompt."""
    return {"role": "system", "content": text}


def assistant(text: str | None, **beside: Any) -> Message:
    """What a model said before."""
    return {"role": "assistant", "content": text, **beside}


def call(id: str, name: str = "get_order", /, **arguments: Any) -> dict[str, Any]:
    """A call of a tool, its arguments a string as OpenAI has it."""
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    return {"id": id, "type": "function", "function": function}


def result(id: str, content: str) -> Message:
    """What a tool gave back."""
    return {"role": "tool", "tool_call_id": id, "content": content}


ODD = (
    "line\u2028separator, next\u0085line, \ufeffmark, é combined e\u0301, 👩\u200d👩\u200d👧,"
    ' مرحبا, \t\r\n"\\ 中文 </s>'
)

# Chats that even the strictest reader takes: texts alone, turns in turn, no tools.
PLAIN = [
    Told([user("What is a maple?")], "A tree.", feedback={"helpful": True, "stars": 5}),
    Told([system("Be brief."), user("And a bush?")], "Small.", feedback={"helpful": False}),
    Told([user("One"), assistant("Uno"), user("Two"), assistant("Dos"), user("Three")], "Tres"),
    Told([user(ODD)], ODD[::-1].replace("\r\n", ""), metadata={"x": "1"}),
    Told([user("Numbers")], "1", metadata={"x": 2, "deep": {"a": [1, None, "b"]}}),
    Told([user("Long " + "word " * 2000)], "short", feedback={"stars": 2.5}),
    Told([user("Think")], "<think>\nHm.\n</think>\n\nYes.", feedback={"helpful": True}),
]
TOOLS = [
    Told([user("Where is A7?")], "", {"tool_calls": [call("c1", id="A7")]}, [TOOL]),
    Told(
        [
            system("You have tools."),
            user("Where is A7, and is it wet there?"),
            assistant(None, tool_calls=[call("c1", id="A7"), call("c2", "weather", x=2)]),
            result("c1", '{"status": "shipped"}'),
            result("c2", "rain"),
        ],
        "It has shipped, and it rains.",
        tools=[TOOL, WEATHER],
        feedback={"helpful": True},
    ),
    Told(
        [
            user("Again"),
            assistant("Let me look.", tool_calls=[call("c3", "weather", x="1")]),
            {**result("c3", ""), "name": "weather"},
        ],
        "Nothing came back.",
        tools=[WEATHER],
        feedback={"helpful": False},
    ),
]
UNEVEN = [
    Told([user("Hello?"), user("Are you there?")], "Yes."),
    Told([{"role": "developer", "content": "Be kind."}, user("Hi")], "Hi!"),
    Told(
        [{"role": "user", "name": "Ann", "content": [{"type": "text", "text": "In parts"}]}], "So"
    ),
]
PICTURED = [
    Told([image_message(uri("png"))], "Noise.", marks=("chat",), feedback={"helpful": True}),
    Told(
        [
            system("You see."),
            image_message(uri("jpeg"), uri("webp"), text="These two?"),
            assistant("Two."),
            image_message(uri("turned"), uri("png"), text="And these?"),
        ],
        "Two more.",
        marks=("chat",),
        feedback={"helpful": False},
    ),
    Told([image_message(uri("gif"), text="Moving?")], "Yes."),
    Told([image_message(uri("avif"), uri("palette"), uri("grey"), text="All?")], "All."),
]
# What no trainer can be asked: each is left out of its file, and counted.
BROKEN = [
    Told([user("Silence")], ""),
    Told([user("Go on"), assistant("I was saying")], " that."),
    Told([system("Alone.")], "Hm."),
]
GROUPS = {
    "plain": PLAIN, "tools": TOOLS, "uneven": UNEVEN, "pictured": PICTURED, "broken": BROKEN,
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two answers to the same prompt, the preferred one first."""

    prompt: list[Message]
    preferred: str
    other: str
    tied: str | None = None
    group: str = "plain"


PAIRS = [
    Pair([user("Which tree?")], "A maple.", "A bush."),
    Pair([system("Be brief."), user("One"), assistant("Uno"), user("Two")], "Dos", "Deux"),
    Pair([user(ODD)], ODD, "No."),
    Pair([user("Same")], "alike", "alike"),
    Pair([user("Equal")], "good", "well", tied="good"),
    Pair([user("Both wrong")], "no", "nope", tied="bad"),
    Pair(
        [image_message(uri("png"), uri("gif"), text="Which?")],
        "The left.",
        "None.",
        group="pictured",
    ),
]
