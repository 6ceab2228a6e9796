"""The documented rules of chat files for fine-tuning, which OpenAI wrote and others keep.

No library checks them all: OpenAI's client has none of it, Together's checks are older than tools.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

ROLES = ("system", "developer", "user", "assistant", "tool")
FEWEST_LINES = 10
MOST_IMAGES = 10
MOST_BYTES = 10 * 1024 * 1024
_URI = re.compile(r"data:image/(png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_BEGINNINGS = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}
Found = list[str]


def faults_of(path: Path, *, fewest: int = FEWEST_LINES) -> Found:
    """What is wrong with a file, each fault with its line."""
    raw = path.read_bytes()
    found = ["it begins with a byte order mark"] if raw.startswith(b"\xef\xbb\xbf") else []
    lines = raw.decode().split("\n")
    if lines.pop():
        found.append("the last line does not end")
    if len(lines) < fewest:
        found.append(f"{len(lines)} lines, fewer than {fewest}")
    parsed = [json.loads(line) for line in lines]
    if len({"input" in line for line in parsed}) > 1:
        found.append("lines of two kinds")
    for number, line in enumerate(parsed, 1):
        check = _preference if "input" in line else _chat
        found += [f"line {number}: {fault}" for fault in check(line)]
    return found


def _chat(line: dict[str, Any]) -> Found:
    found = _extra(line, ("messages", "tools", "parallel_tool_calls"))
    messages = line["messages"]
    if not messages or messages[-1]["role"] != "assistant":
        found.append("the last message is not the assistant's")
    return found + _messages(messages) + _tools(line)


def _preference(line: dict[str, Any]) -> Found:
    found = _extra(line, ("input", "preferred_output", "non_preferred_output"))
    asked = line["input"]
    found += _extra(asked, ("messages", "tools", "parallel_tool_calls")) + _tools(asked)
    if not asked["messages"] or asked["messages"][-1]["role"] == "assistant":
        found.append("the input does not end with something to be answered")
    found += _messages(asked["messages"])
    if "image_url" in json.dumps(line):
        found.append("a preference with images")
    for name in ("preferred_output", "non_preferred_output"):
        output = line[name]
        if not any(one["role"] == "assistant" for one in output):
            found.append(f"{name} has no message of the assistant")
        found += [f"{name}: {one['role']}" for one in output if one["role"] not in ROLES[3:]]
        found += _messages(output)
    if line["preferred_output"] == line["non_preferred_output"]:
        found.append("both outputs are the same")
    return found


def _extra(line: dict[str, Any], known: tuple[str, ...]) -> Found:
    return [f"unknown member {name}" for name in line if name not in known]


def _tools(line: dict[str, Any]) -> Found:
    tools = line.get("tools", [])
    if not isinstance(tools, list):
        return ["tools are not a list"]
    return [
        f"not a tool: {one}"
        for one in tools
        if one.get("type") != "function" or not _NAME.fullmatch(one["function"]["name"])
    ]


def _messages(messages: list[dict[str, Any]]) -> Found:
    found: Found = []
    asked: set[str] = set()
    images = 0
    for message in messages:
        role = message["role"]
        known = ["role", "content", "name"]
        if role == "assistant":
            known += ["tool_calls", "weight", "refusal"]
        elif role == "tool":
            known += ["tool_call_id"]
        found += _extra(message, tuple(known))
        if role not in ROLES:
            found.append(f"unknown role {role}")
        if message.get("weight", 0) not in (0, 1):
            found.append("a weight that is neither 0 nor 1")
        for call in message.get("tool_calls") or []:
            asked.add(call["id"])
            found += _call(call)
        if role == "tool" and message.get("tool_call_id") not in asked:
            found.append(f"an answer to no call: {message.get('tool_call_id')}")
        n, faults = _content(message)
        images += n
        found += faults
    if images > MOST_IMAGES:
        found.append(f"{images} images")
    return found


def _call(call: dict[str, Any]) -> Found:
    function = call["function"]
    if call["type"] != "function" or set(function) != {"name", "arguments"}:
        return [f"not a call: {call}"]
    if not isinstance(function["arguments"], str):
        return ["arguments that are not a string"]
    json.loads(function["arguments"])
    return []


def _content(message: dict[str, Any]) -> tuple[int, Found]:
    """How many images a message has, and what is wrong with its content."""
    content = message.get("content")
    if content is None:
        is_call = message["role"] == "assistant" and message.get("tool_calls")
        return 0, [] if is_call else ["no content"]
    if isinstance(content, str):
        return 0, []
    images, found = 0, [] if content else ["no parts"]
    for part in content:
        if part["type"] == "text":
            found += [] if isinstance(part["text"], str) else ["a part without text"]
        elif part["type"] != "image_url" or message["role"] != "user":
            found.append(f"{part['type']} of {message['role']}")
        else:
            images += 1
            found += _image(part["image_url"]["url"])
    return images, found


def _image(url: str) -> Found:
    said = _URI.fullmatch(url)
    if said is None:
        return [f"not an image inside: {url[:40]}"]
    data = base64.b64decode(said[2], validate=True)
    if len(data) > MOST_BYTES:
        return ["an image of more than 10 MB"]
    return [] if data.startswith(_BEGINNINGS[said[1]]) else [f"not {said[1]}"]
