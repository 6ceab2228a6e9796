"""Whoever answers for a model."""

from adaptive_site.lib.errors import Invalid
from projects.models import Llm

from .base import Ask, Chunk, Picture, Provider, UpstreamError
from .echo import Echo
from .openai import OpenAi

__all__ = ["Ask", "Chunk", "Picture", "Provider", "UpstreamError", "provider_of"]

_ECHO = Echo()
_OPEN_AI = OpenAi()


def provider_of(llm: Llm) -> Provider:
    """Who answers for `llm`; Invalid when nobody does."""
    if llm.provider == Llm.Provider.ECHO:
        return _ECHO
    if llm.provider == Llm.Provider.NONE:
        raise Invalid(
            f"the model {llm.key} is only a name in logged interactions; "
            "register it with a provider to ask it",
            field="model",
        )
    return _OPEN_AI
