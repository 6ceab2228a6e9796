"""What a person changed on the site, of one interaction or of a dataset, kept for `z`."""

from datetime import timedelta

from django.db import models

from adaptive_site.lib.exact_json_field import ExactJSONField
from projects.models import InProject, Project, User

from .dataset import Dataset


class UndoEntry(models.Model):
    """A label, feedback or records that a person changed, with the state before; for a day.

    Written in the transaction of the change and deleted when the change is undone. Bulk actions
    have an undo log of their own. `before`, of a label: `key`, `value` and `after`, each value
    null where the interaction had none; of feedback: `given`, the id of the new value or null,
    and `rows`, the rows that went, whole; of a dataset as `services/datasets/changing/` says.
    """

    class Kind(models.TextChoices):
        """What was changed."""

        LABEL = "label", "label"
        FEEDBACK = "feedback", "feedback"
        DATASET = "dataset", "records of a dataset"

    KEPT = timedelta(days=1)  # what is older is not undone by a key: nobody remembers it

    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    created_by = models.ForeignKey(User, models.CASCADE, db_index=False, related_name="+")
    created_at = models.DateTimeField()
    interaction_id = models.UUIDField(null=True)
    dataset = models.ForeignKey(
        Dataset, models.CASCADE, null=True, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    before = ExactJSONField()

    objects = InProject["UndoEntry"].as_manager()

    class Meta:
        db_table = "undo_entry"
        indexes = [
            models.Index(fields=["created_by", "project", "-id"], name="undo_entry_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.interaction_id or self.dataset_id}"
