"""Models (LLMs), and the projects they may be used in."""

import uuid
from typing import Self

from django.db import models

from .project import Project


class LlmQuerySet(models.QuerySet["Llm"]):
    """Models."""

    def known_as(self, id_or_key: str) -> Self:
        """The one with this key or this UUID, as the SDK may name it by either."""
        try:
            return self.filter(models.Q(key=id_or_key) | models.Q(uuid=uuid.UUID(id_or_key)))
        except ValueError:
            return self.filter(key=id_or_key)

    def in_project(self, project: Project) -> Self:
        """Those attached to `project`."""
        return self.filter(attachments__project=project)


class Llm(models.Model):
    """A large language model, by the name people call it."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LlmQuerySet.as_manager()

    class Meta:
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name


class ProjectLlm(models.Model):
    """A model that may be used, and logged, in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="llm_links")
    llm = models.ForeignKey(Llm, on_delete=models.CASCADE, related_name="attachments")
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "model of a project"
        verbose_name_plural = "models of projects"
        constraints = [
            models.UniqueConstraint(fields=["project", "llm"], name="llm_once_in_a_project"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(is_default=True),
                name="one_default_llm_in_a_project",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.llm} in {self.project}"
