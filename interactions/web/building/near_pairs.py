"""Near-duplicates as the builder shows them: what is dropped beside what is kept."""

from dataclasses import dataclass
from os.path import commonprefix
from uuid import UUID

from interactions.services.browsing import rows as browsing_rows
from interactions.services.building.pipeline import BuildPlan

NEAR_SHOWN = 8
ALIKE_SHOWN = 40  # characters before the first that differs


@dataclass(frozen=True, slots=True)
class NearPair:
    """A record that is dropped for one that is kept, the least alike of those; `more` others are.

    What is kept is None where the dataset has it already.
    """

    kept: UUID | None
    dropped: UUID
    kept_text: str
    dropped_text: str
    similarity: str
    more: int


def near_pairs(plan: BuildPlan) -> list[NearPair]:
    """Some of what is dropped for being like what is kept."""
    shown = [(one.kept, *one.dropped[-1], one) for one in plan.near_groups(NEAR_SHOWN)]
    ids = [id for kept, dropped, *_ in shown for id in (kept, dropped) if id is not None]
    texts = {
        row.interaction.id: (
            f"{row.interaction.prompt_preview} → {row.interaction.completion_preview}"
        )
        for row in browsing_rows.rows(plan.project, list(dict.fromkeys(ids)))
    }
    return [
        NearPair(
            kept,
            dropped,
            *_where_they_differ(texts.get(kept, "") if kept else "", texts.get(dropped, "")),
            f"{similarity:.2f}",
            len(group.dropped) - 1,
        )
        for kept, dropped, similarity, group in shown
    ]


def _where_they_differ(one: str, other: str) -> tuple[str, str]:
    """Both texts from shortly before the first letter that differs, where that is far on."""
    same = len(commonprefix([one, other]))
    if same <= ALIKE_SHOWN or one == other:
        return one, other
    return f"… {one[same - ALIKE_SHOWN :]}", f"… {other[same - ALIKE_SHOWN :]}"
