"""What a worker has still to do: texts to index, lines of lists to make anew."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from projects.models import InProject, Project


class Arrival(models.Model):
    """The interactions of one batch, until a worker has indexed their text.

    Written with them in one transaction and deleted in the one that indexes them: every
    interaction is either in the index of texts or in here.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    interaction_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "arrival"

    def __str__(self) -> str:
        return f"{len(self.interaction_ids)} interactions"


class PreviewRenewal(models.Model):
    """A project whose interactions older than `before` may have lines of an earlier version."""

    project = models.OneToOneField(
        Project,
        models.DO_NOTHING,
        primary_key=True,
        related_name="+",
        db_constraint=False,
    )
    before = models.UUIDField()

    class Meta:
        db_table = "preview_renewal"

    def __str__(self) -> str:
        return f"before {self.before}"


class Retention(models.Model):
    """How many of its newest interactions a project keeps, and when what it lets go last went.

    The number of days stands in the project.
    """

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    keep_newest = models.BigIntegerField(null=True, help_text="Null keeps all.")
    ran_at = models.DateTimeField(null=True, help_text="When the worker last looked.")
    removed_at = models.DateTimeField(null=True, help_text="When it last removed some.")
    removed = models.BigIntegerField(
        default=0, db_default=0, help_text="On the day of `removed_at`, in UTC."
    )

    objects = InProject["Retention"].as_manager()

    class Meta:
        db_table = "retention"

    def __str__(self) -> str:
        return f"retention of {self.project_id}"
