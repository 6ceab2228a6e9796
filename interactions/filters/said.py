"""What is said in a message: its text, reasoning and refusal, what it calls and with what.

Once in SQL, for the test of a row, and once in Python, for the index. Ids, types, roles, addresses
and signatures are no text: nobody looks for them by a word.
"""

from collections.abc import Iterator
from typing import Any

BUILDERS = ("system", "developer")  # roles whose messages are the system prompt

# Members of a message beside its content that say something; PostgreSQL's `search_beside`
# (migration 0011) takes them apart.
_MEMBERS = ("refusal", "reasoning_content", "reasoning", "audio", "reasoning_details",
            "thinking_blocks", "tool_calls", "function_call")  # fmt: skip
_TEXT = "#>> '{}'"  # of a JSON value, its text
_PART = (
    f"CASE jsonb_typeof(c.part) WHEN 'string' THEN c.part {_TEXT} ELSE coalesce("
    "c.part ->> 'text', c.part ->> 'thinking', c.part ->> 'refusal') END"
)
_HAS_MORE = f"MESSAGE ?| ARRAY[{', '.join(repr(member) for member in _MEMBERS)}]"
_MORE = "search_beside(MESSAGE) AS more(said)"


def said(message: str) -> str:
    """The query of all that is said in `message`, an expression; column `said`."""
    made = (
        f"SELECT {_PART} AS said FROM jsonb_path_query(MESSAGE, '$.content[*]') AS c(part)"
        f" UNION ALL SELECT more.said FROM {_MORE} WHERE {_HAS_MORE}"
    )
    return made.replace("MESSAGE", message)


def has_said(message: str, test: str) -> str:
    """Whether `test`, in which SAID is a text, holds of something said in `message`.

    The text of most messages is a string: it is tested without taking anything apart. The test
    stands three times in what is made, and so must its parameters.
    """
    text = test.replace("SAID", f"(MESSAGE -> 'content' {_TEXT})")
    made = (
        f"(CASE jsonb_typeof(MESSAGE -> 'content') WHEN 'string' THEN {text} ELSE EXISTS ("
        "SELECT 1 FROM jsonb_path_query(MESSAGE, '$.content[*]') AS c(part)"
        f" WHERE {test.replace('SAID', f'({_PART})')}) END"
        f" OR ({_HAS_MORE} AND EXISTS (SELECT 1 FROM {_MORE}"
        f" WHERE {test.replace('SAID', 'more.said')})))"
    )
    return made.replace("MESSAGE", message)


def is_builders(message: str) -> str:
    """Whether `message`, an expression, is a system prompt; never null."""
    roles = ", ".join(repr(role) for role in BUILDERS)
    return f"coalesce({message} ->> 'role', '') IN ({roles})"


def texts_of(message: dict[str, Any]) -> Iterator[str]:
    """All that is said in a message of the shapes we know; of others, TypeError."""
    content = message.get("content")
    if isinstance(content, str):
        yield content
    elif content is not None:
        for part in _dicts(content):
            yield from _first(part, "text", "thinking", "refusal")
    if len(message) <= 2:
        return
    for name in ("refusal", "reasoning_content", "reasoning"):
        yield from _first(message, name)
    for name, members in (
        ("reasoning_details", ("text", "summary")),
        ("thinking_blocks", ("thinking",)),
    ):
        for part in _dicts(message.get(name) or ()):
            for member in members:
                yield from _first(part, member)
    for call in _dicts(message.get("tool_calls") or ()):
        for named in call.values():
            if isinstance(named, dict):
                yield from _called(named)
            elif isinstance(named, list):
                raise TypeError("a call of an odd shape")
    for name in ("function_call", "audio"):
        if (found := message.get(name)) is not None:
            yield from _called(_dict(found)) if name != "audio" else _first(found, "transcript")


def _called(named: dict[str, Any]) -> Iterator[str]:
    for name in ("name", "arguments", "input"):
        yield from _first(named, name)


def _first(holder: Any, *names: str) -> Iterator[str]:
    """The first of these members that is there, which must be a text."""
    found = next((value for name in names if (value := _dict(holder).get(name)) is not None), None)
    if isinstance(found, str):
        yield found
    elif found is not None:
        raise TypeError("expected a text")


def _dicts(values: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(values, list | tuple):
        raise TypeError("expected a list")
    return map(_dict, values)


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("expected an object")
    return value
