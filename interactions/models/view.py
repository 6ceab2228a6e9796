"""Saved views of the list: a filter with columns, order and density."""

from typing import ClassVar

from django.db import models

from adaptive_site.lib.ids import uuid4
from projects.models import InProject, Project, User


class SavedView(models.Model):
    """An address of the list under a name, private or shared with the project.

    `query` is what stands behind the address's `?`. A relative time in it stays relative.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="views")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=100)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    is_project_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = InProject["SavedView"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(is_project_default=True), name="one_default"
            ),
            models.UniqueConstraint(fields=["project", "owner", "name"], name="view_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ListPreference(models.Model):
    """How a person last chose to see a project's list, and the view it opens with.

    Empty `columns` and `density` are those everyone begins with.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    columns = models.TextField(blank=True)
    density = models.CharField(max_length=20, blank=True)
    default_view = models.ForeignKey(
        SavedView, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = InProject["ListPreference"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "user"], name="one_preference")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"


class TourSeen(models.Model):
    """Somebody who has seen the tour of the list's hints, or skipped the tour."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.user)
