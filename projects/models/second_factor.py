"""What proves beside a password who somebody is."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from .people import User


class SecondFactor(models.Model):
    """A secret that somebody's phone makes codes of (RFC 6238), and codes for when it is lost.

    There is a row only once a code of the phone was right.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.BinaryField(help_text="Encrypted (`services/encryption.py`).")
    last_step = models.BigIntegerField(help_text="Of the newest code that was taken: 30 s each.")
    recovery = ArrayField(
        models.BinaryField(max_length=32), default=list, help_text="Digests of codes not used yet."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"second factor of {self.user}"
