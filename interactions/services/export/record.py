"""An interaction as a line of a file that `manage.py ingest` reads back."""

from collections.abc import Callable, Mapping
from typing import Any

from interactions.models import Feedback, Image
from interactions.models.content_parts import at_address, image_address
from interactions.services.browsing.rows import Whole
from interactions.services.images.store import STORED_IMAGE_SCHEME
from interactions.services.recording.drafts import check_text
from projects.models import Metric

# Says which line of how many it is: a file's own, not the interaction's.
EXPORT = "export"


def without_place(line: dict[str, Any]) -> dict[str, Any]:
    """A line without its number in the file, so that it is the same in every file.

    >>> without_place({"completion": "Hi", "export": {"line": 1, "of": 2}})
    {'completion': 'Hi'}
    """
    place = line.get(EXPORT)
    if not isinstance(place, dict) or place.keys() != {"line", "of"}:
        return line  # somebody else's member of that name
    return {name: value for name, value in line.items() if name != EXPORT}


SERVER_NOTES = ("finish_reason", "cut_short")  # of the server, which an import takes back


def notes_in(line: Mapping[str, Any], response: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a line tells of how its answer ended and what came beside it, as bodies keep it."""
    said = {name: check_text(line.get(name), field=name) for name in SERVER_NOTES}
    notes: dict[str, Any] = {name: text for name, text in said.items() if text}
    if response:
        notes["response"] = response
    return notes or None


def line_of(one: Whole, *, image_url: Callable[[Image], str]) -> dict[str, Any]:
    """What `ingest` takes of an interaction, with `image_url` of each image for our reference.

    Members without a value are left out. `id` is kept by an import where it is free. Not in it:
    who logged and who judged it, its source, comparisons, and the server's other notes.
    """
    row, body = one.interaction, one.interaction.body
    notes = body.system or {}
    pictures = {f"{STORED_IMAGE_SCHEME}{image.sha256}": image for image in one.images}
    line = {
        "id": str(row.id),
        "created_at": row.created_at.isoformat(),
        "model": row.llm.key if row.llm else None,
        "messages": [_message(message, pictures, image_url) for message in body.messages],
        "completion": body.completion,
        "completion_parts": body.completion_parts,
        "labels": {label.key: label.value for label in one.labels},
        "feedbacks": [_feedback(given) for given in reversed(one.feedback)] or None,
        "session_id": str(row.session_id) if row.session_id else None,
        "external_id": row.external_id,
        "parameters": body.parameters,
        "usage": body.usage,
        "latency_ms": row.latency_ms,
        "ttft_ms": row.ttft_ms,
        "response": notes.get("response"),
        **{name: notes.get(name) for name in SERVER_NOTES},
        "user_metadata": body.user_metadata,
        "said_by": row.said_by,
    }
    return {name: value for name, value in line.items() if value is not None}


def _message(
    message: dict[str, Any], pictures: Mapping[str, Image], image_url: Callable[[Image], str]
) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_part(part, pictures, image_url) for part in content]}


def _part(part: Any, pictures: Mapping[str, Image], image_url: Callable[[Image], str]) -> Any:
    picture = pictures.get(image_address(part) or "")
    return part if picture is None else at_address(part, image_url(picture))


def _feedback(one: Feedback) -> dict[str, Any]:
    is_bool = one.metric.kind == Metric.Kind.BOOL
    given = {
        "feedback_key": one.metric.key,
        "value": bool(one.value) if is_bool else one.value,
        "reason": one.reason or None,
        "details": one.details or None,
        "created_at": one.created_at.isoformat(),
        "said_by": one.said_by,
    }
    return {name: value for name, value in given.items() if value is not None}
