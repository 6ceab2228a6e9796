"""`POST /api/v1/chat/completions`: ask a model, and log what was asked and answered."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.ids import to_millisecond, uuid7
from interactions.api import request_body as reading
from interactions.api.openai.completions import EVENTS, as_completion, as_events, refused
from interactions.api.request_body import LARGE, Asked
from interactions.api.rest import payload as rest_payload
from interactions.models.content_parts import at_address, image_address
from interactions.providers import ModelRequest
from interactions.services.chat import exchange as chat_exchange
from interactions.services.chat.exchange import ChatExchange
from interactions.services.recording.drafts import check_messages, draft
from projects.services.cached_lookups import author_of

# A proxy that gathers an answer before it passes it on would undo the streaming.
_UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def complete(request: DirectRequest) -> DirectResponse:
    """Answer at once or as events; errors have their status in both cases."""
    try:
        asked = await reading.read(request)
        is_streamed = reading.flag(asked.payload, "stream", default=False)
        is_heavy = len(request.body) > LARGE or b"image_url" in request.body
        with ExitStack() as share:
            share.enter_context(reading.UNFINISHED.one(asked.caller.user.pk))
            exchange = await _exchange(asked, is_heavy=is_heavy)
            if is_streamed:
                wants_usage = reading.wants_usage(asked.payload)
                events = as_events(exchange, request, wants_usage=wants_usage)
                # An error before anything was said is still told by the status, if it comes
                # before the first sign of life.
                first = await anext(events)
                body = _Events(first, events, share.pop_all())
                return DirectResponse(200, body, EVENTS, _UNBUFFERED)
            await chat_exchange.answer(exchange)
            return as_json(200, as_completion(exchange, request))
    except DomainError as error:
        return refused(error, request)


class _Events:
    """An answer's events, the first of which is there already.

    Not a generator: one that was never begun runs nothing when it is closed, and a client may
    leave before the first piece.
    """

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes, None], share: ExitStack) -> None:
        self._first: bytes | None = first
        self._rest = rest
        self._share = share

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if (first := self._first) is not None:
            self._first = None
            return first
        try:
            return await anext(self._rest)
        except BaseException:  # its end is one, too
            self._share.close()
            raise

    async def aclose(self) -> None:
        """Stop asking, and give back the person's share."""
        with self._share:
            await self._rest.aclose()


async def _exchange(asked: Asked, *, is_heavy: bool) -> ChatExchange:
    """The question, checked whole before anybody is asked."""
    payload = asked.payload
    options = reading.options(payload)
    reading.wants_usage(payload)
    project, llm = await reading.model(asked)
    said = reading.user(payload)
    author = await author_of(asked.caller, project, said)
    metadata: dict[str, Any] = {"user": said} if said else {}
    if asked.nul_replaced:
        metadata["nul_replaced"] = True
    labels, unlabelled = reading.labels(payload)
    if unlabelled is not None:
        metadata["metadata"] = unlabelled
    now = to_millisecond(datetime.now(UTC))
    messages = outgoing(check_messages(payload.get("messages"), is_strict=False))
    known: dict[str, Any] = {
        "messages": messages,
        "completion": "",
        "is_strict": False,
        "labels": labels,
        "id": uuid7(now),
        "created_at": now,
        "session_id": rest_payload.optional_uuid(payload, "session_id") or uuid4(),
        "created_by": author.user,
        "said_by": author.said,
        "user_metadata": metadata or None,
        "llm": llm,
    }
    # Images are decoded here. The model judges what does not decode; its bytes are kept.
    checked = await asyncio.to_thread(draft, **known) if is_heavy else draft(**known)
    return ChatExchange(
        project=project,
        ask=ModelRequest(llm, messages, options, chat_exchange.sent_images(checked.images)),
        draft=checked,
        is_stored=reading.flag(payload, "store", default=True),
    )


def outgoing(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Checked messages as OpenAI-compatible servers read them.

    Images go as objects, whichever way they came; `metadata` and `completion_id`, which older
    clients send back, are for nobody. All else goes as it came.
    """
    return [
        {
            name: [_part(part) for part in value] if _has_parts(name, value) else value
            for name, value in message.items()
            if name not in ("metadata", "completion_id")
        }
        for message in messages
    ]


def _has_parts(name: str, value: object) -> bool:
    """Whether it is a content of parts; other members may be lists of anything."""
    return name == "content" and isinstance(value, list)


def _part(part: Any) -> Any:
    url = image_address(part)
    return part if url is None else at_address(part, url)
