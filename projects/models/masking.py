"""How much was masked."""

from django.db import models

from .project import InProject, Project


class MaskedCount(models.Model):
    """How many pieces of one kind were masked in a project on a day (UTC)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=32)
    number = models.BigIntegerField()

    objects = InProject["MaskedCount"].as_manager()

    class Meta:
        db_table = "masked_count"
        constraints = [
            models.UniqueConstraint(fields=["project", "day", "kind"], name="masked_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} × {self.kind} on {self.day}"
