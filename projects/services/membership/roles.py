"""Roles: the built-in ones, and those that administrators make of the permissions there are."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, QuerySet

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound, check_fields
from projects.models import Role
from projects.services import audit, people, user_admin
from projects.services.access import MEANINGS, PERMISSIONS, Caller


def all_of_them() -> list[Role]:
    """The built-in roles, in their order, then others by name."""
    order = {key: n for n, key in enumerate(people.ROLES)}
    return sorted(
        user_admin.roles(), key=lambda role: (order.get(role.key, len(order)), role.name, role.key)
    )


def with_uses() -> QuerySet[Role]:
    """All roles, with how many memberships and shares have them."""
    user_admin.roles()
    return Role.objects.annotate(
        members=Count("memberships", distinct=True), projects=Count("shares", distinct=True)
    )


def is_built_in(role: Role) -> bool:
    """Whether it is one of those that every site has, which stay as they are."""
    return role.key in people.ROLES


def in_words(permissions: Iterable[str]) -> str:
    """What one may, as a sentence goes on: `read interactions, …; give feedback …`."""
    granted = set(permissions) - {"project:read"}
    if granted >= set(people.ROLES["owner"][1]) - {"project:read"}:
        return "do everything in the project"
    return "; ".join(MEANINGS[one] for one in PERMISSIONS if one in granted) or "nothing"


def named(key: str) -> Role:
    """The role with this key. Raises Invalid, as of a form's field."""
    try:
        return people.role_named(key)
    except NotFound as error:
        raise Invalid("expected one of the roles", field="role") from error


@transaction.atomic
def change(caller: Caller, role: Role, *, name: str, permissions: Iterable[str]) -> None:
    """Give a role of the site's own another name and other permissions. Raises Invalid."""
    caller.check_administrator("manage people")
    if is_built_in(role):
        raise Invalid("a built-in role stays as it is; make one of your own")
    before = list(role.permissions)
    role.name, role.permissions = without_nul(name).strip(), user_admin.checked(permissions)
    check_fields(role)
    role.save(update_fields=["name", "permissions"])
    audit.record(
        None,
        actor=caller.user,
        verb="role.changed",
        subject=role.key,
        permissions=role.permissions,
        before=before,
    )


@transaction.atomic
def remove(caller: Caller, role: Role) -> None:
    """Remove a role of the site's own that nobody has. Raises Invalid."""
    caller.check_administrator("manage people")
    if is_built_in(role):
        raise Invalid("a built-in role stays")
    if role.memberships.exists() or role.shares.exists() or role.invited.exists():
        raise Invalid("expected a role that nobody has")
    audit.record(None, actor=caller.user, verb="role.removed", subject=role.key)
    role.delete()
