"""The audit log: events, and the seals that make a change of one be seen.

Neither is ever changed or deleted, which triggers of the database see to
(`projects/migrations/0013_audit.py`); the one thing that happens to an event is that it is sealed.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Value

from adaptive_site.lib.exact_json_field import ExactJSONField

from .key import ApiKey
from .people import User
from .project import InProject, Project

# Of what a row that may be gone was: the id stays, whatever becomes of the row.
_LASTING: dict[str, Any] = {
    "null": True,
    "on_delete": models.DO_NOTHING,
    "related_name": "+",
    "db_constraint": False,
    "db_index": False,
}


class Event(models.Model):
    """Something a person did, or tried, that another may ask about later.

    Project, person and key may be deleted: their ids stay, and their names stand beside as text.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, **_LASTING)
    project_key = models.CharField(max_length=100, blank=True, db_default="")
    actor = models.ForeignKey(User, **_LASTING)
    actor_name = models.CharField(max_length=200, blank=True, db_default="")
    actor_email = models.CharField(max_length=254, blank=True, db_default="")
    acting_for = models.CharField(
        max_length=254,
        blank=True,
        db_default="",
        help_text="Whose name the actor, a service account, used: an e-mail address.",
    )
    verb = models.CharField(max_length=100, help_text="Such as `feedback.withdrawn`.")
    noun = models.GeneratedField(
        expression=Func(F("verb"), Value("."), Value(1), function="split_part"),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )
    subject = models.CharField(max_length=200, help_text="The id of what it was done to.")
    subjects = ArrayField(
        models.UUIDField(),
        null=True,
        help_text="The interactions, where several were read at once.",
    )
    details = ExactJSONField(default=dict)
    door = models.CharField(max_length=20, blank=True, db_default="")
    address = models.CharField(max_length=64, blank=True, db_default="")
    key = models.ForeignKey(ApiKey, **_LASTING)
    key_name = models.CharField(max_length=220, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    seal = models.BigIntegerField(null=True, help_text="The number of the seal that holds it.")

    objects = InProject["Event"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="event_in_project"),
            models.Index(fields=["project", "actor", "-created_at", "-id"], name="event_actor"),
            models.Index(fields=["project", "noun", "-created_at", "-id"], name="event_noun"),
            models.Index(fields=["project", "subject", "id"], name="event_subject"),
            models.Index(fields=["-created_at", "-id"], name="event_newest"),
            models.Index(fields=["seal", "id"], name="event_seal"),
            # Of the whole server, where few match of many.
            models.Index(fields=["actor", "-created_at", "-id"], name="event_of_actor"),
            models.Index(fields=["door", "-created_at", "-id"], name="event_door"),
            GinIndex(
                fields=["subjects"],
                name="event_subjects",
                condition=models.Q(subjects__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"

    @property
    def who(self) -> str:
        """Who did it, by the name they had."""
        return self.actor_name or self.actor_email


class Seal(models.Model):
    """Some events in a row, by the SHA-256 of each, chained to the seal before.

    How the digest is made says `docs/audit.md`.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    event_ids = ArrayField(models.BigIntegerField())
    event_digests = models.BinaryField(help_text="32 bytes for each event, in the same order.")

    def __str__(self) -> str:
        return f"{self.number}:{bytes(self.digest).hex()}"
