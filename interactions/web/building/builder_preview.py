"""What comes of a recipe: how many records are left, their lengths, faults, splits, first lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from os.path import commonprefix
from uuid import UUID

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from interactions.models import Image
from interactions.services.browsing import rows as browsing_rows
from interactions.services.building import pipeline
from interactions.services.building.pipeline import BuildPlan, Step
from interactions.services.building.recipe import PairsFrom
from interactions.services.building.texts.findings import Findings
from interactions.services.datasets.placing.split_rule import SPLITS
from interactions.services.export.choices import ADDRESSES, FileChoices
from interactions.services.export.files import Survey, survey
from interactions.web.building.builder_page import BuilderPage
from interactions.web.building.lengths import Lengths, lengths
from interactions.web.building.planned_records import (
    LOOKED_AT,
    PlannedRecords,
    ShownWarning,
    looked_at,
    warnings_of,
)
from interactions.web.images.files import image_url

READING_LIMIT_MS = 5_000
LINES_SHOWN = 3
SURVEYED = 200  # records that are tried in the format
NEAR_SHOWN = 8
ALIKE_SHOWN = 40  # characters before the first that differs
LONGEST_LINE = 6_000  # characters of a line that are shown
_STEPS = {
    "matched": "interactions matched",
    "pairs": "pairs of answers",
    "not tied": "not tied",
    "not empty": "neither empty nor cut off",
    "different answers": "with two different answers",
    "with feedback": "with feedback",
    "with these scores": "with this feedback",
    "new to the dataset": "new to the dataset",
    "without duplicates": "without duplicates",
    "without near-duplicates": "without near-duplicates",
    "sampled": "in the sample",
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step with how many it leaves and drops, and its share of what there was at most."""

    words: str
    left: int
    dropped: int
    percent: float
    is_at_most: bool


@dataclass(frozen=True, slots=True)
class ShownSplit:
    """A split with its records, drawn from `x` on, `width` wide, in hundredths."""

    name: str
    n: int
    x: float
    width: float


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


@dataclass
class BuilderPreview:
    """The preview of a page; without a plan where the page has faults or it took too long."""

    page: BuilderPage
    plan: BuildPlan | None = None
    is_late: bool = False

    looked_at = LOOKED_AT
    surveyed = SURVEYED

    @classmethod
    def of(cls, page: BuilderPage) -> "BuilderPreview":
        """Plan what the page asks for; a fault that only planning finds is blamed on its field."""
        made = cls(page)
        if page.recipe is None or page.faults:
            return made
        try:
            made.plan = pipeline.preview(
                page.project, page.selection, page.recipe, dataset=page.into
            )
        except TookTooLong:
            made.is_late = True
        except Invalid as error:
            page.blame(error)
        return made

    @property
    def left(self) -> int:
        """How many records there are."""
        return len(self.plan) if self.plan is not None else 0

    @property
    def is_at_most(self) -> bool:
        """Whether the job may find fewer, or more of a selection that was not looked at whole."""
        return self.plan is not None and not self.plan.is_exact

    @property
    def has_near_left(self) -> bool:
        """Whether near-duplicates were not looked for, because there are too many records."""
        return self.plan is not None and any(step.is_at_most for step in self.plan.steps)

    @property
    def has_no_pairs(self) -> bool:
        """Whether pairs were only looked for among comparisons, and there are none."""
        if self.plan is None or self.plan.recipe.pairs != PairsFrom.COMPARISONS:
            return False
        return any(step.name == "pairs" and not step.left for step in self.plan.steps)

    @property
    def is_read(self) -> bool:
        """Whether there is a plan."""
        return self.plan is not None

    @cached_property
    def findings(self) -> Findings | None:
        """What is found in the records, or in some of many; None when reading takes too long."""
        if self.plan is None:
            return None
        try:
            with time_limit(READING_LIMIT_MS):
                return looked_at(self.plan)
        except TookTooLong:
            return None

    @cached_property
    def warnings(self) -> list[ShownWarning]:
        """What is worth a look before the dataset is made."""
        return warnings_of(self.plan, self.findings) if self.plan is not None else []

    def ids_of(self, name: str) -> tuple[UUID, ...]:
        """The interactions that a warning is about."""
        return next((one.ids for one in self.warnings if one.name == name), ())

    @cached_property
    def steps(self) -> list[ShownStep]:
        """The steps, each with its share of the interactions, or of the pairs, there were."""
        steps: Sequence[Step] = self.plan.steps if self.plan is not None else ()
        most = {of: max((s.left for s in steps if s.of_pairs == of), default=0) for of in (0, 1)}
        before = [None, *steps]
        return [
            ShownStep(
                _STEPS.get(step.name, step.name),
                step.left,
                max(0, last.left - step.left) if last and last.of_pairs == step.of_pairs else 0,
                round(step.left * 100 / (most[step.of_pairs] or 1), 2),
                step.is_at_most,
            )
            for last, step in zip(before, steps, strict=False)
        ]

    @cached_property
    def splits(self) -> list[ShownSplit]:
        """The splits, if there is more than one."""
        counts = self.plan.counts if self.plan is not None else {}
        if self.plan is None or not self.plan.recipe.split.is_split:
            return []
        found, x = [], 0.0
        for name in SPLITS:
            width = counts[name] * 100 / max(1, self.left)
            found.append(ShownSplit(name, counts[name], round(x, 3), round(width, 3)))
            x += width
        return found

    @property
    def lengths(self) -> Lengths | None:
        """The lengths of the records that were read."""
        return lengths(self.findings.lengths) if self.findings else None

    @cached_property
    def survey(self) -> Survey | None:
        """The first records as they will be written; None when reading takes too long."""
        if self.plan is None:
            return None
        given = {"format": self.page.format.key, "images": ADDRESSES, "metric": self.page.label}
        choices = FileChoices.of(given, kind=self.page.kind.of_dataset)
        try:
            with time_limit(READING_LIMIT_MS):
                return survey(
                    PlannedRecords(self.plan),
                    choices,
                    self._address,
                    places=SURVEYED,
                    shown=LINES_SHOWN,
                )
        except TookTooLong:
            return None

    def _address(self, image: Image) -> str:
        return image_url(self.page.project, image)

    @property
    def lines(self) -> list[str]:
        """The first lines, long ones cut; of a table all in one."""
        said = self.survey.first if self.survey else ""
        first = said.split("\n") if said.startswith("{") else [said] if said else []
        return [line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …" for line in first]

    @property
    def unwritten(self) -> list[tuple[str, int]]:
        """Why some of the first records cannot be written in the format, and how many."""
        return self.survey.tally.reasons if self.survey else []

    @cached_property
    def near(self) -> list[NearPair]:
        """Some of what is dropped for being like what is kept."""
        if self.plan is None or not self.plan.near:
            return []
        shown = [(one.kept, *one.dropped[-1], one) for one in self.plan.near_groups(NEAR_SHOWN)]
        ids = [id for kept, dropped, *_ in shown for id in (kept, dropped) if id is not None]
        texts = {
            row.interaction.id: (
                f"{row.interaction.prompt_preview} → {row.interaction.completion_preview}"
            )
            for row in browsing_rows.rows(self.plan.project, list(dict.fromkeys(ids)))
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
