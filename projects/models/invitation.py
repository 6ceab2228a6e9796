"""Invitations by e-mail address."""

from typing import Self

from django.db import models
from django.utils import timezone

from .people import Role, Team, User
from .project import InProject, Project


class InvitationQuerySet(InProject["Invitation"]):
    """Invitations."""

    def pending(self) -> Self:
        """Those that nobody has accepted or revoked, expired ones among them, newest first."""
        waiting = self.filter(accepted_at=None, revoked_at=None)
        return waiting.order_by("-created_at", "-id")


class Invitation(models.Model):
    """A link that lets whoever has it in as `email`, once; only its digest is kept.

    Into a project with a role, or into a team with a role; with neither it makes an account only.
    """

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.ForeignKey(
        Role, null=True, blank=True, on_delete=models.PROTECT, related_name="invited"
    )
    email = models.EmailField()
    digest = models.BinaryField(max_length=32, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    @property
    def has_expired(self) -> bool:
        """Whether its last moment is over."""
        return self.expires_at <= timezone.now()
