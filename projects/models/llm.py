"""Models (LLMs), and the projects they may be used in."""

import uuid
from typing import Self

from django.db import models

from adaptive_site.lib.jsonfield import ExactJSONField

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
    """A large language model, by the name people call it.

    Without a provider it is a name only: interactions may carry it, nothing can be asked of it.
    """

    class Provider(models.TextChoices):
        """Who answers; the values are the SDK's, but for the two that are ours."""

        NONE = "", "nobody: a name in imported interactions"
        ECHO = "ECHO", "this server's echo, to try things with"
        OPEN_AI = "OPEN_AI", "an OpenAI-compatible server"
        GOOGLE = "GOOGLE", "Google's OpenAI-compatible address"
        ANTHROPIC = "ANTHROPIC", "Anthropic's OpenAI-compatible address"

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=10, choices=Provider, default=Provider.NONE, blank=True)
    # Not a URLField, whose check refuses host names without a dot.
    base_url = models.CharField(
        max_length=200,
        blank=True,
        help_text="Such as https://api.openai.com/v1; empty for the provider's own.",
    )
    external_id = models.CharField(
        max_length=200, blank=True, help_text="What the provider calls the model."
    )
    encrypted_api_key = models.BinaryField(default=b"", editable=False)
    extra_params = ExactJSONField(
        default=dict, blank=True, help_text="Sent with every request to the provider."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LlmQuerySet.as_manager()

    class Meta:
        verbose_name = "model"

    def __str__(self) -> str:
        return self.name


class ProjectLlm(models.Model):
    """A model that may be used, and logged, in a project."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="llm_links")
    llm = models.ForeignKey(Llm, on_delete=models.CASCADE, related_name="attachments")
    is_default = models.BooleanField(default=False)
    desired_online = models.BooleanField(default=True)
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
