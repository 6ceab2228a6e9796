"""Prompts that two groups answered, with an answer of each word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from adaptive_site.lib import word_diff
from adaptive_site.lib.word_diff import Run, WordDiff
from interactions.models import Image, Interaction
from interactions.services.browsing import rows as browsing_rows
from interactions.services.browsing.rows import Row
from interactions.services.comparing import shared_prompts
from interactions.services.comparing.shared_prompts import SharedPrompt
from interactions.web.rendering.turns import answer_text
from projects.models import Project

CHARACTERS_SHOWN = 6_000  # of an answer; its page has the rest


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """An answer of one group, one of `n` to the prompt; `rest` characters are not in `runs`."""

    row: Row
    page: str
    runs: list[Run]
    rest: int
    n: int

    @property
    def interaction(self) -> Interaction:
        """The interaction itself."""
        return self.row.interaction

    @property
    def is_long(self) -> bool:
        """Whether the answer is folded at first."""
        return sum(len(run.text) for run in self.runs) > 900


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt and the answers of both groups, the first group's first."""

    answers: tuple[GroupAnswer, GroupAnswer]
    difference: WordDiff | None
    side_by_side: str
    pair: str  # as the page of pairs names the two

    @property
    def prompt(self) -> str:
        """The beginning of the prompt's last message."""
        return self.answers[0].interaction.prompt_preview

    @property
    def images(self) -> list[Image]:
        """The images of the prompt."""
        return self.answers[0].row.images

    @property
    def words(self) -> str:
        """How alike the answers are."""
        if self.difference is None:
            return "too long to compare word by word"
        if self.difference.share == 1:
            return "the very same words"
        return f"{min(99, round(100 * self.difference.share))} % the same words"


def prompt_rows(
    project: Project, shown: Sequence[SharedPrompt], *, is_second_walked: bool
) -> list[PromptRow]:
    """The prompts with their answers; one whose answer was deleted meanwhile is left out."""
    ids = [id for one in shown for id in (one.walked, one.other)]
    rows = {row.interaction.id: row for row in browsing_rows.rows(project, ids)}
    bodies = shared_prompts.beginnings(project, ids, CHARACTERS_SHOWN)
    made = []
    for one in shown:
        if not {one.walked, one.other} <= rows.keys() & bodies.keys():
            continue
        both = [(one.walked, one.n_walked), (one.other, one.n_other)]
        if is_second_walked:
            both.reverse()
        made.append(_prompt_row(project, both, rows, bodies))
    return made


def _prompt_row(
    project: Project,
    both: Sequence[tuple[UUID, int]],
    rows: dict[UUID, Row],
    bodies: shared_prompts.Beginnings,
) -> PromptRow:
    texts = [answer_text(bodies[id][0])[:CHARACTERS_SHOWN] for id, _ in both]
    found = word_diff.compare(*texts)
    runs = [found.left, found.right] if found is not None and found.is_alike else None
    answers = [
        GroupAnswer(
            rows[id],
            reverse("interaction", kwargs={"key": project.key, "id": id}),
            runs[side] if runs else [Run(word_diff.Change.SAME, texts[side])],
            max(0, bodies[id][1] - CHARACTERS_SHOWN),
            n,
        )
        for side, (id, n) in enumerate(both)
    ]
    (first, _), (second, _) = both
    newer, older = max(first, second), min(first, second)
    side_by_side = reverse("siblings", kwargs={"key": project.key, "id": first})
    return PromptRow(
        (answers[0], answers[1]), found, f"{side_by_side}?with={second}", f"{newer}.{older}"
    )
