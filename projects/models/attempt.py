"""Wrong passwords and keys, counted so that nobody can try them all."""

from django.db import models


class Attempt(models.Model):
    """How often somebody was wrong lately, and when they may try again.

    `key` is a digest of whom it counts: no name, address or password is kept.
    """

    key = models.CharField(max_length=64, primary_key=True)
    number = models.IntegerField()
    last_at = models.DateTimeField(db_index=True)
    again_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number} until {self.again_at:%H:%M:%S}"
