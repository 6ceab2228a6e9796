"""The records of a plan, read as a file would have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from interactions.services.building import warnings
from interactions.services.building.pipeline import BuildPlan
from interactions.services.building.texts.findings import Findings
from interactions.services.building.warnings import BuildWarning
from interactions.services.training.from_interactions import records
from interactions.services.training.record import EVERYTHING, ReadBeside, TrainingRecord
from projects.models import Project

OF_THE_SAMPLE = ("no value", "few of a value")  # warnings about what is not there
LOOKED_AT = 500  # records that are read, and stand for all


class PlannedRecords:
    """A plan as a source of records."""

    as_of: datetime | None = None
    title = ""
    name = "preview"

    def __init__(self, plan: BuildPlan) -> None:
        self.project: Project = plan.project
        self.kind = str(plan.recipe.kind.of_dataset)
        self._plan = plan

    def count(self) -> int:
        """How many there are."""
        return len(self._plan)

    def records(
        self, *, start: int = 0, stop: int | None = None, beside: ReadBeside = EVERYTHING
    ) -> Iterator[TrainingRecord]:
        """The records with these numbers, with what is read beside them."""
        chosen = self._plan.records(start, stop)
        yield from records(self.project, chosen, kind=self.kind, beside=beside)


@dataclass(frozen=True, slots=True)
class ShownWarning:
    """What is wrong with some records; `ids` are all of theirs if `are_all`, else the first."""

    name: str
    sentence: str
    ids: tuple[UUID, ...]
    are_all: bool

    @property
    def can_be_heeded(self) -> bool:
        """Whether leaving them out helps."""
        return self.are_all and self.name not in OF_THE_SAMPLE


def looked_at(plan: BuildPlan) -> Findings:
    """What is found in the records: in all, or in LOOKED_AT of them, drawn at random."""
    numbers = range(len(plan))
    drawn = sorted(Random(0).sample(numbers, LOOKED_AT)) if len(plan) > LOOKED_AT else numbers
    found = Findings(plan.project)
    found.look(records(plan.project, plan.at(drawn), kind=str(plan.recipe.kind.of_dataset)))
    return found


def warnings_of(plan: BuildPlan, found: Findings | None) -> list[ShownWarning]:
    """What a plan, and the records that were read of it, should be looked at for."""
    is_whole = found is not None and found.looked_at == len(plan)
    read = found.warnings() if found is not None else []
    return [
        *(_shown(one, is_whole=True) for one in warnings.of_plan(plan)),
        *(_shown(one, is_whole=is_whole) for one in read),
    ]


def _shown(one: BuildWarning, *, is_whole: bool) -> ShownWarning:
    of = "" if is_whole or one.name == "one-sided" else f", of {one.of:,} looked at"
    are_all = is_whole and one.count <= len(one.ids)
    return ShownWarning(one.name, f"{one.sentence}{of}", one.ids, are_all)
