"""One question to a model and its answer, logged before the client is told of the end."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from interactions.models import Source
from interactions.providers import ModelRequest, SentImage, provider_of
from interactions.services.chat.answer import StreamedAnswer
from interactions.services.group_commit import log_soon
from interactions.services.images.store import Lifted
from interactions.services.recording.drafts import Draft
from projects.models import Project
from projects.services.registered_llms import uses


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
    async with uses.counted(exchange.ask.llm):
        completion = await provider_of(exchange.ask.llm).complete(exchange.ask)
    answer.take_whole(completion)
    await log_exchange(exchange, is_streamed=False)


async def log_exchange(
    exchange: ChatExchange, *, cut_short: str = "", is_streamed: bool = True
) -> None:
    """Store what was asked and the answer so far; `cut_short` says why it ended early."""
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
