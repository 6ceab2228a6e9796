"""How far the lines that lists show have been made anew after an upgrade."""

from django.db import models

from projects.models import Project


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
