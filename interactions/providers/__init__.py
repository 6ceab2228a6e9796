"""Whoever answers for a model."""

from adaptive_site.lib.errors import Invalid
from interactions.providers.base import (
    Chunk,
    ModelProvider,
    ModelRequest,
    SentImage,
    UpstreamError,
)
from interactions.providers.connections import HOPS_HEADER, came_through
from projects.models import Llm

from .echo import Echo
from .openai import OpenAi

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
_OPEN_AI = OpenAi()


def provider_of(llm: Llm) -> ModelProvider:
    """Who answers for `llm`; Invalid when nobody does, or the project has it off line."""
    if llm.provider == Llm.Provider.NONE:
        raise Invalid(
            f"the model {llm.key} is only a name in logged interactions; "
            "register it with a provider to ask it",
            field="model",
        )
    if not llm.is_online:
        raise Invalid(
            f"the model {llm.key} is offline in this project; who manages it can put it online",
            field="model",
        )
    return _ECHO if llm.provider == Llm.Provider.ECHO else _OPEN_AI
