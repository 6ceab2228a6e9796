"""Labels: the dictionary, the posting lists, and the roll-up that counts them."""

from typing import Self

from django.db import models

from projects.models import Project

from .interaction import Interaction


class LabelQuerySet(models.QuerySet["Label"]):
    """Labels; every use of it begins with `in_project`."""

    def in_project(self, project: Project) -> Self:
        """Those of `project`."""
        return self.filter(project=project)


class Label(models.Model):
    """A key and value seen in a project, or with no value, the key itself ("has this key")."""

    id = models.AutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="labels")
    key = models.TextField()
    value = models.TextField(null=True)  # noqa: DJ001  # null is the key itself, "" a value

    objects = LabelQuerySet.as_manager()

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

    class Meta:
        db_table = "interaction_label"

    def __str__(self) -> str:
        return f"{self.label_id} on {self.interaction_id}"


class LabelCount(models.Model):
    """A roll-up delta: `n` more interactions with a label in the span that starts at `start`.

    Writers only append, so no row is hot; a reader sums. `label_id` 0 counts all interactions.
    """

    class Grain(models.TextChoices):
        """How long the span is."""

        HOUR = "h", "hour"
        DAY = "d", "day"

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    label_id = models.IntegerField()
    grain = models.CharField(max_length=1, choices=Grain)
    start = models.DateTimeField()
    n = models.IntegerField()

    class Meta:
        db_table = "label_count"
        indexes = [
            models.Index(
                fields=["project", "label_id", "grain", "start"],
                include=["n"],
                name="label_count_span",
            )
        ]

    def __str__(self) -> str:
        return f"{self.n:+} of {self.label_id} from {self.start}"
