"""Where in an interaction a text is looked for."""

from enum import StrEnum


class Place(StrEnum):
    """Where text is looked for. System prompts are none of it unless they are asked for.

    Looked through are texts, reasoning and refusals, what is called and with what, and the results.
    """

    ANYWHERE = "anywhere"
    PROMPT = "prompt"
    COMPLETION = "completion"
    SYSTEM = "system prompt"
    ALL_OF_PROMPT = "whole prompt"  # with its system prompts
    EVERYWHERE = "everywhere"  # with its system prompts

    @property
    def has_completion(self) -> bool:
        """Whether the completion is looked through."""
        return self in (Place.ANYWHERE, Place.COMPLETION, Place.EVERYWHERE)

    @property
    def has_turns(self) -> bool:
        """Whether the prompt is, but for its system prompts."""
        return self not in (Place.COMPLETION, Place.SYSTEM)

    @property
    def has_system(self) -> bool:
        """Whether system prompts are."""
        return self in (Place.SYSTEM, Place.ALL_OF_PROMPT, Place.EVERYWHERE)

    @property
    def has_prompt(self) -> bool:
        """Whether some of the prompt is."""
        return self.has_turns or self.has_system

    def holds(self, *, system: bool = False, completion: bool = False) -> bool:
        """Whether a text is looked through: of a system prompt, the completion, or a turn."""
        if completion:
            return self.has_completion
        return self.has_system if system else self.has_turns
