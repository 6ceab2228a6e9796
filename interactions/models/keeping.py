"""What must be kept, what a project lets go by number, and what was erased since which backup."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from projects.models import InProject, Project, User

from .label import Label


class LegalHold(models.Model):
    """A label of a project whose interactions nothing deletes; a key alone means all its values."""

    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    label = models.ForeignKey(Label, models.CASCADE, db_index=False, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = InProject["LegalHold"].as_manager()

    class Meta:
        db_table = "legal_hold"
        constraints = [
            models.UniqueConstraint(fields=["project", "label"], name="legal_hold_once"),
        ]

    def __str__(self) -> str:
        return f"hold by {self.label}"


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


class ErasureRecord(models.Model):
    """What was erased, for a restored backup that has it again: ids, and digests of words.

    The words themselves are not kept, so they have to be said again (`is_due`).
    """

    uuid = models.UUIDField(unique=True, help_text="That of the job.")
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    erased_at = models.DateTimeField()
    is_masked = models.BooleanField(default=False, db_default=False)
    ids = ArrayField(models.UUIDField())
    salt = models.CharField(max_length=64)
    word_digests = ArrayField(models.CharField(max_length=64))
    is_due = models.BooleanField(
        default=False, db_default=False, help_text="Words have to be said again after a restore."
    )

    objects = InProject["ErasureRecord"].as_manager()

    class Meta:
        db_table = "erasure_record"
        indexes = [models.Index(fields=["project", "-erased_at"], name="erasure_record_newest")]

    def __str__(self) -> str:
        return f"{len(self.ids)} erased by {self.uuid}"


class TakenBackup(models.Model):
    """A backup that `manage.py backup` has written: when it was begun, and where it was put."""

    uuid = models.UUIDField(unique=True)
    taken_at = models.DateTimeField()
    place = models.TextField(help_text="The machine and the file.")
    size = models.BigIntegerField()

    class Meta:
        db_table = "taken_backup"

    def __str__(self) -> str:
        return self.place
