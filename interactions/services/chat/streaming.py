"""Streaming an answer, and what happens when the client hangs up or the provider breaks off."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from interactions.providers import UpstreamError, provider_of
from interactions.services.chat.exchange import ChatExchange, log_exchange
from projects.services.registered_llms import uses

CLIENT_HUNG_UP = "the client hung up"

# Logging that must end although the request it was for is gone; a task without a reference may
# be collected while it runs.
_ending: set[asyncio.Task[None]] = set()


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
        async with (
            uses.counted(exchange.ask.llm),
            aclosing(provider_of(exchange.ask.llm).stream(exchange.ask)) as arriving,
        ):
            async for chunks in arriving:
                handed = [one for chunk in chunks if (one := answer.take(chunk))]
                if handed or not chunks:
                    yield handed
    except UpstreamError as error:
        if answer.is_begun:
            await log_exchange(exchange, cut_short=str(error))
        raise
    except (GeneratorExit, asyncio.CancelledError):
        await _log_although_cancelled(exchange)
        raise
    await log_exchange(exchange)


async def _log_although_cancelled(exchange: ChatExchange) -> None:
    task = asyncio.create_task(log_exchange(exchange, cut_short=CLIENT_HUNG_UP))
    _ending.add(task)
    task.add_done_callback(_ending.discard)
    await asyncio.shield(task)
