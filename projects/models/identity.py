"""Who somebody is at a provider that they sign in with."""

from django.db import models

from .people import User


class ProviderIdentity(models.Model):
    """A person at a provider, known by what never changes: its issuer, and its number for them.

    There is one once they have signed in. E-mail addresses change hands; these do not.
    """

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint begins with it
        related_name="identities",
    )
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_of_one"),
            models.UniqueConstraint(fields=["user", "issuer"], name="identity_one_a_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"
