"""The author of a row: who sent it, and whom the sender names instead."""

from django.db import models


class Authored(models.Model):
    """A row with an author (`created_by`), and beside the author an unverified name (`said_by`).

    `said_by` is what the sender wrote of whom it came from, when the sender may not act for
    others, or that is nobody who may read the project (`projects.services.authors`).
    """

    said_by = models.TextField("said to be from", null=True, blank=True)  # noqa: DJ001  # rare

    class Meta:
        abstract = True

    @property
    def author(self) -> str:
        """The author and the name in `said_by`, in words."""
        by = getattr(self, "created_by", None)
        return self.said_words(str(by) if by else "imported")

    def said_words(self, who: str) -> str:
        """`who`, followed by the name in `said_by`, if any."""
        return f"{who}, said to be from {self.said_by}" if self.said_by else who
