"""Why a query cannot be read: what was expected, and at which place."""

import re
from typing import NoReturn

from lark import UnexpectedInput, UnexpectedToken

OPERATORS = ("AND", "OR", "NOT")
# `\"` is a quote and `\\` a backslash; any other backslash is itself.
QUOTED_TEXT = r'"(?:[^"\\]|\\["\\]|\\(?!["\\]))*"'
_NAME = re.compile(r'(?:(?:label|feedback)\."[^"]*"|[^\s()":]+):')


class QueryError(ValueError):
    """A query that cannot be read: what was expected, between which characters."""

    def __init__(self, expected: str, start: int, end: int) -> None:
        super().__init__(expected)
        self.expected = expected
        self.start = start
        self.end = end


def explain(text: str, error: UnexpectedInput) -> NoReturn:
    """Raise what was expected where the text could not be read on."""
    is_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    at = len(text) if is_end or error.pos_in_stream is None else error.pos_in_stream
    if at >= len(text.rstrip()):
        opened = _opened(text)
        said = re.search(r"(?:\b(?:AND|OR|NOT)|-|\()\s*\Z", text)
        if opened and not said:
            raise QueryError("expected `)` to close this `(`", opened[-1], opened[-1] + 1) from None
        after = f"after `{said[0].strip()}`" if said else "here"
        raise QueryError(f"expected a condition {after}", len(text), len(text)) from None
    raise QueryError(*_expected(text, at)) from None


def _expected(text: str, at: int) -> tuple[str, int, int]:
    letter = text[at]
    if letter == ")":
        if not _opened(text[:at]):
            return "expected no `)`, since none is open; in quotes it is text", at, at + 1
        return "expected a condition before `)`", at, at + 1
    if letter == '"':
        return _of_quote(text, at)
    if name := _NAME.match(text, at):
        return f"expected a value right after `{name[0]}`", at, name.end()
    word = re.compile(r"[^\s()\"]*").match(text, at)
    end = max(word.end() if word else 0, at + 1)
    if text[at:end] in OPERATORS:
        return f"expected a condition before `{text[at:end]}`", at, end
    if letter == "(" or text[end : end + 1] in ("(", '"'):
        return (
            'expected a space here, or quotes around text with `(` or `"` in it',
            at,
            min(end + 1, len(text)),
        )
    if re.fullmatch(r"[-<>=!≤≥≠]+", text[at:end]):
        return f"expected something right after `{text[at:end]}`", at, end
    return "expected a condition, such as env:prod or a word", at, end


def _of_quote(text: str, at: int) -> tuple[str, int, int]:
    phrase = re.compile(QUOTED_TEXT).match(text, at)
    if phrase is None:
        return 'expected another `"`, since this one has no end', at, len(text)
    if text[phrase.end() : phrase.end() + 1] == ":":
        return f"expected `label.{phrase[0]}:`, if it is a label's key", at, phrase.end() + 1
    return "expected a space before and after the quotes", at, phrase.end()


def _opened(text: str) -> list[int]:
    """Where parentheses stand open, outside of quotes."""
    opened: list[int] = []
    for one in re.finditer(rf"{QUOTED_TEXT}|[()]", text):
        if one[0] == "(":
            opened.append(one.start())
        elif one[0] == ")" and opened:
            opened.pop()
    return opened
