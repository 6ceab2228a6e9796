"""A conversation made ready to be read: its turns, and the parts of each in their order."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils.safestring import SafeString

from interactions.models import Image, InteractionBody
from interactions.services.images import OURS
from interactions.services.reading import Whole
from projects.models import Project

from . import markdown
from .highlighting import MAX_LENGTH, pretty_json
from .images import image_url

FOLD_LINES = 40
LINE = 80  # characters, about, in a line of the page
CHUNK = 20_000
BUDGET = 200_000  # characters of a page that are formatted
SUMMARY = 140
WIDEST, HIGHEST = 720, 420  # of an image on the page, in pixels
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
class Data:
    """JSON, indented, under a name."""

    kind: ClassVar[str] = "data"
    name: str
    pieces: list[str]
    is_open: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One of our images."""

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

    @property
    def is_quiet(self) -> bool:
        """Whether it is neither the user's nor the model's."""
        return self.role not in ("user", "assistant")


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


def turns_of(project: Project, one: Whole, *, is_raw: bool) -> list[Turn]:
    """The messages of an interaction and its completion; raw text is not formatted.

    Of a conversation that is too long to be formatted whole, its end is.
    """
    body = one.interaction.body
    pictures = {
        f"{OURS}{image.sha256}": Picture(image, image_url(project, image)) for image in one.images
    }
    reading = Reading(is_raw)
    model = one.interaction.llm
    answer = Turn("assistant", model.name if model else "", is_answer=True)
    answer.parts = _answer(body, reading)
    made = [_turn(message, pictures, reading) for message in reversed(body.messages)]
    return [*reversed(made), answer]


def _answer(body: InteractionBody, reading: Reading) -> list[Part]:
    """The completion's text, its tool calls, and whatever else came with it."""
    beside = dict(body.completion_parts or {})
    calls = list(_calls(beside.pop("tool_calls", None) or [], reading))
    parts: list[Part] = (
        [] if calls and not body.completion else list(_texts(body.completion, reading))
    )
    more = [data_part(name, value, reading) for name, value in beside.items() if value]
    return [*parts, *calls, *more]


def _turn(message: dict[str, Any], pictures: Mapping[str, Picture], reading: Reading) -> Turn:
    content = message.get("content")
    turn = Turn(str(message["role"]), str(message.get("name") or ""))
    if isinstance(content, str):
        turn.parts += _texts(content, reading)
    for part in content if isinstance(content, list) else ():
        if part["type"] == "text":
            turn.parts += _texts(part["text"], reading)
        else:
            turn.parts.append(_image(part["image_url"], pictures))
    turn.parts += _calls(message.get("tool_calls") or [], reading)
    if answered := message.get("tool_call_id"):
        turn.name = f"{turn.name} {answered}".strip()
    if more := {key: value for key, value in message.items() if key not in _SHOWN}:
        turn.parts.append(data_part("also in this message", more, reading))
    if turn.role in ("system", "developer"):
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
            yield from _calls(
                value["tool_calls"], reading
            )  # how some log them, for want of a place
        else:
            yield Data("JSON", pieces(pretty), pretty.count("\n") < FOLD_LINES)
        return
    html = reading.markdown(text)
    lines = sum(1 + len(line) // LINE for line in text[: CHUNK * 5].split("\n"))
    yield Text(text, html, [] if html is not None else pieces(text), lines > FOLD_LINES * 1.25)


def _image(link: Mapping[str, Any], pictures: Mapping[str, Picture]) -> Part:
    url = str(link["url"])
    if picture := pictures.get(url):
        return replace(picture, detail=str(link.get("detail") or ""))
    return Link(url, url.lower().startswith(("http://", "https://")))


def _calls(calls: object, reading: Reading) -> Iterator[Data]:
    for call in calls if isinstance(calls, list) else [calls]:
        yield _call(call, reading)


def _call(call: object, reading: Reading) -> Data:
    """Its name and arguments, whose JSON is laid out; as it is when it is no call we know."""
    if not isinstance(call, dict):
        return data_part("tool call", call, reading)
    function = call.get("function", call)
    if not isinstance(function, dict) or "arguments" not in function:
        return data_part("tool call", call, reading)
    arguments = function["arguments"]
    if not isinstance(arguments, str):
        text = reading.value(arguments)
    else:
        text = reading.json(arguments) or arguments
    note = " ".join(str(part) for part in ("tool call", call.get("id")) if part)
    is_open = text.count("\n") < FOLD_LINES
    return Data(str(function.get("name") or "no name"), pieces(text), is_open, note)


def data_part(name: str, value: object, reading: Reading, *, is_open: bool = True) -> Data:
    """A value as JSON; a long one begins folded."""
    text = reading.value(value)
    return Data(name, pieces(text), is_open and text.count("\n") < FOLD_LINES)


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
