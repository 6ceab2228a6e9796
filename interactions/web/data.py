"""JSON and tool calls made ready to be read, and how much of a page is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from . import markdown
from .highlighting import MAX_LENGTH, pretty_json

FOLD_LINES = 40
OPEN_LINES = 16  # of JSON in a conversation; more begins folded under its first line
CHUNK = 20_000
BUDGET = 200_000  # characters of a page that are formatted
SUMMARY = 140
MOST_NAMES = 8  # of an object's, in one line


@dataclass(slots=True)
class Data:
    """JSON, indented, under a name; `preview` is its beginning in one line.

    A tool call's `name` is the tool's and its JSON the arguments; `call_id` is "" when it has
    none. `anchor` is where it stands on the page and `result` where its result does, once
    `link_results` has found that.
    """

    kind: ClassVar[str] = "data"
    name: str
    pieces: list[str]
    is_open: bool
    note: str = ""
    preview: str = ""
    is_call: bool = False
    call_id: str = ""
    anchor: str = ""
    result: str = ""


@dataclass(slots=True)
class Reading:
    """How much of a page may still be formatted; what is beyond is shown as it is.

    Fifteen hostile messages, each short enough to be read as Markdown, took 16 s. Of JSON what
    comes out counts: 1,800 characters nested deep are 1.6 million with their indents.
    """

    is_raw: bool = False
    left: int = BUDGET

    def markdown(self, text: str) -> SafeString | None:
        """`text` as HTML."""
        if self.is_raw or len(text) > self.left:
            return None
        html = markdown.render(text)
        self.left -= len(text) if html is not None else 0
        return html

    def json(self, text: str) -> str | None:
        """`text` with the lines of pretty JSON, if it is any."""
        if self.is_raw or len(text) > min(self.left, MAX_LENGTH):
            return None
        pretty = pretty_json(text)
        self.left -= len(pretty or "")
        return pretty

    def value(self, value: object) -> str:
        """A value as JSON."""
        text = json.dumps(value, ensure_ascii=False)
        if len(text) <= self.left:
            text = json.dumps(value, ensure_ascii=False, indent=2)
            self.left -= len(text)
        return text


def calls_of(calls: object, reading: Reading) -> Iterator[Data]:
    """The tool calls of a message."""
    for call in calls if isinstance(calls, list) else [calls]:
        yield _call(call, reading)


def _call(call: object, reading: Reading) -> Data:
    """Its name and arguments, whose JSON is laid out; as it is when it is no call we know.

    What its one line shows whole begins folded.
    """
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict) or "arguments" not in function:
        return data_part("tool call", call, reading)
    arguments = function["arguments"]
    if isinstance(arguments, str):
        text = reading.json(arguments) or arguments
        line = in_one_line(json.loads(arguments)) if text is not arguments else arguments[:SUMMARY]
    else:
        text, line = reading.value(arguments), in_one_line(arguments)
    lines = text.count("\n")
    return Data(
        str(function.get("name") or "no name"),
        pieces(text),
        lines < OPEN_LINES and line.endswith("…"),
        preview=line,
        is_call=True,
        call_id=str(call.get("id") or ""),
    )


def in_one_line(value: object) -> str:
    """The beginning of a value in one line; an object's as `order: "FF-36287", all: true`.

    It ends in `…` when that is not all.
    """
    made, is_whole = [], True
    if isinstance(value, dict):
        is_whole = len(value) <= MOST_NAMES
        for name, one in list(value.items())[:MOST_NAMES]:
            is_nested = isinstance(one, dict | list) and bool(one)
            is_whole = is_whole and not is_nested
            made.append(f"{name}: {'…' if is_nested else json.dumps(one, ensure_ascii=False)}")
    elif isinstance(value, list):
        is_whole = not value
        made.append(f"{len(value)} item{'' if len(value) == 1 else 's'}")
    line = " ".join(", ".join(made)[: 2 * SUMMARY].split())
    return line if is_whole and len(line) <= SUMMARY else f"{line[:SUMMARY].rstrip(' …,')} …"


def data_part(name: str, value: object, reading: Reading, *, is_open: bool = True) -> Data:
    """A value as JSON; a long one begins folded."""
    text = reading.value(value)
    is_short = text.count("\n") < FOLD_LINES
    return Data(name, pieces(text), is_open and is_short, preview=in_one_line(value))


def pieces(text: str) -> list[str]:
    """`text` in pieces of about 20,000 characters, cut at line ends, which the cut stands for.

    >>> pieces("a\\nb")
    ['a\\nb']
    """
    made = []
    while len(text) > CHUNK:
        end = text.rfind("\n", 0, CHUNK)
        made.append(text[: end if end > 0 else CHUNK])
        text = text[end + 1 if end > 0 else CHUNK :]
    return [*made, text]
