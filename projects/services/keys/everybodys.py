"""The API keys of everybody, as administrators look through them and revoke them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects.models import ApiKey
from projects.services import audit
from projects.services.access import Caller

KEY_STATES = {"in-use": "works", "expired": "expired", "revoked": "revoked"}
KEY_OWNERS = {"people": "people", "programs": "service accounts"}


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """Which of them; empty members narrow nothing, but revoked keys are only for who asks."""

    person: str = ""
    project: str = ""
    state: str = ""
    owner: str = ""
    unused_days: int | None = None


def page(wanted: KeyFilter, *, before: int | None, limit: int) -> list[ApiKey]:
    """Some of them, the newest first, from the one before the id `before` on."""
    found = _matching(wanted).select_related("user", "use").prefetch_related("projects")
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def _matching(wanted: KeyFilter) -> QuerySet[ApiKey]:
    now = timezone.now()
    found = ApiKey.objects.filter(revoked_at__isnull=wanted.state != "revoked")
    if wanted.state == "expired":
        found = found.filter(expires_at__lte=now)
    elif wanted.state == "in-use":
        found = found.in_use().filter(user__is_active=True)
    if wanted.person:
        in_name = Q(user__email__icontains=wanted.person) | Q(user__name__icontains=wanted.person)
        found = found.filter(in_name)
    if wanted.owner:
        found = found.filter(user__is_service_account=wanted.owner == "programs")
    if wanted.project:
        # Bound to it, or its user's in all their projects.
        by_role = Q(user__memberships__team__shares__project__key=wanted.project)
        bound = Q(is_for_every_project=False, projects__key=wanted.project)
        of_user = Q(is_for_every_project=True) & (by_role | Q(user__is_superuser=True))
        found = found.filter(bound | of_user).distinct()
    if wanted.unused_days is not None:
        since = now - timedelta(days=wanted.unused_days)
        found = found.filter(Q(use=None, created_at__lte=since) | Q(use__used_at__lte=since))
    return found


@transaction.atomic
def revoke(caller: Caller, ids: Collection[int]) -> list[ApiKey]:
    """Let these keys open nothing from now on; returns those that opened something until now."""
    caller.check_administrator("revoke anybody's API keys")
    there = ApiKey.objects.filter(id__in=ids, revoked_at=None).select_related("user")
    found = list(there.select_for_update(of=("self",)).order_by("id"))
    ApiKey.objects.filter(id__in=[key.pk for key in found]).update(revoked_at=timezone.now())
    for key in found:
        subject = f"{key.prefix}… {key.name}"[:200]
        audit.record(
            None, actor=caller.user, verb="key.revoked", subject=subject, user=key.user.email
        )
    return found
