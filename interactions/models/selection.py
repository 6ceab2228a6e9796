"""What somebody picked among a project's interactions, for bulk actions and exports."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from projects.models import InProject, Project, User


class Selection(models.Model):
    """A choice of interactions that has an address and never changes.

    It is one of three: `includes`, when `query` and `changed_by` are none; what a filter matched
    when it was frozen, less `excludes`; or what a bulk action has changed, less `excludes`. All
    of a filter is never kept as ids: `query` is the list's own query string, relative times made
    absolute, and ids from `below` on are not in it.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()
    query = models.TextField(null=True)  # noqa: DJ001  # "" is a filter too: everything
    came_from = models.TextField(blank=True, help_text="The list's address, where it was ticked.")
    below = models.UUIDField(null=True)
    includes = ArrayField(models.UUIDField(), default=list)
    excludes = ArrayField(models.UUIDField(), default=list)
    changed_by = models.ForeignKey(
        "BulkAction", models.CASCADE, null=True, db_index=False, related_name="+"
    )

    objects = InProject["Selection"].as_manager()

    class Meta:
        db_table = "selection"

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_ticked(self) -> bool:
        """Whether the interactions were ticked one by one, not by a filter."""
        return self.query is None and self.changed_by_id is None
