"""API keys as people make them, see them, and shut them out of their projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound, check_fields
from projects.models import ApiKey, Project, User
from projects.services import api_keys, audit
from projects.services.access import MANAGE, PERMISSIONS, Caller
from projects.services.membership import project_people

DAYS = (7, 30, 90, 365)
MOST_REQUESTS = 1_000_000


@dataclass(frozen=True, slots=True)
class KeyScope:
    """What a key is for; None is everything its user may, and for ever."""

    permissions: Sequence[str] | None = None
    projects: Sequence[Project] | None = None
    days: int | None = None
    requests_a_minute: int | None = None


@dataclass(frozen=True, slots=True)
class KeyHere:
    """A key that reaches a project, as its owners see it."""

    key: ApiKey
    is_shut_out: bool
    is_administrators: bool

    @property
    def whose(self) -> str:
        """Its user; an administrator need not be known to the people of a project."""
        return "An administrator" if self.is_administrators else str(self.key.user)


@transaction.atomic
def make(
    caller: Caller, name: str, scope: KeyScope, *, user: User | None = None
) -> tuple[ApiKey, str]:
    """Make a key of the caller's, or of a service account's; returns its secret, kept nowhere.

    It may be for projects that the caller reads, and for permissions there are. Raises Invalid,
    and Forbidden to who comes by a key that is itself narrowed.
    """
    if caller.is_scoped:
        raise Forbidden("a key that is narrowed makes no others")
    made, secret = api_keys.make(user or caller.user, without_nul(name).strip())
    if scope.permissions is not None:
        made.permissions = _known(scope.permissions)
    if scope.projects is not None:
        made.is_for_every_project = False
        if not scope.projects:
            raise Invalid("expected at least one project", field="projects")
    if scope.days is not None:
        if scope.days not in DAYS:
            raise Invalid(f"expected one of {', '.join(map(str, DAYS))}", field="days")
        made.expires_at = timezone.now() + timedelta(days=scope.days)
    if scope.requests_a_minute is not None and not 1 <= scope.requests_a_minute <= MOST_REQUESTS:
        raise Invalid(f"expected 1 to {MOST_REQUESTS:,}", field="requests_a_minute")
    made.requests_a_minute = scope.requests_a_minute
    check_fields(made)
    made.save()
    made.projects.set(scope.projects or ())
    _note(caller, None, "key.made", made, user=made.user.email, permissions=made.permissions)
    return made, secret


def of_user(user: User) -> QuerySet[ApiKey]:
    """A user's keys that are not revoked, expired ones among them, newest first."""
    keys = ApiKey.objects.filter(user=user, revoked_at=None).select_related("use")
    return keys.prefetch_related("projects").order_by("-created_at", "-id")


@transaction.atomic
def revoke(caller: Caller, key_id: int, *, of: User | None = None) -> ApiKey:
    """Let a key of the caller's open nothing from now on; or one of a service account's."""
    key = api_keys.revoke(of or caller.user, key_id)
    _note(caller, None, "key.revoked", key, user=key.user.email)
    return key


def reaching(project: Project) -> list[KeyHere]:
    """The keys in use that open `project`, or would if its owners had not shut them out."""
    here = [one.user.id for one in project_people.everybody(project)]
    of_somebody = Q(user__in=here) | Q(user__is_superuser=True, user__is_active=True)
    for_this = Q(is_for_every_project=True) | Q(projects=project)
    found = ApiKey.objects.in_use().filter(of_somebody, for_this).distinct()
    keys = found.select_related("user", "use").order_by("-created_at", "-id")
    return [
        KeyHere(
            key,
            is_shut_out=project.id in key.shut_out_of,
            is_administrators=key.user.is_superuser and key.user_id not in here,
        )
        for key in keys
    ]


@transaction.atomic
def set_shut_out(caller: Caller, project: Project, key_id: int, is_shut_out: bool) -> ApiKey:
    """Let a key into the project no more, or again. An administrator's keeps its rights."""
    caller.check_may(MANAGE, project)
    found = next((one for one in reaching(project) if one.key.id == key_id), None)
    if found is None:
        raise NotFound("this key does not reach the project; it may have been revoked")
    if found.key.user.is_superuser:
        raise Forbidden("only administrators revoke an administrator's key")
    key = ApiKey.objects.select_for_update().get(id=key_id)
    others = [id for id in key.shut_out_of if id != project.id]
    key.shut_out_of = [*others, project.id] if is_shut_out else others
    key.save(update_fields=["shut_out_of"])
    _note(caller, project, "key.shut_out" if is_shut_out else "key.let_in", key)
    return key


def _known(permissions: Sequence[str]) -> list[str]:
    if not permissions:
        raise Invalid("expected at least one permission", field="permissions")
    if set(permissions) - set(PERMISSIONS):
        raise Invalid(f"expected some of {', '.join(PERMISSIONS)}", field="permissions")
    return [one for one in PERMISSIONS if one in {"project:read", *permissions}]


def _note(caller: Caller, project: Project | None, verb: str, key: ApiKey, **details: Any) -> None:
    audit.record(
        project,
        actor=caller.user,
        verb=verb,
        subject=f"{key.prefix}… {key.name}"[:200],
        **details,
    )
