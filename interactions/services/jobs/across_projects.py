"""Jobs and bulk actions of all projects, for who runs the site; nobody else may ask."""

from collections.abc import Sequence

from django.db.models import Count

from interactions.models import BulkAction, Job

_JOBS = (Job.State.FAILED, *Job.UNDER_WAY)
_BULK_ACTIONS = (BulkAction.State.FAILED, *BulkAction.UNDER_WAY)


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
