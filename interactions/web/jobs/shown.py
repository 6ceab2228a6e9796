"""A job as pages show it: what it does, how far it is, what came of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from math import ceil
from typing import Any
from urllib.parse import urljoin

from django.urls import reverse

from interactions.models import Job
from interactions.services.bulk.queue import is_worked_on
from interactions.services.jobs.kinds import kind_of
from interactions.services.jobs.queue import ATTEMPTS_PER_STEP

# What an import came to stands on the job's own page.
LEADS_ON = (Job.Kind.BUILD, Job.Kind.CHANGE, Job.Kind.EXPORT, Job.Kind.UPLOAD, Job.Kind.VERSION)
SECONDS_BEFORE_GUESS = 1  # of a stage, before its rate says anything
_UNITS = ((3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class JobLink:
    """Where a result can be seen or had."""

    address: str
    words: str


@dataclass
class ShownJob:
    """A job with its progress, or with its result as `page.py` describes it."""

    job: Job

    @cached_property
    def sentence(self) -> str:
        """What is done, in words."""
        return kind_of(self.job).sentence(self.job)

    @property
    def told(self) -> dict[str, Any]:
        """What a long step says of itself while it runs."""
        return dict(self.job.told) if self.job.state == Job.State.RUNNING else {}

    @property
    def stage(self) -> str:
        """What is being done now, as the beginning of a sentence."""
        stage = str(self.told.get("stage") or self.job.stage)
        return stage[:1].upper() + stage[1:]

    @property
    def total(self) -> int | None:
        """How much there is to do in the stage; None while that is not known."""
        found: int | None = self.told["total"] if self.told else self.job.total
        return found

    @property
    def done(self) -> int:
        """How much of the stage is done."""
        done = int(self.told["done"] if self.told else self.job.done)
        return done if self.total is None else min(done, self.total)

    @property
    def is_cancelling(self) -> bool:
        """Whether somebody has cancelled it, and the worker has not got there yet."""
        return self.job.is_under_way and self.job.cancelled_by_id is not None

    @property
    def percent(self) -> int:
        """The share of the stage that is done."""
        return self.done * 100 // self.total if self.total else 0

    @cached_property
    def rate(self) -> float | None:
        """How much of the stage is done a second; None while nothing can be said."""
        since = self.told.get("since")
        begun = datetime.fromisoformat(since) if since else self.job.started_at
        if begun is None or self.job.state != Job.State.RUNNING:
            return None
        seconds = (datetime.now(UTC) - begun).total_seconds()
        return self.done / seconds if seconds >= SECONDS_BEFORE_GUESS else None

    @property
    def left(self) -> str:
        """About how long the stage will take yet: `40 s`; "" while nothing can be said."""
        if not self.rate or self.total is None or self.done >= self.total:
            return ""
        return rounded((self.total - self.done) / self.rate)

    @property
    def took(self) -> str:
        """How long it took from beginning to end."""
        ended = self.job.finished_at or self.job.created_at
        seconds = (ended - self.job.created_at).total_seconds()
        return f"{seconds:.1f} s" if seconds < 60 else rounded(seconds)

    @property
    def words(self) -> str:
        """What came of it, as the kind of the job says it."""
        return str(self.job.result.get("words", ""))

    @property
    def links(self) -> list[JobLink]:
        """Where the result is; an address is one within the project."""
        key = self.job.project.key
        root = reverse("interactions", kwargs={"key": key})
        given = [dict(one) for one in self.job.result.get("links", ())]
        if address := self.job.result.get("address"):
            given.insert(0, {"address": address, "words": self.job.result.get("open", "Open")})
        made = []
        for one in given:
            # A worker does not know below which path the site is: the address begins there.
            address = str(one["address"]).removeprefix(f"/projects/{key}/")
            made.append(JobLink(urljoin(root, f"../{address}"), one["words"]))
        return made

    @property
    def ended(self) -> str:
        """How it ended, in a sentence."""
        if self.job.state == Job.State.DONE:
            return self.words
        how = self.job.get_state_display()
        return f"{self.sentence}: {how}{f', {self.job.error}' if self.job.error else ''}."

    @property
    def leads_on(self) -> bool:
        """Whether the page goes on by itself to what came of it: the dataset, or the file."""
        return self.job.state == Job.State.DONE and self.job.kind in LEADS_ON

    @property
    def may_retry(self) -> bool:
        """Whether trying again may help: what it was told is wrong stays so."""
        return self.job.state == Job.State.FAILED and self.job.attempts >= ATTEMPTS_PER_STEP

    @cached_property
    def is_worked_on(self) -> bool:
        """Whether a worker is there; asked only while there is something to do."""
        return not self.job.is_under_way or is_worked_on()


def rounded(seconds: float) -> str:
    """A length of time, in its largest unit.

    >>> rounded(0.2), rounded(59), rounded(61), rounded(7201)
    ('1 s', '59 s', '2 min', '3 h')
    """
    unit, name = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return f"{ceil(seconds / unit)} {name}"
