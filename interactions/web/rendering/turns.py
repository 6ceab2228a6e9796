"""A conversation made ready to be read: its turns, and the parts of each in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.urls import reverse

from adaptive_site.lib import exact_json
from adaptive_site.lib.word_diff import CHARACTERS_COMPARED
from interactions.models import Image, InteractionBody
from interactions.models.content_parts import IMAGE, image_address, is_text, parts_of, text_of
from interactions.services.browsing.rows import Whole
from interactions.services.images.store import STORED_IMAGE_SCHEME
from interactions.web.images.files import image_url
from interactions.web.rendering.json_blocks import Data, Reading, calls_of, data_part, is_name
from interactions.web.rendering.json_text import laid_out
from interactions.web.rendering.other_parts import beside, other_part, without_files
from interactions.web.rendering.text_parts import TextPart, answer_parts, text_parts, thought_part
from projects.models import Project

SYSTEM_ROLES = ("system", "developer")  # roles that say how to answer, not what
LONGEST_IMAGE_ADDRESS = 2_000  # of an image; a longer one is shown as JSON
LONGEST_SUMMARY = 140  # characters of a folded system prompt that are seen
WIDEST_IMAGE, HIGHEST_IMAGE = 720, 420  # of an image on the page, in pixels
THOUGHTS = ("reasoning_content", "reasoning")  # members of an answer; some servers say both
MOST_UNFOLDED, LAST_UNFOLDED = 8, 2  # messages before the answer; of more, all but the last fold
_SHOWN = {"role", "content", "name", "tool_calls", "tool_call_id"}  # the rest is shown as JSON
_NAMES = ("name", "tool_call_id")  # of these, if they are texts


@dataclass(frozen=True, slots=True)
class ImagePart:
    """One of our images, which the page shows or, if it did not decode, names."""

    kind: ClassVar[str] = "image"
    image: Image
    url: str
    detail: str = ""

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on the page, written there so that nothing moves while images load."""
        width, height = self.image.width, self.image.height
        scale = min(1.0, WIDEST_IMAGE / width, HIGHEST_IMAGE / height)
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, slots=True)
class AddressPart:
    """An image that was logged as an address only, which is never loaded."""

    kind: ClassVar[str] = "link"
    url: str
    is_safe: bool


TurnPart = TextPart | Data | ImagePart | AddressPart


@dataclass(slots=True)
class Turn:
    """One message, or the completion (`is_answer`)."""

    role: str
    name: str = ""
    is_answer: bool = False
    parts: list[TurnPart] = field(default_factory=list)
    summary: str = ""  # of a long system prompt, which is shown folded
    answers: str = ""  # the id of the tool call it is the result of, as the message says
    call: Data | None = None  # that call, once `link_results` has found it
    anchor: str = ""
    number: int = 0  # its position in the conversation, from 1
    is_system: bool = False  # the first that says how to answer

    @property
    def is_quiet(self) -> bool:
        """Whether it is neither the user's nor the model's."""
        return self.role not in ("user", "assistant")


@dataclass(frozen=True, slots=True)
class TurnGroup:
    """Turns in a row; `is_folded` when they are earlier ones of a long conversation."""

    turns: Sequence[Turn]
    is_folded: bool = False


def turn_groups(turns: Sequence[Turn]) -> list[TurnGroup]:
    """A conversation with its earlier messages folded, so that the answer is in sight.

    In sight stay what it begins with of the system, the last two messages, and the answer.
    """
    messages = [turn for turn in turns if not turn.is_answer]
    if len(messages) <= MOST_UNFOLDED:
        return [TurnGroup(turns)]
    end = len(messages)
    start = next((n for n, turn in enumerate(messages) if turn.role not in SYSTEM_ROLES), end)
    end -= LAST_UNFOLDED
    if end - start < 2:
        return [TurnGroup(turns)]
    return [TurnGroup(turns[:start]), TurnGroup(turns[start:end], True), TurnGroup(turns[end:])]


def turns_of(
    project: Project,
    one: Whole,
    *,
    is_raw: bool,
    skip: int = 0,
    reading: Reading | None = None,
    plain: str = "",
) -> list[Turn]:
    """The messages of an interaction and its completion; raw text is not formatted.

    Of a conversation that is too long to be formatted whole, its end is. Without the first
    `skip` messages, which a page shows elsewhere; pages of several interactions share a `reading`.
    `plain` is where all of it stands, if not on the interaction's own pages.
    """
    body = one.interaction.body
    images = {
        f"{STORED_IMAGE_SCHEME}{image.sha256}": ImagePart(image, image_url(project, image))
        for image in one.images
    }
    reading = reading or Reading(is_raw)
    model = one.interaction.llm
    answer = Turn("assistant", model.name if model else "", is_answer=True)
    where = {"key": project.key, "id": one.interaction.id}
    raw, text = (plain or reverse(f"interaction-{name}", kwargs=where) for name in ("raw", "text"))
    reading.link = raw
    answer.parts = _answer(body, reading, text)
    made: list[Turn] = []
    for number in range(len(body.messages) - 1, skip - 1, -1):
        if not reading.has_room():
            made.append(_left_out(number + 1 - skip, raw))
            break
        link = f"{text}?message={number + 1}"
        made.append(_turn(body.messages[number], images, reading, link))
    turns = [*reversed(made), answer]
    for number, turn in enumerate(turns, 1):
        turn.number = number
    link_results(turns, one.interaction.id.hex)
    if system := next((turn for turn in turns if turn.role in SYSTEM_ROLES), None):
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


def _left_out(n: int, link: str) -> Turn:
    """What stands for earlier messages of which a page has no room."""
    words = f"{n:,} earlier message{'' if n == 1 else 's'}"
    return Turn("…", parts=[Data(words, [], True, rest=n, link=link)])


def too_large(size: int, link: str) -> Turn:
    """A placeholder for a turn that is too large to be read with the others."""
    words = f"{size / 1e6:,.1f} MB"
    return Turn("…", parts=[Data(words, [], True, rest=size, link=link, way="its own page")])


def _answer(body: InteractionBody, reading: Reading, link: str) -> list[TurnPart]:
    """The thoughts before the completion, its text, its tool calls, and whatever else came."""
    said = dict(body.completion_parts or {})
    calls = list(calls_of(said.pop("tool_calls", None) or [], reading))
    parts: list[TurnPart] = (
        [] if calls and not body.completion else [*answer_parts(body.completion, reading, link)]
    )
    if not reading.is_raw:
        thoughts = dict.fromkeys(
            said.pop(name) for name in THOUGHTS if isinstance(said.get(name), str)
        )
        parts[:0] = [thought_part(one, reading, reading.link) for one in thoughts if one.strip()]
    more = [
        data_part(name, without_files(value), reading)
        if is_name(name)
        else data_part("also in this answer", {name: value}, reading)
        for name, value in said.items()
        if value not in (None, "", [], {}) and reading.has_room()
    ]
    return [*parts, *calls, *more]


def answer_text(body: InteractionBody) -> str:
    """The completion, and whatever came with it as JSON."""
    if not body.completion_parts:
        return body.completion
    beside = exact_json.dumps(body.completion_parts).decode()
    layout = laid_out(beside, CHARACTERS_COMPARED)
    return f"{body.completion}\n{layout.text if layout else beside}".strip("\n")


def _turn(
    message: dict[str, Any], images: Mapping[str, ImagePart], reading: Reading, link: str
) -> Turn:
    turn = Turn(str(message["role"]), _name(message, "name"))
    parts, is_list = parts_of(message), isinstance(message.get("content"), list)
    for n, part in enumerate(parts):
        if is_list and not reading.has_room():
            left = len(parts) - n
            turn.parts.append(Data(f"{left:,} more parts", [], True, rest=left, link=reading.link))
            break
        turn.parts += _part(turn.role, part, images, reading, link)
    turn.parts += calls_of(message.get("tool_calls") or [], reading)
    turn.answers = _name(message, "tool_call_id")
    more = {
        key: value
        for key, value in message.items()
        if key not in _SHOWN or (key in _NAMES and not is_name(value))
    }
    if more:
        turn.parts.append(data_part("also in this message", without_files(more), reading))
    if turn.role in SYSTEM_ROLES:
        turn.summary = _summary(turn)
    return turn


def _summary(turn: Turn) -> str:
    text = " ".join(part.text for part in turn.parts if isinstance(part, TextPart))
    line = " ".join(text[: 4 * LONGEST_SUMMARY].split())
    is_short = len(turn.parts) == 1 and len(text) <= LONGEST_SUMMARY and "\n" not in text.strip()
    return "" if is_short or not line else line[:LONGEST_SUMMARY]


def _name(message: Mapping[str, Any], member: str) -> str:
    """A member, if it is a name."""
    value = message.get(member)
    return value if isinstance(value, str) and is_name(value) else ""


def _part(
    role: str, part: Any, images: Mapping[str, ImagePart], reading: Reading, link: str
) -> Iterator[TurnPart]:
    url = image_address(part)
    if is_text(part):
        read = answer_parts if role == "assistant" else text_parts
        yield from read(text_of(part) or "", reading, link)
    elif url is None or len(url) > LONGEST_IMAGE_ADDRESS:
        yield other_part(part, reading)
        return
    elif shown := images.get(url):
        image = part[IMAGE]
        detail = image.get("detail") if isinstance(image, dict) else None
        yield replace(shown, detail=str(detail or ""))
    else:
        yield AddressPart(url, url.lower().startswith(("http://", "https://")))
    yield from beside(part, reading)
