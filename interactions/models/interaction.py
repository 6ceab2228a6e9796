"""Interactions: a narrow row that lists read, and a wide body for pages, exports and search."""

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adaptive_site.lib.database.any_of import among
from adaptive_site.lib.exact_json_field import ExactJSONField
from adaptive_site.lib.ids import first_id_at
from interactions.models.authorship import Authored
from projects.models import InProject, Llm, Project, User


class Source(models.TextChoices):
    """How an interaction came in; the values are the SDK's."""

    LIVE = "LIVE", "Live"
    OFFLINE = "OFFLINE", "Logged"
    AUTOMATION = "AUTOMATION", "Automation"
    DATASET = "DATASET", "Dataset"
    EVALUATION = "EVALUATION", "Evaluation"


class InteractionQuerySet(InProject["Interaction"]):
    """Interactions; every use of it begins with `in_project`."""

    def with_ids(self, ids: Collection[UUID]) -> Self:
        """Those whose id is one of `ids`."""
        return self.filter(among("id", ids))

    def in_session(self, session_id: UUID) -> Self:
        """The turns of one session."""
        return self.filter(session_id=session_id)

    def since(self, at: datetime) -> Self:
        """Those created at `at` or later."""
        return self.filter(id__gte=first_id_at(at))

    def oldest_first(self) -> Self:
        """In the order they were created."""
        return self.order_by("id")


class Interaction(Authored):
    """One prompt and its completion, as the list shows it.

    `id` is a UUIDv7 whose clock is `created_at`, so the order of ids is the order of time.
    The hot tables carry no foreign keys: PostgreSQL would check each row one by one at commit.
    The one writer writes rows with all that hangs on them in one transaction, and projects,
    models, metrics and people in use are never deleted.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    project = models.ForeignKey(
        Project,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="interactions",
    )
    llm = models.ForeignKey(
        Llm,
        models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="interactions",
        verbose_name="model",
    )
    session_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    source = models.CharField(max_length=10, choices=Source)
    # The 16 bytes of a digest, in the one 16-byte type PostgreSQL compares and prints as hex.
    prompt_hash = models.UUIDField()
    label_ids = ArrayField(models.IntegerField())
    prompt_preview = models.TextField()
    completion_preview = models.TextField()
    image_count = models.SmallIntegerField()
    prompt_tokens = models.IntegerField(null=True)
    completion_tokens = models.IntegerField(null=True)
    # Of the prompt's tokens, those that the provider read from its cache, where it said so.
    cached_tokens = models.IntegerField(null=True)
    latency_ms = models.IntegerField(null=True)
    ttft_ms = models.IntegerField("time to first token (ms)", null=True)
    external_id = models.TextField(null=True)  # noqa: DJ001  # many rows without one

    objects = InteractionQuerySet.as_manager()

    class Meta:
        db_table = "interaction"
        indexes = [
            models.Index(fields=["project", "id"], name="interaction_newest"),
            models.Index(fields=["project", "llm", "id"], name="interaction_llm"),
            models.Index(fields=["project", "source", "id"], name="interaction_source"),
            models.Index(fields=["project", "session_id", "id"], name="interaction_session"),
            models.Index(fields=["project", "prompt_hash", "id"], name="interaction_prompt"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="interaction_external_id",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @staticmethod
    def project_of(id: UUID) -> Project | None:
        """The project of the interaction with this id, for callers who name no project.

        Whoever asks must then check that the caller may see that project.
        """
        return Project.objects.filter(interactions__id=id).first()


class InteractionBody(models.Model):
    """The whole conversation of an interaction: what the model was sent, and its completion.

    `messages` are OpenAI's chat messages; an image part's `url` is `image:<sha256>` for an
    image of ours, or the remote address it was sent with. `completion_parts` is what the
    assistant's message holds beside its text, such as `{"tool_calls": […]}`.
    """

    interaction = models.OneToOneField(
        Interaction,
        models.DO_NOTHING,
        primary_key=True,
        related_name="body",
        db_constraint=False,
    )
    project = models.ForeignKey(
        Project,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    messages = ExactJSONField()
    completion = models.TextField()
    completion_parts = ExactJSONField(null=True)
    parameters = ExactJSONField(null=True)
    usage = ExactJSONField(null=True)
    system = ExactJSONField(null=True)
    user_metadata = ExactJSONField(null=True)

    objects = InProject["InteractionBody"].as_manager()

    class Meta:
        db_table = "interaction_body"

    def __str__(self) -> str:
        return str(self.interaction_id)
