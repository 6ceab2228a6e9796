"""JSON given lines and indents without being read as values: every letter stays as it was.

`json.dumps(json.loads(text))` shows `{"a":1,"a":2}` as one member, `1.10` as 1.1, `1e400` as
Infinity, and half of a surrogate pair as what no page can hold.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

MOST_NAMES = 8  # of an object's, in one line
LONGEST_JSON_LINE = 140
DEEPEST_LEVEL = 200  # levels; deeper, the indents would be most of what is shown

_BEGINS = re.compile(r"[ \t\n\r]*[{\[]")
# Atomic groups: a text that is nearly JSON costs no more than one that is.
_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
    (?P<string>"(?>[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
    |(?P<mark>[{}\[\],:])
    |(?P<plain>-?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|Infinity)
        |true|false|null|NaN)
    )""",
    re.VERBOSE,
)
_ENDS = {"{": "}", "[": "]"}


class _NoJson(Exception):
    """The text is something else, or more than may be laid out."""


@dataclass(slots=True)
class Layout:
    """An object or a list: its text with lines and indents, and its beginning in one line."""

    text: str
    preview: str


@dataclass(slots=True)
class _Outline:
    """The members of the outermost object, or how many items the outermost list has."""

    members: list[str] = field(default_factory=list)
    name: str = ""
    n: int = 0
    is_whole: bool = True

    def value(self, token: str, is_object: bool) -> None:
        """A value of the outermost level; an opening bracket stands for what it opens."""
        self.n += 1
        if is_object and self.n <= MOST_NAMES:
            self.members.append(f"{self.name}: {token}")

    def line(self, is_object: bool) -> str:
        """Like `order: "FF-36287", all: true`; it ends in `…` when that is not all."""
        if not is_object:
            said, is_whole = (
                (f"{self.n} item{'' if self.n == 1 else 's'}" if self.n else "[]"),
                not self.n,
            )
        else:
            said, is_whole = ", ".join(self.members), self.is_whole and self.n <= MOST_NAMES
        return shortened(said, is_whole)


def shortened(line: str, is_whole: bool = True) -> str:
    """`line` cut to a readable length, with `…` when that is not all."""
    line = " ".join(line[: 2 * LONGEST_JSON_LINE].split())
    if is_whole and len(line) <= LONGEST_JSON_LINE:
        return line
    return f"{line[:LONGEST_JSON_LINE].rstrip(' …,')} …"


def laid_out(text: str, most: int) -> Layout | None:
    """`text` laid out; None when it is no object or list, or would be longer than `most`."""
    if len(text) > most or not _BEGINS.match(text):
        return None
    outline = _Outline()
    made: list[str] = []
    length = 0
    try:
        for piece in _pieces(text, outline):
            made.append(piece)
            length += len(piece)
            if length > most:
                return None
    except _NoJson:
        return None
    return Layout("".join(made), outline.line(text.lstrip(" \t\n\r")[0] == "{"))


def in_one_line(text: str) -> str:
    """The beginning of JSON in one line; of what is no object or list, of the text itself."""
    found = laid_out(text, 20 * LONGEST_JSON_LINE)
    if found is not None:
        return found.preview
    if not _BEGINS.match(text):
        return shortened(text[: 2 * LONGEST_JSON_LINE], len(text) <= 2 * LONGEST_JSON_LINE)
    outline = _Outline(is_whole=False)
    is_object = text.lstrip(" \t\n\r")[0] == "{"
    try:  # long: its beginning is gone through, and of a list is not said how long it is
        for _ in islice(_pieces(text, outline), 4 * MOST_NAMES):
            pass
    except _NoJson:
        pass
    return outline.line(True) if is_object else "a long list …"


def _pieces(text: str, outline: _Outline) -> Iterator[str]:
    """The tokens of `text` with what stands between them. Raises _NoJson.

    A small machine: what may come next is a value, a name, a comma or an end, by `wants`.
    """
    open_: list[str] = []
    wants = "value"
    at = 0
    while match := _TOKEN.match(text, at):
        at = match.end()
        token = match[match.lastgroup or 0]
        kind = match.lastgroup
        if kind == "mark" and token in "}]":
            is_empty = wants in ("first value", "first name")
            if not open_ or _ENDS[open_[-1]] != token or not (is_empty or wants == "more"):
                raise _NoJson
            open_.pop()
            yield token if is_empty else f"\n{'  ' * len(open_)}{token}"
            wants = "more"
        elif token == "," and kind == "mark":
            if wants != "more" or not open_:
                raise _NoJson
            wants = "name" if open_[-1] == "{" else "value"
            yield f",\n{'  ' * len(open_)}"
        elif token == ":" and kind == "mark":
            if wants != "colon":
                raise _NoJson
            wants = "value of name"
            yield ": "
        elif wants in ("name", "first name"):
            if kind != "string":
                raise _NoJson
            if len(open_) == 1:
                outline.name = token[1:-1]
            yield f"\n{'  ' * len(open_)}{token}" if wants == "first name" else token
            wants = "colon"
        elif wants in ("value", "first value", "value of name"):
            yield from _value(token, kind == "mark", wants == "first value", open_, outline)
            wants = "more"
            if kind == "mark":
                wants = "first name" if token == "{" else "first value"
        else:
            raise _NoJson
        if not open_:
            break
    if open_ or wants != "more" or text[at:].strip(" \t\n\r"):
        raise _NoJson


def _value(
    token: str, opens: bool, is_first: bool, open_: list[str], outline: _Outline
) -> Iterator[str]:
    if len(open_) == 1:
        outline.value("…" if opens else token, open_[0] == "{")
        outline.is_whole = outline.is_whole and not opens
    if is_first:
        yield f"\n{'  ' * len(open_)}"
    yield token
    if opens:
        open_.append(token)
        if len(open_) > DEEPEST_LEVEL:
            raise _NoJson
