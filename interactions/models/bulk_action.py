"""Bulk actions: changes of many interactions at once, with the log that undoes them."""

import uuid
from typing import Self

from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField
from interactions.models.image import Image
from interactions.models.selection import Selection
from projects.models import ApiKey, InProject, Project, User


class BulkActionQuerySet(InProject["BulkAction"]):
    """Bulk actions; a query begins with `in_project`, except the worker's, which does them all."""

    def under_way(self) -> Self:
        """Those that a worker has something to do for."""
        return self.filter(state__in=BulkAction.UNDER_WAY)

    def newest_first(self) -> Self:
        """The latest begun first."""
        return self.order_by("-id")


class BulkAction(models.Model):
    """One thing done to all interactions of a selection; the table is the queue as well.

    A worker takes a piece of the selection and moves `cursor`, the last id done, in the same
    transaction: every interaction is done once, and a process that dies loses nothing. Undoing
    goes the other way, from the greatest id down.
    """

    class Kind(models.TextChoices):
        """What is done."""

        LABEL = "label", "Set a label"
        UNLABEL = "unlabel", "Remove a label"
        FEEDBACK = "feedback", "Give feedback"
        WITHDRAW = "withdraw", "Withdraw feedback"
        DELETE = "delete", "Delete"

    class State(models.TextChoices):
        """How far a bulk action is."""

        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        UNDOING = "undoing", "being undone"
        UNDONE = "undone", "undone"

    UNDER_WAY = (State.WAITING, State.RUNNING, State.UNDOING)

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    # Not PROTECT: a project may go with both of them.
    selection = models.ForeignKey(Selection, models.RESTRICT, related_name="bulk_actions")
    kind = models.CharField(max_length=10, choices=Kind)
    arguments = ExactJSONField(default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+")
    # As of a job.
    key = models.ForeignKey(
        ApiKey, models.DO_NOTHING, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.IntegerField(null=True, help_text="How many it began with; null: too many.")
    done = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    cursor = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone = models.IntegerField(default=0, help_text="How many are as they were before.")
    left = models.IntegerField(default=0, help_text="Changed by others since, so left alone.")
    purged_at = models.DateTimeField(null=True, help_text="When what undoing takes was deleted.")
    attempts = models.IntegerField(default=0, help_text="Of the present piece.")
    next_at = models.DateTimeField(help_text="When a worker may take the next piece.")
    error = models.TextField(blank=True)

    objects = BulkActionQuerySet.as_manager()

    class Meta:
        db_table = "bulk_action"
        indexes = [
            models.Index(fields=["project", "-id"], name="bulk_action_newest"),
            # The queue: few of many.
            models.Index(
                fields=["next_at"],
                condition=models.Q(state__in=("waiting", "running", "undoing")),
                name="bulk_action_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has something left to do."""
        return self.state in self.UNDER_WAY

    @property
    def skipped(self) -> int:
        """How many interactions were left as they were: already right, or not changeable."""
        return self.done - self.changed


class BulkActionChange(models.Model):
    """The undo log: what a bulk action changed of one interaction.

    Deleting keeps the whole of it here, each table's row as JSON. A migration that adds a column
    which may not be null to one of those tables has to fill it in here too.
    """

    pk = models.CompositePrimaryKey("action_id", "interaction_id")
    action = models.ForeignKey(
        BulkAction, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    interaction_id = models.UUIDField()
    before = ExactJSONField()

    class Meta:
        db_table = "bulk_action_change"

    def __str__(self) -> str:
        return f"{self.action_id} of {self.interaction_id}"


class BulkActionImage(models.Model):
    """An image of interactions that a bulk action has deleted; kept while undoing is possible."""

    pk = models.CompositePrimaryKey("action_id", "image_id")
    action = models.ForeignKey(
        BulkAction, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    image = models.ForeignKey(Image, models.DO_NOTHING, db_constraint=False, related_name="+")

    class Meta:
        db_table = "bulk_action_image"

    def __str__(self) -> str:
        return f"{self.image_id} of {self.action_id}"
