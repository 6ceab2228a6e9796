"""About how many tokens a text has, without any model's tokenizer."""

import re
from typing import Any

from adaptive_site.lib import exact_json
from interactions.models.content_parts import texts_of
from interactions.services.training.record import Message, ModelAnswer, TrainingRecord

# Common tokenizers make a token of about four characters of Latin script, and of one and a half of
# Chinese, Japanese and Korean. No tokenizer can be had without a model, so pages say "about".
CHARACTERS_PER_TOKEN = 4
WIDE_CHARACTERS_PER_TOKEN = 1.5
TOKENS_AN_IMAGE = 800  # of one image in the middle of what vision models take
_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]"
)


def of_text(text: str) -> int:
    """About how many tokens the text has: `of_text("hello you")` is 3."""
    if text.isascii():
        return -(-len(text) // CHARACTERS_PER_TOKEN)
    wide = len(_WIDE.findall(text))
    return round(wide / WIDE_CHARACTERS_PER_TOKEN + (len(text) - wide) / CHARACTERS_PER_TOKEN + 0.5)


def of_message(message: Message) -> int:
    """About how many tokens a message has, with what stands beside its text."""
    beside = {name: value for name, value in message.items() if name not in ("role", "content")}
    said = sum(of_text(text) for text in texts_of(message))
    return said + (of_text(_json(beside)) if beside else 0)


def of_prompt(record: TrainingRecord) -> int:
    """About how many tokens the prompt has, images and tools included."""
    words = sum(of_message(message) for message in record.messages)
    tools = of_text(_json(record.tools)) if record.tools else 0
    return words + tools + TOKENS_AN_IMAGE * len(record.images)


def of_answer(answer: ModelAnswer) -> int:
    """About how many tokens an answer has."""
    return of_message(answer.message)


def of_record(record: TrainingRecord) -> int:
    """About how many tokens the prompt has with its longest answer: what has to fit a model."""
    return of_prompt(record) + max((of_answer(one) for one in record.answers), default=0)


def _json(value: Any) -> str:
    return exact_json.dumps(value).decode()
