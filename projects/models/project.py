"""Projects, and the teams they are shared with."""

import re
import uuid
from collections.abc import Iterable
from typing import Self, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from .people import Reader, Role, Team

M = TypeVar("M", bound=models.Model, covariant=True)


def named(id_or_key: str) -> models.Q:
    """Whether a row has this key or this UUID, by either of which the SDK may name one."""
    try:
        return models.Q(key=id_or_key) | models.Q(uuid=uuid.UUID(id_or_key))
    except ValueError:
        return models.Q(key=id_or_key)


def slug_of(name: str) -> str:
    """A name as a key: `R&D v1.2` is `r-d-v1-2`, as addresses of service accounts have it too."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects."""

    def there(self) -> Self:
        """Those that nobody has deleted."""
        return self.filter(deleted_at=None)

    def known_as(self, id_or_key: str) -> Self:
        """The one with this key or this UUID."""
        return self.there().filter(named(id_or_key))

    def visible_to(self, caller: Reader) -> Self:
        """The projects that `caller` may read, by name."""
        found = self.there().order_by("name", "id")
        return found if caller.is_administrator else found.filter(id__in=caller.readable)


LONGEST_KEPT = 36_500  # days; more would be for ever


class Project(models.Model):
    """A place where interactions are logged; nothing ever crosses from one to another."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    keep_days = models.PositiveIntegerField(
        "days to keep interactions",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_KEPT)],
        help_text="Older interactions are deleted for good, with their feedback. Empty: for ever.",
    )
    primary_metric = models.ForeignKey(
        "projects.Metric",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,  # projects are few
        help_text="Whose values are on the keys 1 to 9. Empty: the most used yes or no metric.",
    )
    # What is masked before it is stored, as `interactions.services.masking.rules` reads it.
    masking = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when nothing is added or changed."
    )
    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when nobody sees it; a worker removes what is left of it.",
    )

    objects = ProjectQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """Whether it can be read and not written to."""
        return self.archived_at is not None


class InProject(models.QuerySet[M]):
    """Rows that belong to one project each; outside the models every query begins in one."""

    def in_project(self, project: Project) -> Self:
        """The rows of `project`."""
        return self.filter(project=project)

    def in_projects(self, projects: Iterable[Project]) -> Self:
        """The rows of these projects."""
        return self.filter(project__in=list(projects))

    def visible_to(self, caller: Reader) -> Self:
        """The rows of all projects that `caller` may read."""
        if caller.is_administrator:
            return self.exclude(project=None).filter(project__deleted_at=None)
        return self.filter(project__in=caller.readable)


class ProjectShare(models.Model):
    """A team that may use a project, with the most its members may do there."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="shares")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shares")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="shares")
    is_owner = models.BooleanField(default=False)

    objects = InProject["ProjectShare"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "team"], name="one_share_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.project} with {self.team} as {self.role}"
