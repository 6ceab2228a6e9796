"""What comes of a recipe: how many records are left, their lengths, faults, splits, first lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from interactions.models import Image
from interactions.services.building import pipeline
from interactions.services.building.pair_chances import PairFigures
from interactions.services.building.pipeline import BuildPlan, Step
from interactions.services.building.texts.findings import Findings
from interactions.services.datasets.placing.split_rule import SPLITS
from interactions.services.export.choices import ADDRESSES, FileChoices
from interactions.services.export.files import Survey, survey
from interactions.web.building import pair_ways
from interactions.web.building.builder_page import BuilderPage
from interactions.web.building.lengths import Lengths, lengths
from interactions.web.building.near_pairs import NearPair, near_pairs
from interactions.web.building.pair_ways import ShownWay
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
    """A step with how many it leaves and drops, and its share of what there was at most. Of what
    it drops so many interactions `can_be_seen`.
    """

    name: str
    words: str
    left: int
    dropped: int
    percent: float
    is_at_most: bool
    can_be_seen: int = 0


@dataclass(frozen=True, slots=True)
class ShownSplit:
    """A split with its records, drawn from `x` on, `width` wide, in hundredths."""

    name: str
    n: int
    x: float
    width: float


@dataclass
class BuilderPreview:
    """The preview of a page; without a plan where the page has faults or it took too long.

    Unless it `is_whole`, what takes longer is left for a second one.
    """

    page: BuilderPage
    plan: BuildPlan | None = None
    is_late: bool = False
    is_whole: bool = False

    looked_at = LOOKED_AT
    surveyed = SURVEYED

    @classmethod
    def of(cls, page: BuilderPage, *, is_whole: bool = False) -> "BuilderPreview":
        """Plan what the page asks for; a fault that only planning finds is blamed on its field."""
        made = cls(page, is_whole=is_whole)
        limits = pipeline.AFTER_IT if is_whole else pipeline.WITH_THE_REST
        if page.recipe is None or page.faults:
            return made
        try:
            made.plan = pipeline.preview(
                page.project,
                page.selection,
                page.recipe,
                dataset=page.into,
                near_limits=limits,
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
        """Whether near-duplicates were not looked for among all of the records."""
        return self.plan is not None and any(step.is_at_most for step in self.plan.steps)

    @property
    def waits_for_near(self) -> bool:
        """Whether the second preview will look for near-duplicates."""
        plan = self.plan
        return not self.is_whole and plan is not None and self.has_near_left and plan.near is None

    @property
    def has_no_pairs(self) -> bool:
        """Whether preferences were asked for, and nothing is left of them."""
        return self.plan is not None and self.plan.recipe.is_preference and not self.left

    @property
    def is_waiting(self) -> bool:
        """Whether there is a second preview to wait for."""
        return self.waits_for_near or (self.has_no_pairs and not self.is_whole)

    @cached_property
    def pair_figures(self) -> PairFigures | None:
        """What there is to make pairs of, where there are none."""
        return pair_ways.figures(self.page) if self.has_no_pairs else None

    @property
    def pair_reasons(self) -> list[str]:
        """Why there are no pairs."""
        if self.plan is None or self.pair_figures is None:
            return []
        return pair_ways.reasons(self.plan.recipe, self.pair_figures)

    @cached_property
    def ways_on(self) -> list[ShownWay]:
        """What to do instead, where there are no pairs."""
        figures = self.pair_figures
        return pair_ways.ways(self.page, figures) if figures and self.is_whole else []

    @property
    def emptied_by(self) -> str:
        """The step after which nothing was left."""
        steps = [step for step in self.steps if not step.left]
        return steps[0].words if steps and steps[0].dropped else ""

    @property
    def has_more_pairs(self) -> bool:
        """Whether there are more pairs than interactions, which wants an explanation."""
        steps = self.plan.steps if self.plan is not None else []
        return len(steps) > 1 and steps[1].of_pairs and steps[1].left > steps[0].left

    @property
    def gone(self) -> int:
        """How many of the ticked interactions are not there any more."""
        ticked = self.page.selection.includes
        if self.plan is None or not ticked or self.plan.newest:
            return 0
        return max(0, len(ticked) - self.plan.steps[0].left)

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

    def dropped(self, step: str) -> list[UUID]:
        """Some of the interactions that a step left out."""
        return self.plan.dropped.get(step, []) if self.plan is not None else []

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
                step.name,
                _STEPS.get(step.name, step.name),
                step.left,
                max(0, last.left - step.left) if last and last.of_pairs == step.of_pairs else 0,
                round(step.left * 100 / (most[step.of_pairs] or 1), 2),
                step.is_at_most,
                len(self.dropped(step.name)),
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
        return near_pairs(self.plan) if self.plan is not None and self.plan.near else []
