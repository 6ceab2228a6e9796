"""API keys."""

import hashlib
import re
import secrets

from django.db import models

from .people import User

_OURS = re.compile(r"as-[\w-]{43}", re.ASCII)


class ApiKey(models.Model):
    """A secret that acts as its user; only its digest is kept.

    The digest is plain SHA-256: the secrets we make have 256 bits of chance, which no slow
    hash would make safer.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=12, help_text="Its first characters, to tell it by.")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def digest_of(secret: str) -> bytes:
        """What is stored in place of `secret`."""
        return hashlib.sha256(secret.encode()).digest()

    @staticmethod
    def is_of_our_making(secret: str) -> bool:
        """Whether it looks like a secret that `make` has drawn, rather than one a person chose."""
        return _OURS.fullmatch(secret) is not None

    @classmethod
    def make(cls, user: User, name: str, secret: str | None = None) -> tuple["ApiKey", str]:
        """An unsaved key for `user`, and its secret, which can be shown now and never again."""
        secret = secret or f"as-{secrets.token_urlsafe(32)}"
        shown = secret[: min(8, len(secret) // 3)]
        return cls(user=user, name=name, prefix=shown, digest=cls.digest_of(secret)), secret
