"""How long, and how many of them, a project keeps its interactions."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.models import Retention
from projects.models import Event, Project, User
from projects.services import audit
from projects.services.access import DELETE, Caller
from projects.services.projects import RETENTION_SET, is_shorter

# A person who has mistyped the number of days has this long to correct it.
RETENTION_GRACE = timedelta(hours=1)
MOST_KEPT = 10**12  # interactions; more would be all


def limit_of(project: Project) -> datetime | None:
    """When the oldest day begins that `project` keeps, in UTC; None keeps all."""
    return None if project.keep_days is None else first_day_of(project.keep_days)


def first_day_of(days: int) -> datetime:
    """When the oldest of so many days begins, today not counted."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)


def newest_of(project: Project) -> int | None:
    """How many of its newest interactions `project` keeps; None keeps all."""
    mine = Retention.objects.in_project(project).values_list("keep_newest", flat=True)
    return mine.first()


def with_limit() -> QuerySet[Project]:
    """Projects that do not keep everything, and have said so for a while."""
    changed = Event.objects.filter(
        project=OuterRef("pk"), verb=RETENTION_SET, created_at__gt=timezone.now() - RETENTION_GRACE
    )
    by_number = Retention.objects.filter(project=OuterRef("pk"), keep_newest__isnull=False)
    limited = Q(keep_days__isnull=False) | Q(Exists(by_number))
    return Project.objects.filter(limited, ~Exists(changed)).order_by("id")


def begins_at(project: Project) -> datetime | None:
    """When a change of what is kept takes effect; None when it has."""
    changed = Event.objects.in_project(project).filter(verb=RETENTION_SET)
    at = changed.order_by("-id").values_list("created_at", flat=True).first()
    if at is None or at + RETENTION_GRACE <= timezone.now():
        return None
    return at + RETENTION_GRACE


@transaction.atomic
def keep_newest(project: Project, number: int | None, *, by: User) -> None:
    """Keep so many of the newest interactions of `project`, or with None all.

    Raises Forbidden to who may not delete, where fewer are kept than before; Invalid.
    """
    if number is not None and not 1 <= number <= MOST_KEPT:
        raise Invalid(f"expected a number from 1 to {MOST_KEPT:,}", field="keep_newest")
    Retention.objects.get_or_create(project=project)
    mine = Retention.objects.in_project(project)
    before = mine.select_for_update().values_list("keep_newest", flat=True).get()
    if number == before:
        return
    if is_shorter(number, before) and not Caller(by).may(DELETE, project):
        raise Forbidden(
            f"to keep fewer interactions deletes some: you need the permission {DELETE}"
            " in this project"
        )
    mine.update(keep_newest=number)
    audit.record(
        project,
        actor=by,
        verb=RETENTION_SET,
        subject=project.key,
        newest=number,
        newest_before=before,
    )
