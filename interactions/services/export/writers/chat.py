"""Chat JSONL as OpenAI's fine-tuning introduced it, and many others take."""

from interactions.models import Image
from interactions.services.export.lines import LeftOut, Line, LineOptions
from interactions.services.export.writers import messages
from interactions.services.training.record import TrainingRecord

IMAGES_A_LINE = 10
IMAGE_BYTES = 10 * 1024 * 1024
IMAGE_FORMATS = (Image.Format.JPEG, Image.Format.PNG, Image.Format.WEBP)


def of_answer(record: TrainingRecord, options: LineOptions) -> Line:
    """`messages` that end with the answer, and `tools` if there are any."""
    said = [*messages.prompt_of(record, options), messages.answer_of(record, options)]
    return {"messages": _written(said, options), **_tools(record)}


def of_preference(record: TrainingRecord, options: LineOptions) -> Line:
    """`input` with the prompt, `preferred_output` and `non_preferred_output`."""
    prompt = messages.prompt_of(record, options)
    pair = messages.pair_of(record, options)
    if any(messages.images_of(prompt)):
        raise LeftOut("it has images, which preferences in this format are not taken with")
    return {
        "input": {"messages": _written(prompt, options), **_tools(record)},
        "preferred_output": _written(pair[:1], options),
        "non_preferred_output": _written(pair[1:], options),
    }


def _tools(record: TrainingRecord) -> Line:
    return {"tools": record.tools} if record.tools else {}


def _written(said: "list[Line] | tuple[Line, ...]", options: LineOptions) -> list[Line]:
    """The messages as OpenAI has them: all with texts, or all with parts where there are images."""
    pictures = list(messages.images_of(said))
    if len(pictures) > IMAGES_A_LINE:
        raise LeftOut(f"it has more than {IMAGES_A_LINE} images")
    made = []
    for one in said:
        content = one["content"]
        if pictures and content is not None:
            content = _parts(one, options)
        kept = {k: v for k, v in one.items() if k != "reasoning_content"}
        made.append(kept | {"content": content})
    return made


def _parts(message: Line, options: LineOptions) -> list[Line]:
    content = message["content"]
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if message["role"] != "user":
        raise LeftOut("an image is in a message that is not a user's")
    return [_part(part, options) for part in content]


def _part(part: Line, options: LineOptions) -> Line:
    if part["type"] == "text":
        return part
    image = part["image"]
    if not isinstance(image, str):
        if image.format not in IMAGE_FORMATS or not image.is_shown:
            raise LeftOut("an image is not JPEG, PNG or WebP")
        if image.size > IMAGE_BYTES:
            raise LeftOut("an image is larger than 10 MB")
        image = options.image_url(image)
    return {"type": "image_url", "image_url": {"url": image}}
