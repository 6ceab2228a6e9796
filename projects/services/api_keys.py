"""API keys: made, hashed, listed, revoked."""

import hashlib
import re
import secrets
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from adaptive_site.lib.errors import NotFound
from projects.models import ApiKey, User
from projects.services import audit

_OURS = re.compile(r"as-[\w-]{43}", re.ASCII)


def digest_of(secret: str) -> bytes:
    """What is stored in place of a key's secret.

    Plain SHA-256: the secrets we make have 256 bits of chance, which no slow hash makes safer.
    """
    return hashlib.sha256(secret.encode()).digest()


def is_made_here(secret: str) -> bool:
    """Whether a secret looks like one that `make` has drawn, rather than one a person chose."""
    return _OURS.fullmatch(secret) is not None


def make(user: User, name: str, secret: str | None = None) -> tuple[ApiKey, str]:
    """An unsaved key for `user`, and its secret, which can be shown now and never again."""
    secret = secret or f"as-{secrets.token_urlsafe(32)}"
    shown = secret[: min(8, len(secret) // 3)]
    return ApiKey(user=user, name=name, prefix=shown, digest=digest_of(secret)), secret


def in_use(user: User) -> Iterable[ApiKey]:
    """The user's keys that open something, newest first."""
    return ApiKey.objects.filter(user=user).in_use().order_by("-created_at", "-id")


@transaction.atomic
def revoke(user: User, id: int) -> ApiKey:
    """Let one of the user's keys open nothing any more. NotFound when they have no such key."""
    key = ApiKey.objects.filter(user=user, revoked_at=None, id=id).first()
    if key is None:
        raise NotFound("this key is not there; it may have been revoked already")
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    audit.record(None, actor=user, verb="key.revoked", subject=str(key), of=user.email)
    return key
