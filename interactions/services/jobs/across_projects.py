"""Jobs and bulk actions of all projects, for who runs the site; nobody else may ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import BulkAction, Job
from interactions.services.bulk import actions as bulk_actions
from interactions.services.jobs import queue
from projects.services.access import Caller

_JOBS = (Job.State.FAILED, *Job.UNDER_WAY)
_BULK_ACTIONS = (BulkAction.State.FAILED, *BulkAction.UNDER_WAY)
Work = Job | BulkAction
JOB, BULK_ACTION = "job", "bulk"
# What is asked for, and the states that are meant by it, of both.
WORK_STATES: dict[str, tuple[str, ...]] = {
    "unfinished": (Job.State.WAITING, Job.State.RUNNING, BulkAction.State.UNDOING),
    "failed": (Job.State.FAILED,),
    "done": (Job.State.DONE,),
    "cancelled": (Job.State.CANCELLED, BulkAction.State.UNDONE),
}


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which of them; empty members narrow nothing. `kind` is `job`, `bulk`, or a kind of a job."""

    kind: str = ""
    state: str = ""
    project: str = ""
    person: str = ""

    @property
    def conditions(self) -> dict[str, object]:
        """The same for a query."""
        found: dict[str, object] = {"project__deleted_at": None}
        if self.state:
            found["state__in"] = WORK_STATES[self.state]
        if self.project:
            found["project__key"] = self.project
        if self.person:
            found["created_by__email__icontains"] = self.person
        return found


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """Where a page begins: before a job and before a bulk action, by their ids.

    >>> str(WorkPlace.read("12-7"))
    '12-7'
    """

    job: int
    bulk_action: int

    @classmethod
    def read(cls, text: str) -> "WorkPlace":
        """The place that stands in an address. Raises ValueError."""
        job, _, action = text[:40].partition("-")
        return cls(min(int(job), 1 << 62), min(int(action), 1 << 62))

    def __str__(self) -> str:
        return f"{self.job}-{self.bulk_action}"


def page(wanted: WorkFilter, *, before: WorkPlace | None, limit: int) -> list[Work]:
    """Some jobs and bulk actions together, the newest first."""
    found: list[Work] = []
    if wanted.kind != BULK_ACTION:
        jobs = Job.objects.filter(**wanted.conditions)
        if wanted.kind not in ("", JOB):
            jobs = jobs.filter(kind=wanted.kind)
        if before is not None:
            jobs = jobs.filter(id__lt=before.job)
        found += jobs.select_related("project", "created_by").newest_first()[:limit]
    if wanted.kind in ("", BULK_ACTION):
        actions = BulkAction.objects.filter(**wanted.conditions)
        if before is not None:
            actions = actions.filter(id__lt=before.bulk_action)
        found += actions.select_related("project", "created_by").newest_first()[:limit]
    return sorted(found, key=lambda one: one.created_at, reverse=True)[:limit]


def place_after(shown: Sequence[Work], before: WorkPlace | None) -> WorkPlace:
    """Where the page after `shown` begins, which itself began at `before`."""
    start = before or WorkPlace(1 << 62, 1 << 62)
    jobs = [one.pk for one in shown if isinstance(one, Job)]
    actions = [one.pk for one in shown if isinstance(one, BulkAction)]
    return WorkPlace(min(jobs, default=start.job), min(actions, default=start.bulk_action))


def named(names: Sequence[str]) -> list[Work]:
    """Those with these names, `job:UUID` or `bulk:UUID`; what is not there is left out."""
    ids: dict[str, list[UUID]] = {JOB: [], BULK_ACTION: []}
    for name in names:
        kind, _, id = name.partition(":")
        try:
            ids[kind].append(UUID(id))
        except (KeyError, ValueError) as error:
            raise Invalid("expected jobs and bulk actions of the list", field="of") from error
    jobs = Job.objects.filter(uuid__in=ids[JOB]).select_related("project", "created_by")
    actions = BulkAction.objects.filter(uuid__in=ids[BULK_ACTION])
    return [*jobs, *actions.select_related("project", "created_by")]


def retry(caller: Caller, work: Work) -> None:
    """Have one that has failed go on. Raises Invalid of any other, and Forbidden."""
    caller.check_administrator("look after the work of every project")
    if isinstance(work, Job):
        queue.retry(work, by=caller.user)
    else:
        bulk_actions.resume(work, caller=caller)


def cancel(caller: Caller, work: Work) -> None:
    """End one that is under way; a bulk action is undone as well. Raises Invalid, NotFound."""
    caller.check_administrator("look after the work of every project")
    if not work.is_under_way:
        raise NotFound("it has ended by itself")
    if isinstance(work, Job):
        queue.cancel(work, by=caller.user)
    else:
        bulk_actions.undo(work, caller=caller)


def unfinished_jobs(*, most: int) -> Sequence[Job]:
    """Jobs that failed or are under way, the newest first."""
    found = Job.objects.filter(state__in=_JOBS).select_related("project", "created_by")
    return list(found.newest_first()[:most])


def unfinished_bulk_actions(*, most: int) -> Sequence[BulkAction]:
    """Bulk actions that failed or are under way, the newest first."""
    found = BulkAction.objects.filter(state__in=_BULK_ACTIONS)
    return list(found.select_related("project", "created_by").newest_first()[:most])


def jobs_by_state() -> dict[str, int]:
    """How many jobs failed or are under way."""
    found = Job.objects.filter(state__in=_JOBS).order_by()
    return _none_of(_JOBS) | dict(found.values_list("state").annotate(Count("id")))


def bulk_actions_by_state() -> dict[str, int]:
    """How many bulk actions failed or are under way."""
    found = BulkAction.objects.filter(state__in=_BULK_ACTIONS).order_by()
    return _none_of(_BULK_ACTIONS) | dict(found.values_list("state").annotate(Count("id")))


def _none_of(states: Sequence[str]) -> dict[str, int]:
    return {str(state): 0 for state in states}
