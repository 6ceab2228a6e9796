"""`POST /api/v1/chat/completions`: ask a model, and log what was asked and answered."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.ids import to_millisecond, uuid7
from interactions.api import request_body
from interactions.api.openai.completions import EVENTS, as_completion, as_events, refused
from interactions.api.request_body import RequestBody
from interactions.models.content_parts import at_address, image_address
from interactions.providers import HOPS_HEADER, ModelRequest, came_through
from interactions.services.chat import exchange as chat_exchange
from interactions.services.chat.exchange import ChatExchange
from interactions.services.recording.drafts import check_messages, draft_soon
from projects.services.cached_lookups import resolve

# A proxy that gathers an answer before it passes it on would undo the streaming.
_UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def complete(request: DirectRequest) -> DirectResponse:
    """Answer at once or as events; errors have their status in both cases."""
    try:
        body = await request_body.read(request, is_lenient=True)
        came_through(request.headers.get(HOPS_HEADER.lower(), ""))
        is_streamed = request_body.flag(body.payload, "stream", default=False)
        with ExitStack() as share:
            share.enter_context(request_body.UNFINISHED.one(body.caller.user.pk))
            exchange = await _exchange(body)
            if is_streamed:
                wants_usage = request_body.wants_usage(body.payload)
                events = as_events(exchange, request, wants_usage=wants_usage)
                # An error before anything was said is still told by the status, if it comes
                # before the first sign of life.
                first = await anext(events)
                answer = _Events(first, events, share.pop_all())
                return DirectResponse(200, answer, EVENTS, _UNBUFFERED)
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


async def _exchange(body: RequestBody) -> ChatExchange:
    """The question, checked whole before anybody is asked."""
    payload = body.payload
    options = request_body.options(payload)
    request_body.wants_usage(payload)
    project, llm = await request_body.model(body)
    user = request_body.user(payload)
    author = (await resolve(body.caller, project, author=user)).author
    metadata: dict[str, Any] = {"user": user} if user else {}
    if body.nul_replaced:
        metadata["nul_replaced"] = True
    labels, unlabelled = request_body.labels_and_metadata(payload)
    if unlabelled is not None:
        metadata["metadata"] = unlabelled
    now = to_millisecond(datetime.now(UTC))
    messages = outgoing(check_messages(payload.get("messages"), is_strict=False))
    # Images are decoded here. The model judges what does not decode; its bytes are kept.
    draft = await draft_soon(
        messages=messages,
        completion="",
        is_strict=False,
        labels=labels,
        id=uuid7(now),
        created_at=now,
        session_id=request_body.optional_uuid(payload, "session_id") or uuid4(),
        created_by=author.user,
        said_by=author.said,
        user_metadata=metadata or None,
        llm=llm,
    )
    return ChatExchange(
        project=project,
        ask=ModelRequest(llm, messages, options, chat_exchange.sent_images(draft.images)),
        draft=draft,
        is_stored=request_body.flag(payload, "store", default=True),
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
