"""A stand-in for a model: it says what it was told, so that everything can be tried offline."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Any

from adaptive_site.lib import exactjson
from adaptive_site.lib.errors import Invalid
from projects.models import Llm

from .base import Ask, Chunk, Picture

MAX_REPEATED = 2000
MAX_ITEMS = 10
MAX_DEPTH = 20


class Echo:
    """Answers at once and always alike; a token is a word."""

    async def complete(self, ask: Ask) -> dict[str, Any]:
        """The whole answer."""
        words, finish_reason = _said(ask)
        message = {"role": "assistant", "content": "".join(words)}
        return {
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": _usage(ask, words),
        }

    async def stream(self, ask: Ask) -> AsyncGenerator[list[Chunk], None]:
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


def _said(ask: Ask) -> tuple[list[str], str]:
    """The words, each with the space after it, and why they end."""
    text = _answer(ask)
    stop = ask.options.get("stop") or []
    ends = [text.find(end) for end in ([stop] if isinstance(stop, str) else stop) if end in text]
    words = re.findall(r"\s*\S+\s*", text[: min(ends)] if ends else text)
    limit = ask.options.get("max_completion_tokens", ask.options.get("max_tokens"))
    if isinstance(limit, int) and len(words) > limit >= 0:
        return words[:limit], "length"
    return words, "stop"


def _answer(ask: Ask) -> str:
    told = _last_user_text(ask.messages)
    if len(told) > MAX_REPEATED:
        told = f"{told[:MAX_REPEATED]}…"
    wanted = ask.options.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        given = wanted.get("json_schema")
        schema = given.get("schema") if isinstance(given, dict) else None
        return exactjson.dumps(_instance(schema, told)).decode()
    if wanted.get("type") == "json_object":
        return exactjson.dumps({"echo": told}).decode()
    said = [f"You said: {told}" if told else "You said nothing."]
    return "\n\n".join([*said, *_described(ask)])


def _described(ask: Ask) -> Iterator[str]:
    """What is known of the images."""
    if ask.pictures:
        count = len(ask.pictures)
        shown = "; ".join(map(_words_for, ask.pictures))
        yield f"You showed me {count} image{'s' if count > 1 else ''}: {shown}."
    if linked := sum(1 for url in _image_urls(ask.messages) if url[:5].lower() != "data:"):
        yield f"You named {linked} image{'s' if linked > 1 else ''} by address; I fetch none."


def _words_for(picture: Picture) -> str:
    size = f"{picture.width} × {picture.height} pixels, {picture.size:,} bytes"
    return f"{picture.format}, {size}"


def _parts(messages: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            yield {"type": "text", "text": content}
        else:
            yield from content or ()


def _texts(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (part["text"] for part in _parts(messages) if part["type"] == "text")


def _image_urls(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (part["image_url"]["url"] for part in _parts(messages) if part["type"] == "image_url")


def _last_user_text(messages: Sequence[Mapping[str, Any]]) -> str:
    last = [message for message in messages if message["role"] == "user"][-1:] or messages[-1:]
    return " ".join(_texts(last)).strip()


def _usage(ask: Ask, words: list[str]) -> dict[str, int]:
    asked = sum(len(text.split()) for text in _texts(ask.messages))
    return {
        "prompt_tokens": asked,
        "completion_tokens": len(words),
        "total_tokens": asked + len(words),
    }


def _instance(schema: object, told: str, depth: int = 0) -> Any:
    """A small value that fits a JSON schema of the common kind; texts in it are `told`."""
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
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
