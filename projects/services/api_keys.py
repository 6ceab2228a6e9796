"""The API keys of a person."""

from collections.abc import Iterable

from django.utils import timezone

from adaptive_site.lib.errors import NotFound
from projects.models import ApiKey, User


def in_use(user: User) -> Iterable[ApiKey]:
    """The user's keys that are not revoked, newest first."""
    return ApiKey.objects.filter(user=user, revoked_at=None).order_by("-created_at", "-id")


def revoke(user: User, id: int) -> ApiKey:
    """Let one of the user's keys open nothing any more. NotFound when they have no such key."""
    key = ApiKey.objects.filter(user=user, revoked_at=None, id=id).first()
    if key is None:
        raise NotFound("this key is not there; it may have been revoked already")
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    return key
