"""Feedback on one interaction, and comparisons of two."""

from typing import Self

from django.db import models

from interactions.models.authorship import Authored
from projects.models import InProject, Metric, Project, User

from .interaction import Interaction


class FeedbackQuerySet(InProject["Feedback"]):
    """Feedback; every use of it begins with `in_project`."""

    def newest_first(self) -> Self:
        """The latest feedback first."""
        return self.order_by("-id")


class Feedback(Authored):
    """A value under a metric, given to one interaction; `id` is a UUIDv7."""

    class Source(models.TextChoices):
        """Who gave the feedback."""

        USER = "USER", "a person"
        REVIEW = "REVIEW", "a person on this site"
        GRADER = "GRADER", "a grader"
        SYSTEM = "SYSTEM", "the system"

    id = models.UUIDField(primary_key=True, editable=False)
    # As on the interaction's own row, no constraint is checked a row (see its docstring).
    project = models.ForeignKey(
        Project, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, db_index=False, db_constraint=False, related_name="feedback"
    )
    metric = models.ForeignKey(
        Metric, models.PROTECT, db_index=False, db_constraint=False, related_name="feedback"
    )
    value = models.FloatField()
    reason = models.TextField(blank=True)
    details = models.TextField(blank=True)
    source = models.CharField(max_length=6, choices=Source, default=Source.USER)
    created_by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    created_at = models.DateTimeField()

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        db_table = "feedback"
        verbose_name_plural = "feedback"
        indexes = [
            models.Index(
                fields=["interaction", "metric"],
                include=["value"],
                name="feedback_interaction",
            ),
            # Two orders on purpose: equality streams newest first from the one, a range walks
            # the other and rechecks the value (storage design: 0.6 ms against 42–259 ms).
            models.Index(fields=["metric", "value", "interaction"], name="feedback_value"),
            models.Index(
                fields=["metric", "interaction"],
                include=["value"],
                name="feedback_metric",
            ),
            # The feedback given on the site, of one person newest first: a metric may have a
            # million values of a grader and a hundred of these.
            models.Index(
                fields=["metric", "created_by", "id"],
                include=["interaction", "value"],
                condition=models.Q(source="REVIEW"),
                name="feedback_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.value:g}"


class FeedbackDelta(models.Model):
    """What one batch changed in the feedback under a metric, on interactions of one day.

    `n` more values (fewer, when negative), `total` their sum, `squares` the sum of their squares.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(
        Project, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    metric = models.ForeignKey(
        Metric, models.DO_NOTHING, db_index=False, db_constraint=False, related_name="+"
    )
    day = models.DateField()
    n = models.IntegerField()
    total = models.FloatField()
    squares = models.FloatField()

    class Meta:
        db_table = "feedback_delta"

    def __str__(self) -> str:
        return f"{self.n:+} of {self.metric_id} on {self.day}"


class FeedbackCount(models.Model):
    """The roll-up of feedback: how much under a metric, on interactions of one day (UTC).

    As with `LabelCount`, a worker folds the deltas into it.
    """

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    metric = models.ForeignKey(Metric, models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    n = models.IntegerField()
    total = models.FloatField()
    squares = models.FloatField()

    class Meta:
        db_table = "feedback_count"
        constraints = [
            models.UniqueConstraint(fields=["project", "metric", "day"], name="feedback_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.n} of {self.metric_id} on {self.day}"


class Comparison(Authored):
    """Feedback that one completion is better than another, or that the two tie."""

    class Tied(models.TextChoices):
        """Both good or both bad; the order of the two then means nothing."""

        GOOD = "good", "both good"
        BAD = "bad", "both bad"

    id = models.UUIDField(primary_key=True, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, db_index=False, related_name="+")
    metric = models.ForeignKey(Metric, models.PROTECT, db_index=False, related_name="comparisons")
    preferred = models.ForeignKey(Interaction, models.CASCADE, related_name="preferred_in")
    other = models.ForeignKey(Interaction, models.CASCADE, related_name="other_in")
    tied = models.CharField(max_length=4, choices=Tied, null=True, blank=True)  # noqa: DJ001
    external_id = models.TextField(null=True, blank=True)  # noqa: DJ001  # as interaction's
    created_by = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = InProject["Comparison"].as_manager()

    class Meta:
        db_table = "comparison"
        indexes = [models.Index(fields=["metric", "id"], name="comparison_metric")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="comparison_external_id",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
