"""A stand-in for a model, which repeats what it was told, so that all can be tried offline."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Any

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import Invalid
from interactions.models.content_parts import image_address, is_text, parts_of, texts_of
from interactions.providers.base import Chunk, ModelRequest, SentImage
from projects.models import Llm

MAX_REPEATED = 2000
MAX_ITEMS = 10
MAX_SCHEMA_DEPTH = 20


class Echo:
    """Answers at once and always alike; a token is a word."""

    async def complete(self, ask: ModelRequest) -> dict[str, Any]:
        """The whole answer."""
        words, finish_reason = _said(ask)
        message = {"role": "assistant", "content": "".join(words)}
        return {
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": _usage(ask, words),
        }

    async def stream(self, ask: ModelRequest) -> AsyncGenerator[list[Chunk], None]:
        """The same, word by word."""
        words, finish_reason = _said(ask)
        for word in words:
            yield [{"choices": [{"index": 0, "delta": {"content": word}}]}]
            await asyncio.sleep(0)  # lets others have their turn between words
        yield [
            {"choices": [{"index": 0, "delta": {}, "finish_reason": finish_reason}]},
            {"choices": [], "usage": _usage(ask, words)},
        ]

    async def embed(self, llm: Llm, body: dict[str, Any]) -> dict[str, Any]:
        """Never: raises Invalid."""
        raise Invalid(f"the model {llm.key} has no embeddings; name one that has", field="model")


def _said(ask: ModelRequest) -> tuple[list[str], str]:
    """The words, each with the space after it, and why they end."""
    text = _answer(ask)
    stop = ask.options.get("stop")
    stops = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    ends = [text.find(end) for end in stops if isinstance(end, str) and end in text]
    words = re.findall(r"\s*\S+\s*", text[: min(ends)] if ends else text)
    limits = [ask.options.get(name) for name in ("max_completion_tokens", "max_tokens")]
    limit = next((given for given in limits if given is not None), None)
    if isinstance(limit, int) and len(words) > limit >= 0:
        return words[:limit], "length"
    return words, "stop"


def _answer(ask: ModelRequest) -> str:
    told = _last_user_text(ask.messages)
    if len(told) > MAX_REPEATED:
        told = f"{told[:MAX_REPEATED]}…"
    given = ask.options.get("response_format")
    wanted = given if isinstance(given, dict) else {}
    if wanted.get("type") == "json_schema":
        given = wanted.get("json_schema")
        schema = given.get("schema") if isinstance(given, dict) else None
        return exact_json.dumps(_instance(schema, told)).decode()
    if wanted.get("type") == "json_object":
        return exact_json.dumps({"echo": told}).decode()
    said = [f"You said: {told}" if told else "You said nothing."]
    return "\n\n".join([*said, *_described(ask)])


def _described(ask: ModelRequest) -> Iterator[str]:
    """What is known of the images."""
    if ask.images:
        count = len(ask.images)
        shown = "; ".join(map(_words_for, ask.images))
        yield f"You showed me {count} image{'s' if count > 1 else ''}: {shown}."
    parts = [part for message in ask.messages for part in parts_of(message)]
    urls = [url for part in parts if (url := image_address(part)) is not None]
    if linked := sum(1 for url in urls if url[:5].lower() != "data:"):
        yield f"You named {linked} image{'s' if linked > 1 else ''} by address; I fetch none."
    others = [part for part in parts if not is_text(part) and image_address(part) is None]
    if kinds := dict.fromkeys(map(_kind, others)):
        yield f"You sent me, too: {', '.join(kinds)}."


def _kind(part: object) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    return kind if isinstance(kind, str) else "a part of no type"


def _words_for(image: SentImage) -> str:
    size = f"{image.width} × {image.height} pixels, " if image.width else ""
    return f"{image.format}, {size}{image.size:,} bytes"


def _texts(messages: Sequence[dict[str, Any]]) -> Iterator[str]:
    return (text for message in messages for text in texts_of(message))


def _last_user_text(messages: Sequence[dict[str, Any]]) -> str:
    last = [message for message in messages if message["role"] == "user"][-1:] or messages[-1:]
    return " ".join(_texts(last)).strip()


def _usage(ask: ModelRequest, words: list[str]) -> dict[str, int]:
    asked = sum(len(text.split()) for text in _texts(ask.messages))
    return {
        "prompt_tokens": asked,
        "completion_tokens": len(words),
        "total_tokens": asked + len(words),
    }


def _instance(schema: object, told: str, depth: int = 0) -> Any:
    """A small value that fits a JSON schema of the common kind; texts in it are `told`."""
    if not isinstance(schema, dict) or depth > MAX_SCHEMA_DEPTH:
        return None
    if "const" in schema:
        return schema["const"]
    if choices := _list(schema, "enum"):
        return choices[0]
    if choices := _list(schema, "anyOf") or _list(schema, "oneOf") or _list(schema, "allOf"):
        return _instance(choices[0], told, depth + 1)
    kind = (_list(schema, "type") or [schema.get("type")])[0]
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return {name: _instance(inner, told, depth + 1) for name, inner in properties.items()}
    if kind == "array":
        least = schema.get("minItems")
        # Ten of ten, twenty levels deep, would fill any memory.
        most = MAX_ITEMS if depth < 2 else 1
        count = min(least, most) if isinstance(least, int) else 0
        return [_instance(schema.get("items"), told, depth + 1)] * count
    values = {"string": told, "integer": 0, "number": 0, "boolean": False, "object": {}}
    return values.get(kind) if isinstance(kind, str) else None


def _list(schema: Mapping[str, Any], name: str) -> list[Any]:
    found = schema.get(name)
    return found if isinstance(found, list) else []
