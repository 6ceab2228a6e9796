"""Jobs: long work that a person has begun, and watches, cancels or takes the result of."""

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField
from projects.models import ApiKey, InProject, Project, User


class JobQuerySet(InProject["Job"]):
    """Jobs; a query begins with `in_project`, except the worker's, which does them all."""

    def under_way(self) -> Self:
        """Those that a worker has something to do for."""
        return self.filter(state__in=Job.UNDER_WAY)

    def newest_first(self) -> Self:
        """The latest begun first."""
        return self.order_by("-id")


class Job(models.Model):
    """One piece of long work; the table is the queue as well.

    A worker does it step by step. A step, its progress and `cursor`, which says where the next
    one begins, are one transaction, so a process that dies loses nothing and does nothing twice.
    """

    class Kind(models.TextChoices):
        """What is done."""

        BUILD = "build", "Make a dataset"
        EXPORT = "export", "Make a file"
        IMPORT = "import", "Import a file"
        UPLOAD = "upload", "Read an uploaded dataset"
        LOG = "log", "Log a dataset's records as interactions"
        CHANGE = "change", "Change a dataset's records"
        VERSION = "version", "Make a version of a dataset"
        ERASE = "erase", "Erase for good"

    class State(models.TextChoices):
        """How far a job is."""

        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    UNDER_WAY = (State.WAITING, State.RUNNING)

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    arguments = ExactJSONField(default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+")
    # With which it was begun, if with one: it narrows what the job may. Without a constraint, so
    # that a job never outlives its key as one that was begun without.
    key = models.ForeignKey(
        ApiKey, models.DO_NOTHING, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    stage = models.CharField(max_length=100, blank=True, help_text="What is being done now.")
    total = models.BigIntegerField(null=True, help_text="Of the stage; null: not known yet.")
    done = models.BigIntegerField(default=0, help_text="Of the stage, in the unit of `total`.")
    # What a long step says of itself while it runs: its stage, done, total, and since when.
    told = ExactJSONField(default=dict)
    cursor = ExactJSONField(default=dict)
    result = ExactJSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.IntegerField(default=0, help_text="Of the present step.")
    next_at = models.DateTimeField(help_text="When a worker may take the next step.")
    started_at = models.DateTimeField(null=True, help_text="When the stage began.")
    finished_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "job"
        indexes = [
            models.Index(fields=["project", "-id"], name="job_newest"),
            models.Index(
                fields=["next_at"],
                condition=models.Q(state__in=("waiting", "running")),
                name="job_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has something left to do."""
        return self.state in self.UNDER_WAY

    def is_cancelled(self) -> bool:
        """Whether somebody has cancelled the job by now; a long step asks now and then."""
        mine = Job.objects.in_project(self.project).filter(id=self.id)
        return mine.exclude(cancelled_by=None).exists()


class ErasureTarget(models.Model):
    """An interaction that a job erases; the row goes when the job has ended.

    The interaction may be gone already: copies of it in a bin or in datasets are erased too.
    """

    pk = models.CompositePrimaryKey("job_id", "interaction_id")
    job = models.ForeignKey(
        Job, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    interaction_id = models.UUIDField()
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )

    objects = InProject["ErasureTarget"].as_manager()

    class Meta:
        db_table = "erasure_target"

    def __str__(self) -> str:
        return f"{self.interaction_id} of {self.job_id}"


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
