"""Lines as `manage.py ingest` and the import page read them: of interactions and preferences."""

from typing import Any

from interactions.models.content_parts import at_address, image_address
from interactions.services.export.lines import LeftOut, Line, LineOptions
from interactions.services.images.store import STORED_IMAGE_SCHEME
from interactions.services.training.record import ModelAnswer, TrainingRecord


def of_record(record: TrainingRecord, options: LineOptions) -> Line:
    """What an import takes of a record; members without a value are left out."""
    if record.answer is None:
        raise LeftOut("there is no answer")
    is_pair = record.other is not None
    sides = _sides(record.answer, record.other) if record.other else _answer(record.answer)
    line = {
        "messages": [message_of(message, options) for message in record.messages],
        **sides,
        "parameters": {"tools": record.tools} if record.tools else None,
        "labels": record.labels or None,
        "session_id": record.session_id,
        "created_at": record.created_at,
    }
    if is_pair:
        line |= {"feedback_key": record.metric or "preference", "tied": record.tied}
    else:
        given = record.feedback.items()
        line["feedbacks"] = [{"feedback_key": key, "value": value} for key, value in given] or None
        line["user_metadata"] = record.metadata or None
    return {name: value for name, value in line.items() if value is not None}


def _answer(answer: ModelAnswer) -> Line:
    return {
        "completion": answer.text,
        "completion_parts": answer.parts,
        "model": answer.model,
    }


def _sides(preferred: ModelAnswer, other: ModelAnswer) -> Line:
    if preferred.parts or other.parts:
        raise LeftOut("an answer holds more than text, which preferences have no place for")
    if (preferred.model, preferred.text) == (other.model, other.text):
        raise LeftOut("the two answers are the same")
    return {
        "preferred": {"model": preferred.model, "text": preferred.text},
        "other": {"model": other.model, "text": other.text},
    }


def message_of(message: Line, options: LineOptions) -> Line:
    """A message as it was logged, with what stands for an image of ours in the place of it."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_part(part, options) for part in content]}


def _part(part: Any, options: LineOptions) -> Any:
    address = image_address(part) or ""
    if not address.startswith(STORED_IMAGE_SCHEME):
        return part
    image = options.picture(address.removeprefix(STORED_IMAGE_SCHEME))
    return at_address(part, options.image_url(image))
