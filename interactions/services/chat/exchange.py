"""Asking a model, and logging what was asked and answered before the answer is whole."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from interactions.models import Source
from interactions.providers import ModelRequest, SentImage, UpstreamError, provider_of
from interactions.services.chat.streamed_answer import StreamedAnswer
from interactions.services.group_commit import log_soon
from interactions.services.images.store import Lifted
from interactions.services.recording.drafts import Draft
from projects.models import Project

CLIENT_HUNG_UP = "the client hung up"

# Logging that must end although the request it was for is gone; a task without a reference may
# be collected while it runs.
_ending: set[asyncio.Task[None]] = set()


@dataclass(slots=True)
class ChatExchange:
    """One question to a model: what is asked, what will be logged, and the answer so far.

    `draft` is the interaction without its completion, with its id; it is stored unless
    `is_stored` is false.
    """

    project: Project
    ask: ModelRequest
    draft: Draft
    is_stored: bool = True
    answer: StreamedAnswer = field(default_factory=StreamedAnswer)

    @property
    def id(self) -> UUID:
        """The id of the interaction that will be logged."""
        assert self.draft.id is not None
        return self.draft.id

    @property
    def session_id(self) -> UUID:
        """The session of the interaction; every exchange has one."""
        assert self.draft.session_id is not None
        return self.draft.session_id


def sent_images(images: Iterable[Lifted]) -> tuple[SentImage, ...]:
    """Format and size of each image that came as data, as providers are told."""
    return tuple(
        SentImage(
            str(image.facts.format.label),
            image.facts.width,
            image.facts.height,
            image.facts.size,
        )
        for image in images
    )


async def complete(exchange: ChatExchange) -> None:
    """Ask the model, wait for the whole answer, and log both. Raises UpstreamError or Invalid."""
    answer = exchange.answer
    answer.start()
    completion = await provider_of(exchange.ask.llm).complete(exchange.ask)
    answer.take_whole(completion)
    await _log(exchange, is_streamed=False)


async def stream(exchange: ChatExchange) -> AsyncGenerator[list[dict[str, Any]], None]:
    """Ask the model, and hand on its answer as it comes: OpenAI's chunks, without an ending.

    None of them at a time, a sign of life, are handed on while the provider is silent. The
    interaction is committed when the last ones have been taken and the next are asked for,
    so the ending can be said once this ends. It is logged as cut short when the provider breaks
    off (which then raises UpstreamError) or when the client hangs up, which is to say when
    this generator is closed or its task is cancelled.
    """
    answer = exchange.answer
    answer.start()
    try:
        async with aclosing(provider_of(exchange.ask.llm).stream(exchange.ask)) as arriving:
            async for chunks in arriving:
                handed = [one for chunk in chunks if (one := answer.take(chunk))]
                if handed or not chunks:
                    yield handed
    except UpstreamError as error:
        if answer.is_begun:
            await _log(exchange, cut_short=str(error))
        raise
    except (GeneratorExit, asyncio.CancelledError):
        await _log_although_cancelled(exchange)
        raise
    await _log(exchange)


async def _log_although_cancelled(exchange: ChatExchange) -> None:
    task = asyncio.create_task(_log(exchange, cut_short=CLIENT_HUNG_UP))
    _ending.add(task)
    task.add_done_callback(_ending.discard)
    await asyncio.shield(task)


async def _log(exchange: ChatExchange, *, cut_short: str = "", is_streamed: bool = True) -> None:
    if not exchange.is_stored:
        return
    answer = exchange.answer
    system: dict[str, Any] = {
        "provider": exchange.ask.llm.provider,
        "provider_model": answer.model or exchange.ask.llm.external_id or exchange.ask.llm.key,
        "finish_reason": answer.finish_reason,
        "streamed": is_streamed,
    }
    if cut_short:
        system["cut_short"] = cut_short
    if response := answer.response:
        system["response"] = response
    if answer.is_overfull:
        system["stored"] = f"only the first {StreamedAnswer.MAX_KEPT >> 20} MB of the answer"
    await log_soon(
        exchange.project,
        replace(
            exchange.draft,
            llm=exchange.ask.llm,
            source=Source.LIVE,
            completion=answer.text,
            completion_parts=answer.parts,
            parameters=exchange.ask.options or None,
            usage=answer.usage,
            system=system,
            latency_ms=answer.elapsed_ms,
            ttft_ms=answer.first_after_ms if is_streamed else None,
        ),
    )
