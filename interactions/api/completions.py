"""Answers of models in the SDK's shape and OpenAI's at once."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.hot import HotRequest, HotResponse
from interactions.providers import UpstreamError
from interactions.services import chat
from interactions.services.chat import Exchange

EVENTS = "text/event-stream; charset=utf-8"
# Both clients want numbers; what is stored stays empty when the provider does not count.
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_DONE = b"data: [DONE]\n\n"


def as_completion(exchange: Exchange) -> dict[str, Any]:
    """A `chat.completion`, once the answer is whole."""
    heard, id = exchange.heard, str(exchange.id)
    message = {"id": id, "role": "assistant", "content": heard.text, **(heard.parts or {})}
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": heard.finish_reason,
        "completion_id": id,
        "model": exchange.ask.llm.key,
    }
    return {
        **_head(exchange, "chat.completion"),
        "choices": [choice],
        "usage": heard.usage or _NO_USAGE,
    }


async def as_events(
    exchange: Exchange, request: HotRequest, *, wants_usage: bool
) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events, as many at a time as arrived together.

    A failure before the first one is raised; a later one is told by an event, the last.
    """
    head = orjson.dumps(_head(exchange, "chat.completion.chunk"))[:-1]
    start = b"data: " + head + (b',"usage":null' if wants_usage else b"") + b',"choices":['
    id = str(exchange.id)
    role = "assistant"

    def event(choice: dict[str, Any]) -> bytes:
        nonlocal role
        choice["completion_id"] = id
        # OpenAI's client joins the texts of all deltas, these two as well, so each is said once;
        # the SDK wants texts in every delta.
        choice["delta"] |= {"id": id if role else "", "role": role}
        role = ""
        return start + orjson.dumps(choice) + b"]}\n\n"

    try:
        async with aclosing(chat.stream(exchange)) as arriving:
            async for choices in arriving:
                yield b"".join(map(event, choices))
    except DomainError as error:
        if not role:
            yield _error_event(error, request)
            return
        raise
    # Committed by now: whoever leaves at the ending may give feedback at once.
    ending: dict[str, Any] = {"index": 0, "delta": {"content": ""}}
    last = [event({**ending, "finish_reason": exchange.heard.finish_reason})]
    if wants_usage:
        usage = orjson.dumps(exchange.heard.usage or _NO_USAGE)
        last.append(b"data: " + head + b',"usage":' + usage + b',"choices":[]}\n\n')
    yield b"".join([*last, _DONE])


def _head(exchange: Exchange, object: str) -> dict[str, Any]:
    return {
        "id": str(exchange.id),
        "object": object,
        "created": int(exchange.draft.created_at.timestamp()),
        "model": f"{exchange.project.key}/{exchange.ask.llm.key}",
        "session_id": str(exchange.session_id),
    }


def refused(error: DomainError, request: HotRequest) -> HotResponse:
    """The error as JSON, or as an event for a client that looks at nothing else.

    The SDK does not read the status of a stream, only events; OpenAI's client reads both.
    """
    headers = {}
    if isinstance(error, UpstreamError) and error.retry_after:
        headers["Retry-After"] = error.retry_after
    if "text/event-stream" in request.headers.get("accept", ""):
        return HotResponse(error.status, _error_event(error, request), EVENTS, headers)
    return HotResponse(error.status, orjson.dumps(_fault(error, request)), headers=headers)


def _fault(error: DomainError, request: HotRequest) -> dict[str, Any]:
    """What went wrong, as the client at hand shows it to people.

    The SDK wants a text. OpenAI's clients, which all send a header of this name, say only
    "Error code: 404" unless it is their own object.
    """
    if "x-stainless-lang" not in request.headers:
        return {"error": str(error)} | ({"field": error.field} if error.field else {})
    kind = "invalid_request_error" if error.status < 500 else "api_error"
    known = {"message": str(error), "type": kind, "param": error.field or None}
    return {"error": {**known, "code": str(error.status)}}


def _error_event(error: DomainError, request: HotRequest) -> bytes:
    return b"data: " + orjson.dumps(_fault(error, request)) + b"\n\n"
