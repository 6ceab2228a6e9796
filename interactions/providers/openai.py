"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, OpenAI itself, …"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson

from adaptive_site.lib.nul import without_nul_inside
from adaptive_site.lib.sse import Events
from projects.models import Llm
from projects.services import secrets

from .base import Ask, Chunk, UpstreamError
from .connections import posted, whole
from .redaction import redacted, retry_after

ADDRESSES = {
    Llm.Provider.OPEN_AI: "https://api.openai.com/v1",
    Llm.Provider.GOOGLE: "https://generativelanguage.googleapis.com/v1beta/openai",
    Llm.Provider.ANTHROPIC: "https://api.anthropic.com/v1",
}
MAX_REASON = 500
MAX_EVENT = 8 * 1024 * 1024
_DONE = b"[DONE]"


class OpenAi:
    """Asks by HTTP, with the model's base URL and key."""

    async def complete(self, ask: Ask) -> dict[str, Any]:
        """The whole answer."""
        async with _answer(ask.llm, "chat/completions", _body(ask)) as response:
            return _completion(ask.llm, _value(ask.llm, await whole(response, who=ask.llm.key)))

    async def stream(self, ask: Ask) -> AsyncGenerator[list[Chunk], None]:
        """The answer as it comes; of a server that does not stream, in one piece."""
        llm = ask.llm
        # Without it most servers do not count tokens; what our caller sees is decided elsewhere.
        body = _body(ask) | {"stream": True, "stream_options": {"include_usage": True}}
        async with _answer(llm, "chat/completions", body) as response:
            if response.content_type == "application/json":
                value = _value(llm, await whole(response, who=llm.key))
                yield [_as_chunk(_completion(llm, value))]
                return
            events, is_finished = Events(), False
            async for arrived in response.content.iter_any():
                found = events.feed(arrived)
                if events.buffered > MAX_EVENT:
                    raise UpstreamError(f"the provider of {llm.key} sent too much", status=502)
                chunks, fault = _chunks(llm, found)
                is_finished = is_finished or any(map(_finishes, chunks))
                if chunks:
                    yield chunks
                if fault is not None:
                    raise fault
                if _DONE in found:
                    return
            chunks, fault = _chunks(llm, rest := events.rest())
            if chunks:
                yield chunks
            if fault is not None:
                raise fault
            if not (is_finished or _DONE in rest or any(map(_finishes, chunks))):
                raise UpstreamError(f"the provider of {llm.key} ended too early", status=502)

    async def embed(self, llm: Llm, body: dict[str, Any]) -> dict[str, Any]:
        """Embeddings, as they come."""
        body = _named(llm, body)
        async with _answer(llm, "embeddings", body) as response:
            value = _value(llm, await whole(response, who=llm.key))
        if not isinstance(value, dict) or not isinstance(value.get("data"), list):
            raise _nonsense(llm, "embeddings")
        return value


def _body(ask: Ask) -> dict[str, Any]:
    return _named(ask.llm, ask.options) | {"messages": ask.messages}


def _named(llm: Llm, body: dict[str, Any]) -> dict[str, Any]:
    """`body` for this model; what the caller says counts more than the model's own settings."""
    return {**llm.extra_params, **body, "model": llm.external_id or llm.key}


@asynccontextmanager
async def _answer(
    llm: Llm, path: str, body: dict[str, Any]
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response, when its status is good; else UpstreamError with the reason in its body."""
    key = secrets.unseal(llm.encrypted_api_key)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    url = f"{llm.base_url or ADDRESSES[Llm.Provider(llm.provider)]}/{path}"
    async with posted(
        url, orjson.dumps(body), headers, who=llm.key, is_privileged=llm.may_be_private
    ) as response:
        if response.status // 100 != 2:
            raise await _refusal(llm, response, key)
        yield response


async def _refusal(llm: Llm, response: aiohttp.ClientResponse, key: str) -> UpstreamError:
    """What the provider said, in our words and its own, but never with the key in it."""
    status = response.status
    reason = reason_in(await whole(response, who=llm.key)) or response.reason or ""
    reason = _without(key, reason)
    # Its 4xx is the caller's to see. A 500 of ours would hide that it was not ours.
    kept = 400 <= status < 500 or status in (503, 504, 508)
    return UpstreamError(
        f"the provider of {llm.key} answered {status}: {reason}",
        status=status if kept else 502,
        retry_after=retry_after(response.headers.get("Retry-After", "")),
    )


def reason_in(body: bytes) -> str:
    """The reason in the body of an error, in any of the shapes servers have for it.

    >>> reason_in(b'{"error": {"message": "no such model", "code": null}}')
    'no such model'
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[: 4 * MAX_REASON].decode(errors="replace").strip()
        return "" if text.startswith("<") else text
    return _reason(value)


def _reason(value: object) -> str:
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        found = (value.get(name) for name in ("error", "message", "detail", "msg"))
        return next((reason for one in found if (reason := _reason(one))), "")
    return value if isinstance(value, str) else ""


def _value(llm: Llm, body: bytes) -> Any:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UpstreamError(
            f"the provider of {llm.key} answered with something that is not JSON", status=502
        ) from error
    # PostgreSQL's text cannot hold it.
    return without_nul_inside(value) if b"\\u0000" in body else value


def _completion(llm: Llm, value: Any) -> dict[str, Any]:
    choices = value.get("choices") if isinstance(value, dict) else None
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        message = choices[0].get("message")
        if isinstance(message, dict):
            return value  # type: ignore[no-any-return]  # the checks above are what we know
    if isinstance(value, dict) and value.get("error"):
        raise _told(llm, value)
    raise _nonsense(llm, "a chat completion")


def _as_chunk(completion: dict[str, Any]) -> Chunk:
    choice = completion["choices"][0]
    return {**completion, "choices": [{**choice, "index": 0, "delta": choice["message"]}]}


def _chunks(llm: Llm, events: list[bytes]) -> tuple[list[Chunk], UpstreamError | None]:
    """The chunks up to the first that is none, and what is wrong with that one."""
    chunks = []
    for data in events:
        if data == _DONE:
            break
        try:
            chunks.append(_chunk(llm, _value(llm, data)))
        except UpstreamError as error:
            return chunks, error
    return chunks, None


def _chunk(llm: Llm, value: Any) -> Chunk:
    if not isinstance(value, dict):
        raise _nonsense(llm, "chunks of a chat completion")
    if value.get("error"):
        raise _told(llm, value)
    choices = value.get("choices") or []
    if not isinstance(choices, list) or not all(
        isinstance(choice, dict) and isinstance(choice.get("delta") or {}, dict)
        for choice in choices
    ):
        raise _nonsense(llm, "chunks of a chat completion")
    return value


def _finishes(chunk: Chunk) -> bool:
    return any(choice.get("finish_reason") for choice in chunk.get("choices") or [])


def _told(llm: Llm, value: dict[str, Any]) -> UpstreamError:
    """An error that came with a good status, as some servers send once they stream."""
    error = value["error"]
    code = str(error.get("code")) if isinstance(error, dict) else ""
    reason = _without(secrets.unseal(llm.encrypted_api_key), _reason(value))
    return UpstreamError(
        f"the provider of {llm.key} answered with an error: {reason}",
        status=int(code) if re.fullmatch("4[0-9][0-9]", code) else 502,
    )


def _without(key: str, reason: str) -> str:
    """The beginning of `reason`, in which no server can tell our key."""
    return redacted(reason[: 4 * MAX_REASON], key)[:MAX_REASON]


def _nonsense(llm: Llm, expected: str) -> UpstreamError:
    return UpstreamError(f"the provider of {llm.key} did not answer with {expected}", status=502)
