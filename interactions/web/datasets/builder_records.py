"""The records of a plan, read as a file would have them."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from interactions.services.building.pipeline import Plan
from interactions.services.training import tokens
from interactions.services.training.from_interactions import records
from interactions.services.training.record import TrainingRecord
from projects.models import Project

MEASURED = 300  # records whose lengths stand for all


class PlannedRecords:
    """A plan as a source of records."""

    as_of: datetime | None = None
    title = ""
    name = "preview"

    def __init__(self, plan: Plan) -> None:
        self.project: Project = plan.project
        self.kind = str(plan.recipe.kind.of_dataset)
        self._plan = plan

    def count(self) -> int:
        """How many there are."""
        return len(self._plan)

    def records(self, *, start: int = 0, stop: int | None = None) -> Iterator[TrainingRecord]:
        """The records with these numbers."""
        yield from records(self.project, self._plan.records(start, stop), kind=self.kind)


def measured(plan: Plan) -> list[int]:
    """About how many tokens each record has: of all, or of MEASURED drawn at random."""
    numbers = range(len(plan))
    drawn = sorted(Random(0).sample(numbers, MEASURED)) if len(plan) > MEASURED else list(numbers)
    kind = str(plan.recipe.kind.of_dataset)
    return [
        tokens.of_record(record) for record in records(plan.project, plan.at(drawn), kind=kind)
    ]
