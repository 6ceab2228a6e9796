"""Labels: the dictionary, the posting lists, the roll-up that counts them, and legal holds."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from projects.models import InProject, Project, User

from .interaction import Interaction


class Label(models.Model):
    """A key and value seen in a project, or with no value, the key itself ("has this key")."""

    id = models.AutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="labels")
    key = models.TextField()
    value = models.TextField(null=True)  # noqa: DJ001  # null is the key itself, "" a value
    # On how many interactions it is, as far as it is compacted; see `LabelCount`. Here, because a
    # join of 100,000 values with their counts took 140 ms and this takes 20.
    total = models.IntegerField(default=0, db_default=0, editable=False)

    objects = InProject["Label"].as_manager()

    class Meta:
        db_table = "label"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key", "value"],
                nulls_distinct=False,
                name="label_once",
            )
        ]

    def __str__(self) -> str:
        return self.key if self.value is None else f"{self.key}: {self.value}"


class InteractionLabel(models.Model):
    """A posting: because ids are in time order, a label's postings are its list, newest last.

    Written only together with the interaction, so no constraint is checked a posting.
    """

    pk = models.CompositePrimaryKey("project_id", "label_id", "interaction_id")
    project = models.ForeignKey(
        Project,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    label = models.ForeignKey(
        Label, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    interaction = models.ForeignKey(
        Interaction,
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )

    objects = InProject["InteractionLabel"].as_manager()

    class Meta:
        db_table = "interaction_label"

    def __str__(self) -> str:
        return f"{self.label_id} on {self.interaction_id}"


class LabelDelta(models.Model):
    """What one batch changed in the counts of labels within one hour; see `LabelCount`.

    `label_ids[i]` was put on `counts[i]` more interactions (fewer, when negative); label 0
    counts all of them. One row a batch and hour, whatever its labels, so that a write pays little.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    start = models.DateTimeField()
    label_ids = ArrayField(models.IntegerField())
    counts = ArrayField(models.IntegerField())

    class Meta:
        db_table = "label_delta"

    def __str__(self) -> str:
        return f"{len(self.label_ids)} labels from {self.start}"


class LabelCount(models.Model):
    """The roll-up: `n` interactions have a label in the span that starts at `start`.

    Writers only append a `LabelDelta`, so no row is hot; a worker folds the deltas into these
    rows and `Label.total`, and a reader adds what is not compacted yet. `label_id` 0 counts all
    interactions. Every label has its total; hours and days are kept of labels with many
    interactions alone, since the others' are quickly counted from their postings.
    """

    class Grain(models.TextChoices):
        """How long the span is."""

        HOUR = "h", "hour"
        DAY = "d", "day"
        TOTAL = "t", "all time"  # of label 0 alone; `start` is 1970

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    label_id = models.IntegerField()
    grain = models.CharField(max_length=1, choices=Grain)
    start = models.DateTimeField()
    n = models.IntegerField()

    objects = InProject["LabelCount"].as_manager()

    class Meta:
        db_table = "label_count"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "label_id", "grain", "start"], name="label_count_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.n} of {self.label_id} from {self.start}"


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
