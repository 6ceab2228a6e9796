"""The lines of the SDK's datasets, one schema for each kind."""

from interactions.models import Dataset, Image
from interactions.services.export.lines import LeftOut, Line, LineOptions
from interactions.services.export.writers import messages
from interactions.services.training.record import ModelAnswer, TrainingRecord

IMAGE_BYTES = 10 * 1024 * 1024
IMAGE_FORMATS = (
    Image.Format.JPEG, Image.Format.PNG, Image.Format.WEBP, Image.Format.GIF,
)  # fmt: skip


def of_record(record: TrainingRecord, options: LineOptions) -> Line:
    """`messages`, and what the record has of an answer, two of them and feedback."""
    said = [_message(messages.message_of(one, options), options) for one in record.messages]
    if not said:
        raise LeftOut("the prompt is empty")
    line: Line = {"messages": said}
    if record.answer is not None and record.other is not None:
        if record.tied:
            raise LeftOut("the two answers tie")
        line["preferred_completion"] = _completion(record.answer)
        line["other_completion"] = _completion(record.other)
        line["feedback_key"] = record.metric or "preference"
    elif record.answer is not None:
        line["completion"] = _completion(record.answer)
    if options.kind == Dataset.Kind.FEEDBACK:
        if not record.feedback:
            raise LeftOut("there is no feedback")
        line["feedbacks"] = record.feedback
    if record.labels:
        line["labels"] = record.labels
    if record.metadata:
        line["metadata"] = record.metadata
    return line


def _completion(answer: ModelAnswer) -> str:
    if (answer.parts or {}).get("tool_calls"):
        raise LeftOut("it has tool calls, which this format has no place for")
    if not answer.text:
        raise LeftOut("the answer is empty")
    return answer.text


def _message(message: Line, options: LineOptions) -> Line:
    if message.get("tool_calls") or message["role"] == "tool":
        raise LeftOut("it has tool calls, which this format has no place for")
    content = message["content"]
    if isinstance(content, list):
        content = [_part(part, options) for part in content]
    return {"role": message["role"], "content": content}


def _part(part: Line, options: LineOptions) -> Line:
    if part["type"] == "text":
        return part
    image = part["image"]
    if isinstance(image, str):
        raise LeftOut("an image is known by its address alone, without its bytes")
    if image.format not in IMAGE_FORMATS or not image.is_shown:
        raise LeftOut("an image is not JPEG, PNG, WebP or GIF")
    if image.size > IMAGE_BYTES:
        raise LeftOut("an image is larger than 10 MB")
    return {"type": "image", "url": options.image_url(image)}
