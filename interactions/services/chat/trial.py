"""A registered model asked once, by an administrator who wants to see whether it answers."""

import asyncio
from dataclasses import dataclass
from time import perf_counter

from interactions.providers import ModelRequest, UpstreamError, provider_of
from projects.models import Registration
from projects.services.access import Caller
from projects.services.registered_llms import uses

TRIAL_QUESTION = "Say hello in one short sentence."
ANSWER_SHOWN = 2_000  # characters of an answer
TRIAL_SECONDS = 30.0  # a person waits for it


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """What a model said, and how long that took."""

    text: str
    milliseconds: int
    provider_model: str


async def ask_once(caller: Caller, registration: Registration) -> TrialAnswer:
    """Ask a model one short question. Raises UpstreamError, whose text says what went wrong.

    A disabled one is asked as well: to see that it answers again is why one asks.
    """
    caller.check_administrator("try every model")
    llm = registration.llm
    registration.is_disabled, llm.registration = False, registration
    ask = ModelRequest(llm, [{"role": "user", "content": TRIAL_QUESTION}], {})
    begun = perf_counter()
    async with uses.counted(llm):
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                said = await provider_of(llm).complete(ask)
        except TimeoutError as error:
            raise UpstreamError(f"no answer within {TRIAL_SECONDS:g} s", status=504) from error
    milliseconds = round(1000 * (perf_counter() - begun))
    text = said["choices"][0]["message"].get("content")
    shown = text if isinstance(text, str) else ""
    return TrialAnswer(shown[:ANSWER_SHOWN], milliseconds, str(said.get("model") or ""))
