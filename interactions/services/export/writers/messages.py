"""The messages of a record in one plain shape, checked, that the writers of formats start from.

A message has `role`, `content` (a text, a list of parts, or None beside tool calls), and where it
has them `tool_calls`, `tool_call_id`, `name` and `reasoning_content`. A part is
`{"type": "text", "text": …}` or `{"type": "image", "image": …}` with an `Image` or an address.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from adaptive_site.lib import exact_json
from interactions.models import Image
from interactions.models.content_parts import image_address, is_text, text_of
from interactions.services.export.lines import WITH_IMAGES, LeftOut, Line, LineOptions
from interactions.services.images.store import STORED_IMAGE_SCHEME
from interactions.services.training.record import ModelAnswer, TrainingRecord

ROLES = {
    "system": "system",
    "developer": "system",  # what OpenAI calls it since its reasoning models
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_ROLES_KEPT = tuple(name for name, role in ROLES.items() if name == role)
_BESIDE = ("tool_call_id", "name")
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


def prompt_of(record: TrainingRecord, options: LineOptions) -> list[Line]:
    """The record's messages; the very list of the record where all are plain as they are.

    Raises LeftOut where a trainer could not ask for an answer to them.
    """
    said = record.messages
    for one in said:
        if not _is_plain(one):
            said = [message_of(one, options) for one in said]
            break
    if not said:
        raise LeftOut("the prompt is empty")
    if said[-1]["role"] == "assistant":
        raise LeftOut("the prompt ends with a message of the assistant")
    if said[-1]["role"] == "system":
        raise LeftOut("the prompt has no message of a user")
    return said


def answer_of(record: TrainingRecord, options: LineOptions) -> Line:
    """The record's answer as a message of the assistant."""
    if record.answer is None:
        raise LeftOut("there is no answer")
    return _answer(record.answer, options)


def pair_of(record: TrainingRecord, options: LineOptions) -> tuple[Line, Line]:
    """The preferred answer and the other one, which differ."""
    if record.answer is None or record.other is None:
        raise LeftOut("there is no second answer")
    if record.tied:
        raise LeftOut("the two answers tie")
    pair = _answer(record.answer, options), _answer(record.other, options)
    if pair[0] == pair[1]:
        raise LeftOut("the two answers are the same")
    return pair


def _answer(answer: ModelAnswer, options: LineOptions) -> Line:
    if answer.parts is None and answer.text:
        return {"role": "assistant", "content": answer.text}
    message = message_of(answer.message, options)
    if not message.get("content") and "tool_calls" not in message:
        raise LeftOut("the answer is empty")
    return message


def message_of(message: Line, options: LineOptions) -> Line:
    """One message in the plain shape."""
    if _is_plain(message):
        return message
    role = ROLES.get(str(message.get("role")))
    if role is None:
        raise LeftOut("a message has a role that trainers do not know")
    made: Line = {"role": role, "content": _content(message.get("content"), options)}
    if calls := message.get("tool_calls"):
        made["tool_calls"] = [_call(one) for one in _list(calls)]
        made["content"] = made["content"] or None
    elif made["content"] is None:
        if role != "assistant" or not message.get("refusal"):
            raise LeftOut("a message has no content")
        raise LeftOut("an answer is a refusal without text")
    if message.get("function_call") or message.get("audio"):
        raise LeftOut("a message holds more than text, images and tool calls")
    for name in _BESIDE:
        if isinstance(message.get(name), str):
            made[name] = message[name]
    thought = next((message[name] for name in _THOUGHTS if message.get(name)), None)
    if role == "assistant" and isinstance(thought, str):
        made["reasoning_content"] = thought
    return made


def _is_plain(message: Line) -> bool:
    """Whether a message is in the plain shape as it is, without images; most are."""
    return (
        len(message) == 2
        and message.get("role") in _ROLES_KEPT
        and type(message.get("content")) is str
    )


def _content(content: Any, options: LineOptions) -> Any:
    """A text where there are only texts, a line for each part; else the list of parts."""
    if content is None or isinstance(content, str):
        return content
    parts = [_part(part, options) for part in _list(content)]
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts) if parts else None
    return parts


def _part(part: Any, options: LineOptions) -> Line:
    if is_text(part):
        return {"type": "text", "text": text_of(part)}
    address = image_address(part)
    if address is None:
        raise LeftOut("a message holds a part that is neither text nor image")
    if address.startswith(STORED_IMAGE_SCHEME):
        return {
            "type": "image",
            "image": options.picture(address.removeprefix(STORED_IMAGE_SCHEME)),
        }
    return {"type": "image", "image": address}


def _call(call: Any) -> Line:
    """A call with its arguments as a string of JSON: as objects they would not keep their types."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise LeftOut("a tool call is none of a function")
    arguments = function.get("arguments")
    return {
        "id": str(call.get("id") or ""),
        "type": "function",
        "function": {
            "name": function["name"],
            "arguments": arguments if isinstance(arguments, str) else json_of(arguments or {}),
        },
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def json_of(value: Any) -> str:
    """A value as a string of JSON."""
    return exact_json.dumps(value).decode()


def images_of(messages: Sequence[Line]) -> Iterator[Image | str]:
    """The images in messages, in their order; a text is the address of one that is not ours."""
    for message in messages:
        if isinstance(message["content"], list):
            yield from (part["image"] for part in message["content"] if part["type"] == "image")


def stored_images(messages: Sequence[Line], options: LineOptions) -> list[str]:
    """The names of the messages' images as files beside the lines. Raises LeftOut without such."""
    if all(type(message["content"]) is str for message in messages):
        return []
    found = list(images_of(messages))
    if found and options.container not in WITH_IMAGES:
        raise LeftOut("it has images, which need a zip or Parquet in this format")
    return [file_of(image) for image in found]


def file_of(image: Image | str) -> str:
    """The name of an image's file beside the lines; its hash, so that equal ones are one."""
    if isinstance(image, str):
        raise LeftOut("an image is known by its address alone, without its bytes")
    if not image.is_shown:
        raise LeftOut("an image does not decode")
    return f"images/{image.sha256}.{image.format}"


def extras(record: TrainingRecord, options: LineOptions) -> Line:
    """What may stand beside, and trainers pass over: where it is from, labels and metadata."""
    if not options.with_extras:
        return {}
    return {
        "interaction": str(record.interaction_id) if record.interaction_id else None,
        "labels": json_of(record.labels),
        "metadata": json_of(record.metadata),
    }
