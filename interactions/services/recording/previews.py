"""The one line of a prompt and of an answer that lists show, as text: without Markdown and JSON.

It is made when an interaction is logged; `renewed_previews.py` makes it anew where it was made
by an earlier version.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

from adaptive_site.lib.database.nul import without_nul
from interactions.models.content_parts import texts_of
from interactions.models.thoughts import split_thoughts
from interactions.services.recording.plain_text import without_markup

PREVIEW_LENGTH = 200
THOUGHT_ONLY = "Thought only"
# How some log calls, for want of a place: as the answer's text.
_CALLS_AS_TEXT = re.compile(r'\s*(?:\{\s*"tool_calls"\s*:|<tool_call>)')
_TAGGED_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)


def last_user_text(messages: Sequence[dict[str, Any]]) -> str:
    """The text of the last user turn, or of the last message when no user speaks."""
    users = [message for message in messages if message["role"] == "user"]
    return " ".join(texts_of((users or messages)[-1]))


def of_answer(completion: str, parts: Mapping[str, Any] | None) -> str:
    """The line of an answer's reply; of an answer without a reply, what came instead.

    `Calls lookup(order: 12)`, `Refused: …`, `Spoken: …`, or `Thought only: …`.
    """
    thoughts, reply = split_thoughts(completion)
    if _CALLS_AS_TEXT.match(reply):
        return preview(_called(_logged_as_text(reply))) or preview(reply)
    return preview(reply) or preview(_instead(parts or {}, thoughts))


def _instead(parts: Mapping[str, Any], thoughts: str) -> str:
    """What an answer without a reply was."""
    legacy = parts.get("function_call")
    calls = [*_list(parts.get("tool_calls")), *([{"function": legacy}] if legacy else [])]
    if calls:
        return _called(calls)
    audio = parts.get("audio")
    for name, said in (
        ("Refused", _text(parts.get("refusal"))),
        ("Spoken", _text(audio.get("transcript")) if isinstance(audio, dict) else ""),
        (THOUGHT_ONLY, thoughts or " ".join(_reasoning(parts))),
    ):
        if said.strip():
            return f"{name}: {said}"
    return ""


def _reasoning(parts: Mapping[str, Any]) -> Iterator[str]:
    for name in ("reasoning_content", "reasoning"):
        if said := _text(parts.get(name)):
            yield said
            return
    for part in (*_list(parts.get("reasoning_details")), *_list(parts.get("thinking_blocks"))):
        if isinstance(part, dict):
            yield from filter(None, (_text(part.get(n)) for n in ("text", "summary", "thinking")))


def _called(calls: Sequence[Any]) -> str:
    """`Calls a(), b(city: Rome)`; "" of none."""
    return f"Calls {', '.join(_calls(calls))}" if calls else ""


def _calls(calls: Sequence[Any]) -> Iterator[str]:
    for call in calls:
        named = next(
            (one for name in ("function", "custom") if isinstance(one := _of(call, name), dict)),
            call,
        )
        given = _of(named, "arguments")
        given = _of(named, "input") if given is None else given
        yield f"{_text(_of(named, 'name')) or 'unnamed'}({_arguments(given)})"


def _arguments(given: Any) -> str:
    """`order: 12, city: Rome` of an object, whether it is one or spelt as JSON; else as it is."""
    read = given
    try:
        if isinstance(given, str) and given.lstrip()[:1] == "{":
            read = orjson.loads(given)
        if isinstance(read, dict):
            return ", ".join(f"{name}: {_spelt(value)}" for name, value in read.items())
        return "" if read is None else _spelt(read)
    except (orjson.JSONDecodeError, RecursionError):
        # orjson reads what is nested 1,024 deep; `json.dumps` writes what the stack has room for.
        return given if isinstance(given, str) else "…"


def _spelt(value: Any) -> str:
    if isinstance(value, str | Decimal):  # which a number is that no float holds
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _logged_as_text(completion: str) -> list[Any]:
    try:
        if tagged := _TAGGED_CALL.findall(completion):
            return [orjson.loads(call) for call in tagged]
        return _list(orjson.loads(completion)["tool_calls"])
    except orjson.JSONDecodeError:
        return []


def _of(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def preview(text: str) -> str:
    """The beginning of `text` on one line, at most 200 characters.

    Every stored line is made here, so NULs are replaced here: arguments of a call may spell one as
    `\\u0000`, and PostgreSQL refuses the row.
    """
    text = text.lstrip()
    # Half as much again nearly always fills the line; four times the length leaves room for runs
    # of spaces and signs of Markdown without reading a megabyte.
    for read in (PREVIEW_LENGTH * 3 // 2, PREVIEW_LENGTH * 4):
        line = " ".join(without_nul(without_markup(text[:read])).split())
        if len(line) > PREVIEW_LENGTH:
            return line[: PREVIEW_LENGTH - 1].rstrip() + "…"
        if len(text) <= read:
            return line
    return line[: PREVIEW_LENGTH - 1].rstrip() + "…"
