"""Answers of models in the SDK's shape and OpenAI's at once."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import orjson

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.exact_json import dumps
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse
from interactions.api.openai.errors import fault
from interactions.providers import UpstreamError
from interactions.providers.choices import AnswerChoice, has_other_parts, text_of
from interactions.services.chat import exchange as chat_exchange
from interactions.services.chat.exchange import ChatExchange

EVENTS = "text/event-stream; charset=utf-8"
# Both clients want numbers; what is stored stays empty when the provider does not count.
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_DONE = b"data: [DONE]\n\n"
_WAITING = b": the model is silent\n\n"


def as_completion(exchange: ChatExchange, request: DirectRequest) -> dict[str, Any]:
    """A `chat.completion`, once the answer is whole: the provider's, with our names in it."""
    heard = exchange.heard
    return {
        **heard.waiting,
        **_head(exchange, "chat.completion"),
        "choices": [_choice(exchange, one, is_sdk=_is_sdk(request)) for one in heard.choices],
        "usage": _NO_USAGE | (heard.usage or {}),
    }


def _choice(exchange: ChatExchange, choice: AnswerChoice, *, is_sdk: bool) -> dict[str, Any]:
    id, said = str(exchange.id), choice.message or {}
    # A text in any case but for content that is more than text, which other clients know.
    content = said.get("content") if has_other_parts(said.get("content")) else choice.text
    content = choice.text if is_sdk else content
    message = {**said, "id": id, "role": "assistant", "content": content}
    return {
        **choice.more,
        "index": choice.index,
        "message": message,
        "finish_reason": choice.finish_reason,
        "completion_id": id,
        "model": exchange.ask.llm.key,
    }


def _is_sdk(request: DirectRequest) -> bool:
    return request.headers.get("user-agent", "").startswith("adaptive_sdk/")


async def as_events(
    exchange: ChatExchange, request: DirectRequest, *, wants_usage: bool
) -> AsyncGenerator[bytes, None]:
    """The answer as server-sent events, as many at a time as arrived together.

    A failure before the first one is raised; a later one is told by an event, the last. While
    the provider is silent there are comments.
    """
    head = dumps(_head(exchange, "chat.completion.chunk"))[:-1] + b","
    start = b"data: " + head + (b'"usage":null,' if wants_usage else b"")
    id, is_sdk, is_begun = str(exchange.id), _is_sdk(request), False
    begun: set[int] = set()

    def event(chunk: dict[str, Any]) -> bytes:
        for choice in chunk["choices"]:
            choice["completion_id"] = id
            delta = choice["delta"]
            if is_sdk:  # wants all three, as texts, every time
                delta |= {"id": id, "role": "assistant", "content": text_of(delta.get("content"))}
            elif choice["index"] not in begun:
                # Once alone: OpenAI's client joins the texts of all deltas, these two as well,
                # and others take an empty role for an unknown one.
                begun.add(choice["index"])
                choice["delta"] = {"id": id, "role": "assistant", **delta}
        return start + dumps(chunk)[1:] + b"\n\n"

    try:
        async with aclosing(chat_exchange.stream(exchange)) as arriving:
            async for chunks in arriving:
                yield b"".join(map(event, chunks)) if chunks else _WAITING
                is_begun = True
    except DomainError as error:
        if is_begun:
            yield _error_event(error, request)
            return
        raise
    # Committed by now: whoever leaves at the ending may give feedback at once.
    last = [event(chunk) for chunk in _endings(exchange)]
    if wants_usage:
        usage = dumps(_NO_USAGE | (exchange.heard.usage or {}))
        last.append(b"data: " + head + b'"usage":' + usage + b',"choices":[]}\n\n')
    yield b"".join([*last, _DONE])


def _endings(exchange: ChatExchange) -> Iterator[dict[str, Any]]:
    """For each choice the chunk that says why it ends; in the first, what was not handed on yet."""
    beside = exchange.heard.waiting
    for one in exchange.heard.choices:
        delta = {} if one.is_begun else {"content": ""}
        ending = {"index": one.index, "delta": delta, "finish_reason": one.finish_reason}
        yield {"choices": [{**one.ending, **ending}], **beside}
        beside = {}


def _head(exchange: ChatExchange, object: str) -> dict[str, Any]:
    return {
        "id": str(exchange.id),
        "object": object,
        "created": int(exchange.draft.created_at.timestamp()),
        "model": f"{exchange.project.key}/{exchange.ask.llm.key}",
        "session_id": str(exchange.session_id),
    }


def refused(error: DomainError, request: DirectRequest) -> DirectResponse:
    """The error as JSON, or as an event for a client that looks at nothing else.

    The SDK does not read the status of a stream, only events; OpenAI's client reads both.
    """
    headers = dict(error.headers)
    if isinstance(error, UpstreamError) and error.retry_after:
        headers["Retry-After"] = error.retry_after
    if "text/event-stream" in request.headers.get("accept", ""):
        return DirectResponse(error.status, _error_event(error, request), EVENTS, headers)
    return DirectResponse(
        error.status, orjson.dumps(fault(error, request.headers)), headers=headers
    )


def _error_event(error: DomainError, request: DirectRequest) -> bytes:
    return b"data: " + orjson.dumps(fault(error, request.headers)) + b"\n\n"
