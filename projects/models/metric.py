"""Metrics: the keys under which feedback is given."""

import math
import uuid
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from .project import InProject, Project, named

LARGEST_VALUE = 1e100  # value; the sums of squares that means need stay finite


class MetricQuerySet(InProject["Metric"]):
    """Metrics."""

    def linked(self) -> Self:
        """The metrics under which feedback may be given."""
        return self.filter(is_linked=True)

    def known_as(self, id_or_key: str) -> Self:
        """The one with this key or this UUID."""
        return self.filter(named(id_or_key))


class Metric(models.Model):
    """What a feedback value measures, and which direction is better."""

    class Kind(models.TextChoices):
        """The values it takes."""

        BOOL = "BOOL", "yes or no"
        SCALAR = "SCALAR", "a number"

    class Scoring(models.TextChoices):
        """Which direction is better."""

        HIGHER_IS_BETTER = "HIGHER_IS_BETTER", "higher is better"
        LOWER_IS_BETTER = "LOWER_IS_BETTER", "lower is better"

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # Clients before 0.13 register a metric for no project and link it to projects later; the
    # first it is linked to takes it, others copy it.
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="metrics"
    )
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=6, choices=Kind)
    scoring_type = models.CharField(
        max_length=16, choices=Scoring, default=Scoring.HIGHER_IS_BETTER
    )
    threshold = models.FloatField(
        null=True,
        blank=True,
        help_text="Of a number: from which value on it is good; by its direction at least, or at"
        " most, so much. Without one a number is neither good nor bad.",
    )
    description = models.TextField(blank=True)
    is_linked = models.BooleanField(
        default=True, help_text="Whether new feedback may be given under it."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MetricQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"], nulls_distinct=False, name="metric_key_in_a_project"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_yes_no(self) -> bool:
        """Whether its values are yes and no, stored as 1 and 0."""
        return self.kind == self.Kind.BOOL

    @property
    def is_low_better(self) -> bool:
        """Whether less is better."""
        return self.scoring_type == self.Scoring.LOWER_IS_BETTER

    @property
    def limit(self) -> float | None:
        """The worst value that is still good; None of a number that nobody set a threshold for."""
        if self.is_yes_no:
            return 0.0 if self.is_low_better else 1.0
        return self.threshold

    def tone(self, value: float) -> str:
        """Whether a value is `good` or `bad`; `none` where that is not defined."""
        if self.limit is None:
            return "none"
        is_bad = value > self.limit if self.is_low_better else value < self.limit
        return "bad" if is_bad else "good"

    def threshold_fault(self) -> str:
        """What is wrong with the threshold, or "" of one that can be used."""
        if self.threshold is None:
            return ""
        if self.is_yes_no:
            return "expected none: of yes and no the direction says which is good"
        if not abs(self.threshold) <= LARGEST_VALUE:  # also of NaN
            return "expected a number between -1e100 and 1e100"
        return ""

    def clean(self) -> None:
        """Refuse a threshold that cannot be used. Raises ValidationError at its field."""
        super().clean()
        if fault := self.threshold_fault():
            raise ValidationError({"threshold": fault})

    def value_of(self, value: object) -> float:
        """`value` as it is stored: 1.0 and 0.0 for yes and no.

        Raises ValueError saying what was expected; NaN and infinities are never taken.
        """
        if self.kind == self.Kind.BOOL:
            if value is True or value is False or (type(value) in (int, float) and value in (0, 1)):
                return 1.0 if value else 0.0
            raise ValueError(f"expected true, false, 0 or 1 for {self.key}")
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if abs(number) <= LARGEST_VALUE:  # not of NaN
                if number != value and Decimal(repr(number)) != value:
                    raise ValueError(f"expected a number of at most 15 digits for {self.key}")
                return number
        raise ValueError(f"expected a number between -1e100 and 1e100 for {self.key}")
