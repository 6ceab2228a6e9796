"""`POST /api/v1/chat/completions`: ask a model, and log what was asked and answered."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, aclosing
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.exact_json import dumps
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.ids import to_millisecond, uuid7
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api import request_body
from interactions.api.answers import EVENTS, IN_EVENTS, REFUSED_TO_OPENAI, CompletionAnswer
from interactions.api.bodies import ChatBody
from interactions.api.openai.errors import EVENTS_TYPE, MODEL_REFUSES, error_event, refused
from interactions.api.request_body import RequestBody
from interactions.models.content_parts import at_address, image_address
from interactions.providers import HOPS_HEADER, ModelRequest, came_through
from interactions.providers.choices import AnswerChoice, has_other_parts, text_of
from interactions.services.chat import exchange as chat_exchange
from interactions.services.chat import streaming
from interactions.services.chat.exchange import ChatExchange
from interactions.services.recording.drafts import check_messages, draft_soon
from projects.services.cached_lookups import resolve

# A proxy that gathers an answer before it passes it on would undo the streaming.
_UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
# Both clients want numbers; what is stored stays empty when the provider does not count.
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
_STREAM_END = b"data: [DONE]\n\n"
_SIGN_OF_LIFE = b": the model is silent\n\n"


@operation(
    "Asking models",
    body=json(ChatBody),
    answers={
        "200": DescribedAnswer(
            "The model's answer, or its events.", {**json(CompletionAnswer), EVENTS: IN_EVENTS}
        )
    },
    refuses=MODEL_REFUSES,
    refusals=REFUSED_TO_OPENAI,
)
async def complete(request: DirectRequest) -> DirectResponse:
    """Answer at once or as events; errors have their status in both cases."""
    try:
        body = await request_body.read(request, is_lenient=True)
        came_through(request.headers.get(HOPS_HEADER.lower(), ""))
        is_streamed = bool(ChatBody.stream.of(body.payload))
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
                return DirectResponse(200, answer, EVENTS_TYPE, _UNBUFFERED)
            await chat_exchange.complete(exchange)
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
    user = ChatBody.user.of(payload) or ""
    author = (await resolve(body.caller, project, author=user)).author
    metadata: dict[str, Any] = {"user": user} if user else {}
    if body.nul_replaced:
        metadata["nul_replaced"] = True
    labels, unlabelled = request_body.labels_and_metadata(payload)
    if unlabelled is not None:
        metadata["metadata"] = unlabelled
    now = to_millisecond(datetime.now(UTC))
    messages = outgoing(check_messages(ChatBody.messages.of(payload), is_strict=False))
    # Images are decoded here. The model judges what does not decode; its bytes are kept.
    draft = await draft_soon(
        messages=messages,
        completion="",
        is_strict=False,
        labels=labels,
        id=uuid7(now),
        created_at=now,
        session_id=ChatBody.session_id.of(payload) or uuid4(),
        created_by=author.user,
        said_by=author.said,
        user_metadata=metadata or None,
        llm=llm,
    )
    return ChatExchange(
        project=project,
        ask=ModelRequest(llm, messages, options, chat_exchange.sent_images(draft.images)),
        draft=draft,
        is_stored=ChatBody.store.of(payload) is not False,
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
    """Whether a member of a message is a content of parts; other lists may hold anything."""
    return name == "content" and isinstance(value, list)


def _part(part: Any) -> Any:
    url = image_address(part)
    return part if url is None else at_address(part, url)


def as_completion(exchange: ChatExchange, request: DirectRequest) -> dict[str, Any]:
    """A `chat.completion`, once the answer is whole: the provider's, with our names in it."""
    answer = exchange.answer
    return {
        **answer.waiting,
        **_head(exchange, "chat.completion"),
        "choices": [_choice(exchange, one, is_sdk=_is_sdk(request)) for one in answer.choices],
        "usage": _NO_USAGE | (answer.usage or {}),
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
        async with aclosing(streaming.stream(exchange)) as arriving:
            async for chunks in arriving:
                yield b"".join(map(event, chunks)) if chunks else _SIGN_OF_LIFE
                is_begun = True
    except DomainError as error:
        if is_begun:
            yield error_event(error, request)
            return
        raise
    # Committed by now: whoever leaves at the ending may give feedback at once.
    last = [event(chunk) for chunk in _endings(exchange)]
    if wants_usage:
        usage = dumps(_NO_USAGE | (exchange.answer.usage or {}))
        last.append(b"data: " + head + b'"usage":' + usage + b',"choices":[]}\n\n')
    yield b"".join([*last, _STREAM_END])


def _endings(exchange: ChatExchange) -> Iterator[dict[str, Any]]:
    """For each choice the chunk that says why it ends; in the first, what was not handed on yet."""
    beside = exchange.answer.waiting
    for one in exchange.answer.choices:
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
