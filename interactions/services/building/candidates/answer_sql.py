"""What is asked of answers in SQL, so that their texts stay in PostgreSQL.

`i` stands for the row of an interaction, `b` for its body's.
"""

from interactions.services.building.candidates.narrow import Flaw
from interactions.services.recording.previews import THOUGHT_ONLY


def flaw(i: str = "i", b: str = "b") -> str:
    """The `Flaw` of an answer, of a query with parameters.

    The line that lists show is empty where there is neither text nor calls, a refusal or speech;
    an answer that ended within its thoughts was cut off.
    """
    return (
        f"CASE WHEN {i}.completion_preview = '' THEN {Flaw.EMPTY.value}"
        f" WHEN {b}.system->>'finish_reason' = 'length'"
        f" OR {b}.system->>'cut_short' IS NOT NULL"
        f" OR ({i}.completion_preview LIKE '{THOUGHT_ONLY}: %%'"
        f" AND {b}.completion NOT LIKE '{THOUGHT_ONLY}:%%')"
        f" THEN {Flaw.CUT_OFF.value} ELSE {Flaw.NONE.value} END"
    )


def digest(b: str = "b") -> str:
    """16 bytes of an answer's text and of what stands beside it, such as tool calls."""
    return f"decode(md5({b}.completion || coalesce({b}.completion_parts::text, '')), 'hex')"
