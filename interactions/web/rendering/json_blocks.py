"""JSON and tool calls made ready to be read, and how much of a page is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from adaptive_site.lib import exact_json
from interactions.web.rendering import markdown
from interactions.web.rendering.json_text import Layout, in_one_line, laid_out, shortened

FOLD_LINES = 40
OPEN_LINES = 16  # of JSON in a conversation; more begins folded under its first line
PIECE_LENGTH = 20_000
CHARACTERS_FORMATTED = 200_000  # characters of a page that are formatted
CHARACTERS_SHOWN = 500_000  # characters of a page that are shown; the rest is a link away
CHARACTERS_RESERVED = 100_000  # of these, for the others when one has more than is shown
LEAST_SHOWN_OF_EACH = 500  # characters of each text that are shown, whatever else the page holds
LONGEST_SPEAKER = 200  # of a call, a tool or whoever speaks; a longer one is shown as JSON
PARTS_PER_PAGE = 1_000  # messages, texts and calls on a page
# Of a call, what is shown by itself; anything else it has is shown as JSON.
_CALL = {"id", "type", "index", "function", "name", "arguments"}


@dataclass(slots=True)
class Data:
    """JSON, indented, under a name; `preview` is its beginning in one line.

    A tool call's `name` is the tool's and its JSON the arguments; `call_id` is "" when it has
    none. `anchor` is where it stands on the page and `result` where its result does, once
    `link_results` has found that. `rest` characters are not shown, but stand at `link`.
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
    rest: int = 0
    link: str = ""
    way: str = "all of it as JSON"

    @property
    def lines(self) -> int:
        """How many lines, less one, are shown."""
        return sum(piece.count("\n") for piece in self.pieces) + len(self.pieces) - 1


@dataclass(slots=True)
class Reading:
    """How much of a page may still be formatted, and how much shown at all.

    Fifteen hostile messages, each short enough to be read as Markdown, took 16 s, and one text of
    40 MB a minute. Of JSON what comes out counts: 1,800 characters nested deep are 1.6 million with
    their indents. `link` is where all of what is being read stands.
    """

    is_raw: bool = False
    left: int = CHARACTERS_FORMATTED
    shown: int = CHARACTERS_SHOWN
    parts: int = PARTS_PER_PAGE
    link: str = ""

    def markdown(self, text: str) -> SafeString | None:
        """`text` as HTML."""
        if self.is_raw or len(text) > min(self.left, max(self.shown, LEAST_SHOWN_OF_EACH)):
            return None
        html = markdown.render(text)
        if html is not None:
            self.left -= len(text)
            self.shown -= min(len(text), self.shown)
        return html

    def json(self, text: str) -> Layout | None:
        """`text` with lines and indents, if it is an object or a list."""
        if self.is_raw:
            return None
        found = laid_out(text, min(self.left, self.shown))
        if found is not None:
            self.left -= len(found.text)
        return found

    def beginning(self, text: str) -> str:
        """As much of `text` as is shown."""
        kept = len(text)
        if kept > max(
            self.shown, LEAST_SHOWN_OF_EACH
        ):  # an answer of megabytes leaves room for its question
            kept = max(self.shown - min(CHARACTERS_RESERVED, self.shown // 2), LEAST_SHOWN_OF_EACH)
        self.shown -= min(kept, self.shown)
        return text[:kept]

    def has_room(self) -> bool:
        """Whether one more part may be shown; it is counted."""
        self.parts -= 1
        return self.parts >= 0


def calls_of(calls: object, reading: Reading) -> Iterator[Data]:
    """The tool calls of a message."""
    given = calls if isinstance(calls, list) else [calls]
    for n, call in enumerate(given):
        if not reading.has_room():
            left = len(given) - n
            yield Data(f"{left:,} more tool calls", [], True, rest=left, link=reading.link)
            return
        yield from _call(call, reading)


def _call(call: object, reading: Reading) -> Iterator[Data]:
    """Its name and arguments, whose JSON is laid out; as it is when it is no call we know.

    What its one line shows whole begins folded.
    """
    function = call.get("function", call) if isinstance(call, dict) else None
    if (
        not isinstance(call, dict)
        or not isinstance(function, dict)
        or "arguments" not in function
        or not is_name(function.get("name"))
        or not is_name(call.get("id"))
    ):
        yield data_part("tool call", call, reading)
        return
    arguments = function["arguments"]
    text = arguments if isinstance(arguments, str) else exact_json.dumps(arguments).decode()
    layout = reading.json(text)
    line = layout.preview if layout else shortened(text[:1_000], len(text) < 1_000)
    made = _data(function.get("name") or "no name", layout.text if layout else text, line, reading)
    made.is_open = made.lines < OPEN_LINES and line.endswith("…")
    made.is_call, made.call_id = True, call.get("id") or ""
    yield made
    more = {name: value for name, value in call.items() if name not in _CALL}
    if function is not call:
        more |= {name: value for name, value in function.items() if name not in _CALL}
    if call.get("type", "function") != "function":
        more["type"] = call["type"]
    if more:
        yield data_part("also in this call", more, reading)


def is_name(value: object) -> bool:
    """Whether it is a text that fits where names stand, or none."""
    return value is None or (isinstance(value, str) and len(value) <= LONGEST_SPEAKER)


def data_part(name: str, value: object, reading: Reading, *, is_open: bool = True) -> Data:
    """A value as JSON; a long one begins folded."""
    text = exact_json.dumps(value).decode()
    layout = reading.json(text)
    line = layout.preview if layout else in_one_line(text)
    made = _data(name, layout.text if layout else text, line, reading)
    made.is_open = is_open and made.lines < FOLD_LINES
    return made


def json_part(layout: Layout, reading: Reading) -> Data:
    """A text that is JSON."""
    made = _data("JSON", layout.text, layout.preview, reading)
    made.is_open = made.lines < OPEN_LINES
    return made


def _data(name: str, text: str, preview: str, reading: Reading) -> Data:
    shown = reading.beginning(text)
    rest = len(text) - len(shown)
    return Data(name, pieces(shown), False, preview=preview, rest=rest, link=reading.link)


def pieces(text: str) -> list[str]:
    """`text` in pieces of about 20,000 characters, cut at line ends, which the cut stands for.

    >>> pieces("a\\nb")
    ['a\\nb']
    """
    made, at = [], 0
    while len(text) - at > PIECE_LENGTH:
        end = text.rfind("\n", at, at + PIECE_LENGTH)
        is_line = end > at
        made.append(text[at : end if is_line else at + PIECE_LENGTH])
        at = end + 1 if is_line else at + PIECE_LENGTH
    return [*made, text[at:]]
