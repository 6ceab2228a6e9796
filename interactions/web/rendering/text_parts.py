"""Texts of a conversation made ready to be read: formatted, folded where long, thoughts apart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from django.utils.safestring import SafeString

from interactions.models.thoughts import split_thoughts
from interactions.web.rendering.calls_in_text import calls_in, with_calls
from interactions.web.rendering.json_blocks import (
    FOLD_LINES,
    PIECE_LENGTH,
    Data,
    Reading,
    calls_of,
    json_part,
    pieces,
)

LINE_LENGTH = 80  # characters, about, in a line of the page


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text: as HTML, or where that is None, as it is, in pieces a browser can lay out apart.

    `text` is what is shown of it; `rest` characters more stand at `link`. Thoughts before a reply
    (`is_thought`) begin folded.
    """

    kind: ClassVar[str] = "text"
    text: str
    html: SafeString | None
    pieces: list[str]
    is_long: bool
    rest: int = 0
    link: str = ""
    is_thought: bool = False

    @property
    def length(self) -> int:
        """How many characters are shown."""
        return len(self.text)

    @property
    def size(self) -> str:
        """How many characters there are, in words: `812 characters`, `80 k characters`."""
        n = self.length + self.rest
        short = (
            f"{n}" if n < 1_000 else f"{n / 1_000:.1f} k" if n < 9_950 else f"{n / 1_000:,.0f} k"
        )
        return f"{short} characters"


def text_parts(text: str, reading: Reading, link: str) -> Iterator[TextPart | Data]:
    """JSON when the whole text is an object or a list, else text."""
    if (layout := reading.json(text)) is not None:
        if calls := calls_in(text, layout):
            yield from calls_of(calls, reading)  # how some log them, for want of a place
        else:
            yield json_part(layout, reading)
        return
    text, calls = (text, []) if reading.is_raw else with_calls(text)
    yield _text(text, reading, link)
    yield from calls_of(calls, reading)


def answer_parts(text: str, reading: Reading, link: str) -> list[TextPart | Data]:
    """Likewise of what a model said: its thoughts, where the text begins with them, and its reply.

    The reply is read first, so that thoughts of a hundred pages leave room for it.
    """
    thoughts, reply = ("", text) if reading.is_raw else split_thoughts(text)
    parts = list(text_parts(reply, reading, link)) if reply or not thoughts else []
    return [thought_part(thoughts, reading, link), *parts] if thoughts else parts


def thought_part(text: str, reading: Reading, link: str) -> TextPart:
    """Thoughts of a model."""
    return replace(_text(text, reading, link), is_thought=True, is_long=False)


def _text(text: str, reading: Reading, link: str) -> TextPart:
    html = reading.markdown(text)
    shown = text if html is not None else reading.beginning(text)
    lines = sum(1 + len(line) // LINE_LENGTH for line in shown[: PIECE_LENGTH * 5].split("\n"))
    is_long = lines > FOLD_LINES * 1.25
    rest = len(text) - len(shown)
    return TextPart(shown, html, [] if html is not None else pieces(shown), is_long, rest, link)
