"""A conversation made ready to be read: its turns, and the parts of each in their order."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils.safestring import SafeString

from interactions.models import Image
from interactions.services.images import OURS
from interactions.services.reading import Whole
from projects.models import Project

from . import markdown
from .highlighting import MAX_LENGTH, pretty_json
from .images import image_url

FOLD_LINES = 40
LINE = 80  # characters, about, in a line of the page
CHUNK = 20_000
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


def turns_of(project: Project, one: Whole, *, is_raw: bool) -> list[Turn]:
    """The messages of an interaction and its completion; raw text is not read as Markdown."""
    body = one.interaction.body
    pictures = {
        f"{OURS}{image.sha256}": Picture(image, image_url(project, image)) for image in one.images
    }
    made = [_turn(message, pictures, is_raw) for message in body.messages]
    model = one.interaction.llm
    answer = Turn("assistant", model.name if model else "", is_answer=True)
    answer.parts = list(_texts(body.completion, is_raw))
    return [*made, answer]


def _turn(message: dict[str, Any], pictures: Mapping[str, Picture], is_raw: bool) -> Turn:
    content = message.get("content")
    turn = Turn(str(message["role"]), str(message.get("name") or ""))
    if isinstance(content, str):
        turn.parts += _texts(content, is_raw)
    for part in content if isinstance(content, list) else ():
        if part["type"] == "text":
            turn.parts += _texts(part["text"], is_raw)
        else:
            turn.parts.append(_image(part["image_url"], pictures))
    turn.parts += _calls(message.get("tool_calls") or [], is_raw)
    if answered := message.get("tool_call_id"):
        turn.name = f"{turn.name} {answered}".strip()
    if more := {key: value for key, value in message.items() if key not in _SHOWN}:
        turn.parts.append(data_part("also in this message", more))
    if turn.role in ("system", "developer"):
        turn.summary = _summary(turn)
    return turn


def _summary(turn: Turn) -> str:
    text = " ".join(part.text for part in turn.parts if isinstance(part, Text))
    line = " ".join(text[: 4 * SUMMARY].split())
    is_short = len(turn.parts) == 1 and len(text) <= SUMMARY and "\n" not in text.strip()
    return "" if is_short or not line else line[:SUMMARY]


def _texts(text: str, is_raw: bool) -> Iterator[Part]:
    """JSON when the whole text is an object or a list, else text."""
    if not is_raw and len(text) <= MAX_LENGTH and (pretty := pretty_json(text)) is not None:
        value = json.loads(text)
        if isinstance(value, dict) and list(value) == ["tool_calls"] and value["tool_calls"]:
            yield from _calls(value["tool_calls"], is_raw)  # how some log them, for want of a place
        else:
            yield Data("JSON", pieces(pretty), pretty.count("\n") < FOLD_LINES)
        return
    html = None if is_raw else markdown.render(text)
    lines = sum(1 + len(line) // LINE for line in text[: CHUNK * 5].split("\n"))
    yield Text(text, html, [] if html is not None else pieces(text), lines > FOLD_LINES * 1.25)


def _image(link: Mapping[str, Any], pictures: Mapping[str, Picture]) -> Part:
    url = str(link["url"])
    if picture := pictures.get(url):
        return replace(picture, detail=str(link.get("detail") or ""))
    return Link(url, url.lower().startswith(("http://", "https://")))


def _calls(calls: object, is_raw: bool) -> Iterator[Data]:
    for call in calls if isinstance(calls, list) else [calls]:
        yield _call(call, is_raw)


def _call(call: object, is_raw: bool) -> Data:
    """Its name and arguments, whose JSON is laid out; as it is when it is no call we know."""
    if not isinstance(call, dict):
        return data_part("tool call", call)
    function = call.get("function", call)
    if not isinstance(function, dict) or "arguments" not in function:
        return data_part("tool call", call)
    arguments = function["arguments"]
    if not isinstance(arguments, str):
        text = json.dumps(arguments, ensure_ascii=False, indent=2)
    else:
        text = arguments if is_raw else pretty_json(arguments) or arguments
    note = " ".join(str(part) for part in ("tool call", call.get("id")) if part)
    is_open = text.count("\n") < FOLD_LINES
    return Data(str(function.get("name") or "no name"), pieces(text), is_open, note)


def data_part(name: str, value: object, *, is_open: bool = True) -> Data:
    """A value as JSON; a long one begins folded."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
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
