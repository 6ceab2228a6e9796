"""Whoever answers for a model."""

from functools import cache
from importlib import import_module

from adaptive_site.lib.errors import Invalid
from interactions.providers.base import (
    Chunk,
    ModelProvider,
    ModelRequest,
    SentImage,
    UpstreamError,
)
from interactions.providers.hops import HOPS_HEADER, came_through
from projects.models import Llm

from .echo import Echo

__all__ = [
    "HOPS_HEADER",
    "ModelRequest",
    "Chunk",
    "SentImage",
    "ModelProvider",
    "UpstreamError",
    "came_through",
    "provider_of",
]

_ECHO = Echo()


def provider_of(llm: Llm) -> ModelProvider:
    """Who answers for `llm`; Invalid when nobody does, or the project has it off line."""
    if llm.provider == Llm.Provider.NONE:
        raise Invalid(
            f"the model {llm.key} is only a name in logged interactions; "
            "register it with a provider to ask it",
            field="model",
        )
    if llm.is_disabled:
        raise Invalid(
            f"the model {llm.key} is disabled on this site; an administrator can enable it",
            field="model",
        )
    if not llm.is_online:
        raise Invalid(
            f"the model {llm.key} is offline in this project; who manages it can put it online",
            field="model",
        )
    return _ECHO if llm.provider == Llm.Provider.ECHO else _by_http()


@cache
def _by_http() -> ModelProvider:
    """The one provider that asks other servers, loaded with the first model that needs it.

    aiohttp takes 100 ms of processor time and 6 MB, which a start and most processes are spared.
    """
    provider: ModelProvider = import_module("interactions.providers.openai").OpenAi()
    return provider
