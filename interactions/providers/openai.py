"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, OpenAI itself, …"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from django.conf import settings

from adaptive_site.lib import exact_json
from interactions.providers.base import Chunk, ModelRequest, UpstreamError
from interactions.providers.connections import MAX_ANSWER_BYTES, TimedReader, posted, whole
from interactions.providers.errors import Secret, nonsense, reason_in
from projects.models import Llm
from projects.services import encryption

from .chunks import Chunks, completion_of, value_of
from .redaction import retry_after

ADDRESSES = {
    Llm.Provider.OPEN_AI: "https://api.openai.com/v1",
    Llm.Provider.GOOGLE: "https://generativelanguage.googleapis.com/v1beta/openai",
    Llm.Provider.ANTHROPIC: "https://api.anthropic.com/v1",
}
# An answer that has said why it ends is whole; counts may follow it, but not after so long.
COUNTS_SECONDS = 5
# How servers answer a member of a request that they do not know; not all of them name it.
_UNKNOWN_MEMBER_STATUSES = (400, 422)
# Content types of objects line by line, which are read as they come.
_LINE_CONTENT_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")


class Uncounted:
    """Models whose provider refuses `stream_options`: for an hour they are asked without it.

    Not for ever: whoever updates such a server wants its counts without restarting this one.
    """

    MOST = 1000
    SECONDS = 3600

    def __init__(self) -> None:
        self._until: dict[tuple[object, ...], float] = {}

    def __contains__(self, llm: Llm) -> bool:
        return self._until.get(_address(llm), 0.0) > time.monotonic()

    def add(self, llm: Llm) -> None:
        """Remember this model, and forget the one remembered longest when they are too many."""
        self._until.pop(_address(llm), None)
        self._until[_address(llm)] = time.monotonic() + self.SECONDS
        if len(self._until) > self.MOST:
            del self._until[next(iter(self._until))]


def _address(llm: Llm) -> tuple[object, ...]:
    return llm.id, llm.base_url, llm.external_id


_uncounted = Uncounted()


class OpenAi:
    """Asks by HTTP, with the model's base URL and key."""

    async def complete(self, ask: ModelRequest) -> dict[str, Any]:
        """The whole answer of the model."""
        llm, secret = ask.llm, _secret(ask.llm)
        body = _body(ask)
        body.pop("stream_options", None)  # of the model's settings: for streams alone
        async with _answer(llm, "chat/completions", body, secret) as response:
            said = await whole(response, who=llm.key)
        return completion_of(llm, secret, value_of(llm, secret, said))

    async def stream(self, ask: ModelRequest) -> AsyncGenerator[list[Chunk], None]:
        """The answer as it comes; of a server that does not stream, in one piece."""
        llm, secret = ask.llm, _secret(ask.llm)
        async with AsyncExitStack() as stack:
            # A task, since it cannot be left and entered again where it waits.
            answer = stack.enter_async_context(_streamed(llm, _body(ask), secret))
            opening = asyncio.create_task(answer)
            try:
                while not (await asyncio.wait({opening}, timeout=settings.KEEPALIVE))[0]:
                    yield []
            finally:
                if not opening.done():
                    opening.cancel()
                    await asyncio.wait({opening})
            response, silent = opening.result(), 0.0
            reading = Chunks(llm, secret, are_lines=response.content_type in _LINE_CONTENT_TYPES)
            watch = TimedReader(response, settings.KEEPALIVE)
            stack.callback(watch.close)
            broken: Exception | None = None
            while not (reading.is_done or reading.fault):
                try:
                    arrived = await watch.next()
                except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
                    broken = error
                    break
                if arrived is None:
                    silent += settings.KEEPALIVE
                    if reading.is_finished and silent >= COUNTS_SECONDS:
                        break
                    yield []
                    continue
                if not arrived:
                    break
                silent = 0.0
                if chunks := reading.feed(arrived):
                    yield chunks
                elif reading.buffered > MAX_ANSWER_BYTES:
                    raise UpstreamError(f"the provider of {llm.key} sent too much", status=502)
            if chunks := reading.rest():
                yield chunks
            if broken is not None and not reading.is_finished:
                raise broken
            if reading.fault:
                raise reading.fault
            if not (reading.is_done or reading.is_finished):
                raise UpstreamError(f"the provider of {llm.key} ended too early", status=502)

    async def embed(self, llm: Llm, body: dict[str, Any]) -> dict[str, Any]:
        """Embeddings, as the provider answers them."""
        secret = _secret(llm)
        async with _answer(llm, "embeddings", _named(llm, body), secret) as response:
            value = value_of(llm, secret, await whole(response, who=llm.key))
        if not isinstance(value, dict) or not isinstance(value.get("data"), list):
            raise nonsense(llm, "embeddings")
        return value


def _body(ask: ModelRequest) -> dict[str, Any]:
    return _named(ask.llm, ask.options) | {"messages": ask.messages}


def _named(llm: Llm, body: dict[str, Any]) -> dict[str, Any]:
    """`body` for this model; what the caller says counts more than the model's own settings."""
    return {**llm.extra_params, **body, "model": llm.external_id or llm.key}


def _secret(llm: Llm) -> Secret:
    return Secret(encryption.unseal(llm.encrypted_api_key))


@asynccontextmanager
async def _posted(
    llm: Llm, path: str, body: dict[str, Any], secret: Secret
) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if secret.key:
        headers["Authorization"] = f"Bearer {secret.key}"
    url = f"{llm.base_url or ADDRESSES[Llm.Provider(llm.provider)]}/{path}"
    async with posted(
        url, exact_json.dumps(body), headers, who=llm.key, is_privileged=llm.may_be_private
    ) as response:
        yield response


@asynccontextmanager
async def _answer(
    llm: Llm, path: str, body: dict[str, Any], secret: Secret
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response, when its status is good; else UpstreamError with the reason in its body."""
    async with _posted(llm, path, body, secret) as response:
        if response.status // 100 != 2:
            raise _refusal(llm, response, await whole(response, who=llm.key), secret)
        yield response


@asynccontextmanager
async def _streamed(
    llm: Llm, body: dict[str, Any], secret: Secret
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response to a request for a stream, which asks for counts where that is understood.

    Without `stream_options` most servers do not count tokens, some refuse a request with it, and
    their words do not tell which member they mean: a request that is refused with it is sent once
    more without. Only when that is taken was it the member's fault; else the first refusal counts.
    The model's settings may have another value for it, or null, which leaves it out.
    """
    is_set = "stream_options" in body
    counting = body.pop("stream_options", None) if is_set else {"include_usage": True}
    body["stream"] = True
    if counting is not None and (is_set or llm not in _uncounted):
        asked = {**body, "stream_options": counting}
        async with _posted(llm, "chat/completions", asked, secret) as response:
            if response.status // 100 == 2:
                yield response
                return
            said = await whole(response, who=llm.key)
            refusal = _refusal(llm, response, said, secret)
        if is_set or response.status not in _UNKNOWN_MEMBER_STATUSES:
            raise refusal
        async with _posted(llm, "chat/completions", body, secret) as response:
            if response.status // 100 != 2:
                raise refusal
            _uncounted.add(llm)
            yield response
        return
    async with _answer(llm, "chat/completions", body, secret) as response:
        yield response


def _refusal(
    llm: Llm, response: aiohttp.ClientResponse, said: bytes, secret: Secret
) -> UpstreamError:
    """What the provider said, in our words and its own, but never with the key in it."""
    status = response.status
    reason = secret.left_out_of(reason_in(said) or response.reason or "")
    # Its 4xx is the caller's to see. A 500 of ours would hide that it was not ours.
    kept = 400 <= status < 500 or status in (503, 504, 508)
    return UpstreamError(
        f"the provider of {llm.key} answered {status}: {reason}",
        status=status if kept else 502,
        retry_after=retry_after(response.headers.get("Retry-After", "")),
    )
