"""A conversation made ready to be read: its turns, and the parts of each in their order."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils.safestring import SafeString

from interactions.models import Image, InteractionBody
from interactions.models.parts import IMAGE, image_address, is_text, parts_of, text_of
from interactions.services.images import OURS
from interactions.services.reading import Whole
from projects.models import Project

from .data import (
    CHUNK,
    FOLD_LINES,
    OPEN_LINES,
    Data,
    Reading,
    calls_of,
    data_part,
    in_one_line,
    pieces,
)
from .images import image_url
from .parts import beside, other_part, without_files

SYSTEM = ("system", "developer")  # roles that say how to answer, not what
LINE = 80  # characters, about, in a line of the page
SUMMARY = 140  # characters of a folded system prompt that are seen
WIDEST, HIGHEST = 720, 420  # of an image on the page, in pixels
MOST_UNFOLDED = 8  # messages before the answer; of more, the earlier ones are folded
KEPT_IN_SIGHT = 2  # of these, the last
# Of a message, what its turn shows by itself; anything else it has is shown as JSON.
_SHOWN = {"role", "content", "name", "tool_calls", "tool_call_id"}


@dataclass(frozen=True, slots=True)
class Text:
    """Text: as HTML, or where that is None, as it is, in pieces a browser can lay out apart."""

    kind: ClassVar[str] = "text"
    text: str
    html: SafeString | None
    pieces: list[str]
    is_long: bool

    @property
    def length(self) -> int:
        """In characters."""
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Picture:
    """One of our images, which the page shows or, if it did not decode, names."""

    kind: ClassVar[str] = "picture"
    image: Image
    url: str
    detail: str = ""

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on the page; said in the page, so that nothing jumps on loading."""
        width, height = self.image.width, self.image.height
        scale = min(1.0, WIDEST / width, HIGHEST / height)
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, slots=True)
class Link:
    """An image we were given by address only; it is never loaded."""

    kind: ClassVar[str] = "link"
    url: str
    is_safe: bool


Part = Text | Data | Picture | Link


@dataclass(slots=True)
class Turn:
    """One message, or the completion (`is_answer`)."""

    role: str
    name: str = ""
    is_answer: bool = False
    parts: list[Part] = field(default_factory=list)
    summary: str = ""  # of a long system prompt, which is shown folded
    answers: str = ""  # the id of the tool call it is the result of, as the message says
    call: Data | None = None  # that call, once `link_results` has found it
    anchor: str = ""
    number: int = 0  # its place in the conversation, from 1

    is_system: bool = False  # the first that says how to answer

    @property
    def is_quiet(self) -> bool:
        """Whether it is neither the user's nor the model's."""
        return self.role not in ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Turns in a row; `is_folded` when they are earlier ones of a long conversation."""

    turns: Sequence[Turn]
    is_folded: bool = False


def stretches_of(turns: Sequence[Turn]) -> list[Stretch]:
    """A conversation with its earlier messages folded, so that what is judged is in sight.

    In sight stay what it begins with of the system, the last two messages, and the answer.
    """
    messages = [turn for turn in turns if not turn.is_answer]
    if len(messages) <= MOST_UNFOLDED:
        return [Stretch(turns)]
    start = next((n for n, turn in enumerate(messages) if turn.role not in SYSTEM), len(messages))
    end = len(messages) - KEPT_IN_SIGHT
    if end - start < 2:
        return [Stretch(turns)]
    return [Stretch(turns[:start]), Stretch(turns[start:end], True), Stretch(turns[end:])]


def turns_of(
    project: Project, one: Whole, *, is_raw: bool, skip: int = 0, reading: Reading | None = None
) -> list[Turn]:
    """The messages of an interaction and its completion; raw text is not formatted.

    Of a conversation that is too long to be formatted whole, its end is. Without the first
    `skip` messages, which a page shows elsewhere; pages of several interactions share a `reading`.
    """
    body = one.interaction.body
    pictures = {
        f"{OURS}{image.sha256}": Picture(image, image_url(project, image)) for image in one.images
    }
    reading = reading or Reading(is_raw)
    model = one.interaction.llm
    answer = Turn("assistant", model.name if model else "", is_answer=True)
    answer.parts = _answer(body, reading)
    made = [_turn(message, pictures, reading) for message in reversed(body.messages[skip:])]
    turns = [*reversed(made), answer]
    for number, turn in enumerate(turns, 1):
        turn.number = number
    link_results(turns, one.interaction.id.hex)
    if system := next((turn for turn in turns if turn.role in SYSTEM), None):
        system.is_system = True
    return turns


def link_results(turns: Sequence[Turn], prefix: str) -> None:
    """Let each tool call know its result and the result its call; `prefix` begins the anchors.

    By the call's id where there is one, else in order: some log their calls without.
    """
    waiting: list[Data] = []
    for number, turn in enumerate(turns):
        if turn.role in ("tool", "function"):
            mine = [call for call in waiting if call.call_id == turn.answers] or waiting
            if mine and (turn.answers == mine[0].call_id or not mine[0].call_id):
                call = mine[0]
                waiting.remove(call)
                turn.call, turn.anchor = call, f"result-{prefix}-{number}"
                call.anchor, call.result = f"call-{prefix}-{number}", turn.anchor
        else:
            waiting = [part for part in turn.parts if isinstance(part, Data) and part.is_call]


def _answer(body: InteractionBody, reading: Reading) -> list[Part]:
    """The completion's text, its tool calls, and whatever else came with it."""
    said = dict(body.completion_parts or {})
    calls = list(calls_of(said.pop("tool_calls", None) or [], reading))
    parts: list[Part] = (
        [] if calls and not body.completion else list(_texts(body.completion, reading))
    )
    more = [data_part(name, without_files(value), reading) for name, value in said.items() if value]
    return [*parts, *calls, *more]


def _turn(message: dict[str, Any], pictures: Mapping[str, Picture], reading: Reading) -> Turn:
    turn = Turn(str(message["role"]), str(message.get("name") or ""))
    for part in parts_of(message):
        turn.parts += _part(part, pictures, reading)
    turn.parts += calls_of(message.get("tool_calls") or [], reading)
    turn.answers = str(message.get("tool_call_id") or "")
    if more := {key: value for key, value in message.items() if key not in _SHOWN}:
        turn.parts.append(data_part("also in this message", without_files(more), reading))
    if turn.role in SYSTEM:
        turn.summary = _summary(turn)
    return turn


def _summary(turn: Turn) -> str:
    text = " ".join(part.text for part in turn.parts if isinstance(part, Text))
    line = " ".join(text[: 4 * SUMMARY].split())
    is_short = len(turn.parts) == 1 and len(text) <= SUMMARY and "\n" not in text.strip()
    return "" if is_short or not line else line[:SUMMARY]


def _texts(text: str, reading: Reading) -> Iterator[Part]:
    """JSON when the whole text is an object or a list, else text."""
    if (pretty := reading.json(text)) is not None:
        value = json.loads(text)
        if isinstance(value, dict) and list(value) == ["tool_calls"] and value["tool_calls"]:
            yield from calls_of(
                value["tool_calls"], reading
            )  # how some log them, for want of a place
        else:
            lines = pretty.count("\n")
            yield Data("JSON", pieces(pretty), lines < OPEN_LINES, preview=in_one_line(value))
        return
    text, calls = (text, []) if reading.is_raw else _with_calls(text)
    html = reading.markdown(text)
    lines = sum(1 + len(line) // LINE for line in text[: CHUNK * 5].split("\n"))
    yield Text(text, html, [] if html is not None else pieces(text), lines > FOLD_LINES * 1.25)
    yield from calls_of(calls, reading)


def _with_calls(text: str) -> tuple[str, list[Any]]:
    """A text without the tool calls that some log in its last lines, for want of a place."""
    head, found, tail = text.rpartition('\n{"tool_calls": [')
    if not found or len(tail) > CHUNK:
        return text, []
    try:
        value = json.loads(found.strip() + tail)
    except (ValueError, RecursionError):
        return text, []
    return (head, value["tool_calls"]) if list(value) == ["tool_calls"] else (text, [])


def _part(part: Any, pictures: Mapping[str, Picture], reading: Reading) -> Iterator[Part]:
    url = image_address(part)
    if is_text(part):
        yield from _texts(text_of(part) or "", reading)
    elif url is None:
        yield other_part(part, reading)
        return
    elif picture := pictures.get(url):
        link = part[IMAGE]
        detail = link.get("detail") if isinstance(link, dict) else None
        yield replace(picture, detail=str(detail or ""))
    else:
        yield Link(without_files(url), url.lower().startswith(("http://", "https://")))
    yield from beside(part, reading)
