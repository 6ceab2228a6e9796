"""How an interaction came in, and how its answer ended."""

from dataclasses import dataclass

from interactions.models import Interaction, Source
from projects.models import Llm

PROVIDER_NAMES: dict[str, str] = {
    Llm.Provider.ECHO: "this server's echo",
    Llm.Provider.OPEN_AI: "an OpenAI-compatible server",
    Llm.Provider.GOOGLE: "Google",
    Llm.Provider.ANTHROPIC: "Anthropic",
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an interaction came in, who answered a live one and how that ended; "" if unknown."""

    how: str
    answered_by: str = ""
    finish: str = ""
    cut_short: str = ""


def provenance_of(one: Interaction) -> Provenance:
    """What the row and the server's notes in its body tell."""
    how, by = one.get_source_display().lower(), one.created_by
    how = one.said_words(f"{how} by {by}" if by else how)
    notes = one.body.system or {}
    ended = (str(notes.get("finish_reason") or ""), str(notes.get("cut_short") or ""))
    if one.source != Source.LIVE or "provider" not in notes:
        return Provenance(how, "", *ended)
    provider = str(notes["provider"])
    who = PROVIDER_NAMES.get(provider, provider)
    called = notes.get("provider_model")
    if called and one.llm is not None and called != one.llm.key:
        who = f"{who}, as {called}"
    return Provenance(
        f"{how}, streamed" if notes.get("streamed") else how,
        who,
        *ended,
    )
