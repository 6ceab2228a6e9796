"""Datasets that grow: a filter they keep, whose new matches they take; begun, changed, ended.

`growing.py` is what a worker does for them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.ids import first_id_at
from interactions.filters.address.form import InteractionFilter
from interactions.filters.tree import Tree
from interactions.models import Dataset
from interactions.services import selections
from interactions.services.browsing import explanations
from interactions.services.datasets import drafts
from projects.models import Project, User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

LARGEST_CAP = 10_000_000


class Schedule(StrEnum):
    """How soon new matches are taken."""

    AT_ONCE = "at once"
    HOURLY = "hourly"
    DAILY = "daily"


class GrowthDedupe(StrEnum):
    """Which of the new matches are left out as already there."""

    NONE = "none"
    PROMPT = "prompt"  # the same prompt
    ANSWER = "answer"  # the same prompt with the same answer


PAUSES = {
    Schedule.AT_ONCE: timedelta(seconds=2),  # as often as an idle worker looks
    Schedule.HOURLY: timedelta(hours=1),
    Schedule.DAILY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Growth:
    """How a dataset grows, as `Dataset.growth` has it.

    Matches are gone through from `first` on, oldest first; `after` is how far that is. `again_at`
    is when they are all looked at once more: an interaction may come to match later, by a label
    or feedback, and one may be logged with an earlier time. `batch` is the entry of the lineage
    that is being added to. `stopped` says why nothing is taken any more, `error` what went wrong
    at the last attempt, of which there were `failures`.
    """

    query: str
    schedule: str
    gate: bool
    cap: int | None
    dedupe: str
    by: int
    started_at: str
    first: str | None = None
    after: str | None = None
    again_at: str | None = None
    batch: int | None = None
    taken: int = 0
    last_taken_at: str | None = None
    stopped: str = ""
    error: str = ""
    failures: int = 0

    @classmethod
    def of(cls, dataset: Dataset) -> Self | None:
        """How the dataset grows, or grew; None when it never did."""
        said: Mapping[str, Any] | None = dataset.growth
        return None if said is None else cls(**said)

    @property
    def is_on(self) -> bool:
        """Whether new matches are taken."""
        return not self.stopped

    @property
    def is_resting(self) -> bool:
        """Whether it waits after an error before it is tried again."""
        return bool(self.error) and self.is_on

    @property
    def last_taken(self) -> datetime | None:
        """When records were last taken."""
        return datetime.fromisoformat(self.last_taken_at) if self.last_taken_at else None

    @property
    def place(self) -> UUID | None:
        """The id after which matches are still to be looked at."""
        return UUID(self.after) if self.after else None

    def tree(self) -> Tree:
        """The filter; spans of time are from when growing began. Raises Invalid."""
        read = InteractionFilter(QueryDict(self.query))
        if not read.is_valid():
            name, message = read.faults[0]
            raise Invalid(message, field=name)
        return read.tree(datetime.fromisoformat(self.started_at))


def sentence(project: Project, growth: Growth) -> str:
    """What is taken, in words."""
    try:
        said = explanations.sentence(project, growth.tree())
    except Invalid as error:
        return f"a filter that cannot be read: {error}"
    return "all interactions" if said == "everything" else f"interactions where {said}"


@transaction.atomic
def start(
    dataset: Dataset,
    query: QueryDict,
    *,
    by: User,
    schedule: str = Schedule.AT_ONCE,
    gate: bool = False,
    cap: int | None = None,
    dedupe: str = GrowthDedupe.PROMPT,
    existing: bool = False,
) -> Growth:
    """Have a dataset take what matches a filter from now on, or `existing` matches as well.

    With a `gate` what it takes waits for review. It stops when it has `cap` records, those that
    wait among them. Raises Invalid naming the member at fault, Forbidden to who may not write.
    """
    project = dataset.project
    Caller(by).check_may(EDIT_DATASETS, project)
    locked = drafts.lock(dataset)
    now = datetime.now(UTC)
    first = None if existing else str(UUID(int=max(0, first_id_at(now).int - 1)))
    made = Growth(
        query=selections.absolute(query, now).urlencode(safe=":*"),
        schedule=schedule,
        gate=gate,
        cap=cap,
        dedupe=dedupe,
        by=by.id,
        started_at=now.isoformat(),
        first=first,
        after=first,
    )
    _check(made)
    keep(locked, made, at=now)
    _tell(locked, by, "dataset.growth_started", made)
    dataset.growth, dataset.grows_next_at = locked.growth, locked.grows_next_at
    return made


@transaction.atomic
def change(
    dataset: Dataset,
    *,
    by: User,
    schedule: str,
    gate: bool,
    cap: int | None,
    dedupe: str,
) -> Growth:
    """Change how a dataset grows, or have it grow again; it goes on where it was.

    From then on it grows in the name of who has changed it.
    """
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    locked = drafts.lock(dataset)
    was = Growth.of(locked)
    if was is None:
        raise Invalid("this dataset has no filter to grow by", field="query")
    made = replace(
        was, schedule=schedule, gate=gate, cap=cap, dedupe=dedupe, by=by.id, stopped="", error="",
        failures=0,
    )  # fmt: skip
    _check(made)
    keep(locked, made, at=datetime.now(UTC))
    _tell(locked, by, "dataset.growth_changed", made)
    dataset.growth, dataset.grows_next_at = locked.growth, locked.grows_next_at
    return made


@transaction.atomic
def stop(dataset: Dataset, *, by: User) -> None:
    """Have a dataset take nothing more; what it has taken stays, and so does its filter."""
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    locked = drafts.lock(dataset)
    was = Growth.of(locked)
    if was is None or not was.is_on:
        raise Invalid("this dataset does not grow")
    end(locked, was, f"{by.name} has stopped it")
    _tell(locked, by, "dataset.growth_stopped", was)
    dataset.growth, dataset.grows_next_at = locked.growth, None


def keep(dataset: Dataset, growth: Growth, *, at: datetime | None) -> None:
    """Write how the dataset grows, and when a worker is to look; the dataset is locked."""
    dataset.growth, dataset.grows_next_at = asdict(growth), at
    dataset.save(update_fields=["growth", "grows_next_at"])


def end(dataset: Dataset, growth: Growth, why: str) -> None:
    """Let the dataset grow no more, and say why."""
    keep(dataset, replace(growth, stopped=why, error=""), at=None)


def _check(growth: Growth) -> None:
    growth.tree()
    if growth.schedule not in list(Schedule):
        raise Invalid(f"expected one of {', '.join(Schedule)}", field="schedule")
    if growth.dedupe not in list(GrowthDedupe):
        raise Invalid(f"expected one of {', '.join(GrowthDedupe)}", field="dedupe")
    if growth.cap is not None and not 1 <= growth.cap <= LARGEST_CAP:
        raise Invalid(f"expected a number from 1 to {LARGEST_CAP:,}, or none", field="cap")


def _tell(dataset: Dataset, by: User, verb: str, growth: Growth) -> None:
    audit.record(
        dataset.project, actor=by, verb=verb, subject=dataset.key, filter=growth.query,
        schedule=growth.schedule, gate=growth.gate, cap=growth.cap, dedupe=growth.dedupe,
    )  # fmt: skip
