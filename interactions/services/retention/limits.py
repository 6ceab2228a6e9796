"""How long a project keeps its interactions."""

from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from projects.models import Event, Project
from projects.services.projects import RETENTION_SET

# A person who has mistyped the number of days has this long to correct it.
RETENTION_GRACE = timedelta(hours=1)


def limit_of(project: Project) -> datetime | None:
    """When the oldest day begins that `project` keeps, in UTC; None keeps all."""
    if project.keep_days is None:
        return None
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=project.keep_days)


def with_limit() -> QuerySet[Project]:
    """Projects that keep their interactions for some days only, and have said so for a while."""
    changed = Event.objects.filter(
        project=OuterRef("pk"), verb=RETENTION_SET, created_at__gt=timezone.now() - RETENTION_GRACE
    )
    return Project.objects.filter(~Exists(changed), keep_days__isnull=False).order_by("id")
