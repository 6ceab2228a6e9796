"""The texts of a message: its text, reasoning and refusal, what it calls and with what.

And the results of calls, names of files, and the strings of texts that are JSON with escapes. Once
in SQL, for the test of a row, and once in Python, for the index. Ids, types, roles, addresses,
data and signatures are no text: nobody looks for them by a word.
"""

import json
from collections.abc import Iterator
from typing import Any

SYSTEM_ROLES = ("system", "developer")  # roles whose messages are the system prompt

# Members of a message beside its content that say something; PostgreSQL's `search_beside`
# (migration 0011) takes them apart.
_MEMBERS = ("refusal", "reasoning_content", "reasoning", "audio", "reasoning_details",
            "thinking_blocks", "tool_calls", "function_call")  # fmt: skip
# Members of its parts that do, beside their text; a backslash may hide what they say.
_PART_MEMBERS = ("name", "title", "context", "filename", "file", "input", "arguments", "output",
                 "content", "source")  # fmt: skip
_OF_PARTS = " || ".join(
    [f"exists(@.{member})" for member in _PART_MEMBERS]
    + [f'{one} like_regex "\\\\\\\\"' for one in ("@", "@.text", "@.thinking", "@.refusal")]
)
_TEXT = "#>> '{}'"  # of a JSON value, its text
_PART = (
    f"CASE jsonb_typeof(c.part) WHEN 'string' THEN c.part {_TEXT} ELSE coalesce("
    "c.part ->> 'text', c.part ->> 'thinking', c.part ->> 'refusal') END"
)
_HAS_MORE = f"""(MESSAGE ?| ARRAY[{", ".join(repr(member) for member in _MEMBERS)}]
    OR CASE jsonb_typeof(MESSAGE -> 'content')
    WHEN 'string' THEN strpos(MESSAGE ->> 'content', '\\') > 0
    WHEN 'array' THEN jsonb_path_exists(MESSAGE, '$.content[*] ? ({_OF_PARTS})') ELSE FALSE END)"""
_MORE = "search_beside(MESSAGE) AS more(said)"


def texts_query(message: str) -> str:
    """The query of all texts in `message`, an expression; column `texts_query`."""
    made = (
        f"SELECT {_PART} AS said FROM jsonb_path_query(MESSAGE, '$.content[*]') AS c(part)"
        f" UNION ALL SELECT more.said FROM {_MORE} WHERE {_HAS_MORE}"
    )
    return made.replace("MESSAGE", message)


def has_text(message: str, test: str) -> str:
    """Whether `test`, in which TEXT stands for a text, holds of one in `message`.

    The text of most messages is a string: it is tested without taking anything apart. The test
    stands three times in what is made, and so must its parameters.
    """
    text = test.replace("TEXT", f"(MESSAGE -> 'content' {_TEXT})")
    made = (
        f"(CASE jsonb_typeof(MESSAGE -> 'content') WHEN 'string' THEN {text} ELSE EXISTS ("
        "SELECT 1 FROM jsonb_path_query(MESSAGE, '$.content[*]') AS c(part)"
        f" WHERE {test.replace('TEXT', f'({_PART})')}) END"
        f" OR ({_HAS_MORE} AND EXISTS (SELECT 1 FROM {_MORE}"
        f" WHERE {test.replace('TEXT', 'more.said')})))"
    )
    return made.replace("MESSAGE", message)


def holds(text: str, test: str) -> str:
    """Whether `test` holds of an expression, or of a string in it where that is JSON; twice."""
    return (
        f"({test.replace('TEXT', text)} OR (strpos({text}, '\\') > 0 AND EXISTS (SELECT 1"
        f" FROM search_strings({text}) AS t(string) WHERE {test.replace('TEXT', 't.string')})))"
    )


def other_answers(body: str) -> str:
    """The query of the messages of other answers than the first, of a row of bodies; `message`."""
    path = '$.response.choices[*].message ? (@.type() == "object")'
    return f"""SELECT message - 'role' AS message
        FROM jsonb_path_query({body}.system, '{path}') AS o(message)"""


def is_system_prompt(message: str) -> str:
    """Whether `message`, an expression, is a system prompt; never null."""
    roles = ", ".join(repr(role) for role in SYSTEM_ROLES)
    return f"coalesce({message} ->> 'role', '') IN ({roles})"


def texts_of(message: dict[str, Any]) -> Iterator[str]:
    """All texts of a message of the shapes we know; of others, TypeError."""
    for text in _texts(message):
        yield text
        yield from strings_in(text)


def strings_in(text: str) -> Iterator[str]:
    """The strings and names of a text that is JSON with escapes; nothing of others.

    Those that PostgreSQL's `search_strings` has, whose JSON knows neither NaN nor a letter of the
    number 0; but for numbers of 100,000 digits. TypeError where it nests too deep for us.
    """
    if "\\" not in text or not text.lstrip(" \t\n\r").startswith(("{", "[", '"')):
        return
    try:
        # Numbers of any length.
        held = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number)
        found = list(_strings(held, with_names=True))
        letters = "".join(found).encode()  # halves of a pair alone are no letters
    except ValueError:
        return
    except RecursionError:
        raise TypeError("nested too deep") from None
    if 0 in letters:
        return
    for string in found:
        yield string
        yield from strings_in(string)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _strings(value: Any, *, with_names: bool = False) -> Iterator[str]:
    """The strings in a value, whatever its depth."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            left += one.values()
            if with_names:
                yield from one


def _texts(message: dict[str, Any]) -> Iterator[str]:
    content = message.get("content")
    if isinstance(content, str):
        yield content
    elif content is not None:
        for part in _dicts(content):
            yield from _first(part, "text", "thinking", "refusal")
            if not part.keys().isdisjoint(_PART_MEMBERS):
                yield from _of_part(part)
    if message.keys().isdisjoint(_MEMBERS):
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


def _of_part(part: dict[str, Any]) -> Iterator[str]:
    """What a part says beside its text: a call, its result, a document, a file's name."""
    for name in ("name", "title", "context", "filename"):
        yield from _if_text(part.get(name))
    for name in ("input", "arguments"):
        yield from _strings(part.get(name))
    if (file := part.get("file")) is not None:
        yield from _if_text(_dict(file).get("filename"))
    for name, members in (
        ("content", ("text", "title", "stdout", "stderr")),
        ("output", ("text",)),
    ):
        yield from _of_result(part.get(name), members)
    if (source := part.get("source")) is not None and not isinstance(source, str):
        if _dict(source).get("type") == "text":
            yield from _if_text(source.get("data"))
        if not isinstance(source.get("content"), str):
            yield from _of_result(source.get("content"), ("text",))


def _of_result(result: Any, members: tuple[str, ...]) -> Iterator[str]:
    """A text, or the texts of its parts."""
    for one in result if isinstance(result, list) else [result]:
        if isinstance(one, str):
            yield one
        elif one is not None:
            for member in members:
                yield from _if_text(_dict(one).get(member))


def _if_text(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        raise TypeError("expected a text")


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
