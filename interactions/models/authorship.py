"""Whose word a row is: who sent it, and who is only said to have."""

from django.db import models


class Authored(models.Model):
    """A row with an author (`created_by`), and beside it a name that nothing vouches for.

    `said_by` is what the sender wrote of whom it came from, when the sender may not act for
    others, or that is nobody who may read the project (`projects.services.authors`).
    """

    said_by = models.TextField("said to be from", null=True, blank=True)  # noqa: DJ001  # rare

    class Meta:
        abstract = True

    @property
    def author(self) -> str:
        """Who sent it, and who it is said to be from, in words."""
        by = getattr(self, "created_by", None)
        return self.said_words(str(by) if by else "imported")

    def said_words(self, who: str) -> str:
        """`who`, with the name that is only said."""
        return f"{who}, said to be from {self.said_by}" if self.said_by else who
