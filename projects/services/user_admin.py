"""The people of the server as administrators manage them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, check_fields
from projects.models import ApiKey, Membership, Role, Team, User
from projects.models.project import slug_of
from projects.services import audit, people
from projects.services.access import PERMISSIONS, Caller
from projects.services.membership import rules

SERVICE_DOMAIN = "system.adaptive.local"


@dataclass(frozen=True, slots=True)
class Seat:
    """A team and the role in it, each by id or key."""

    team: str
    role: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A new user, and the secret of the key made for them, if one was."""

    user: User
    api_key: str | None


def roles() -> QuerySet[Role]:
    """All roles; the built-in ones are there from the first look on."""
    for key in people.ROLES:
        people.role(key)
    return Role.objects.order_by("key")


@transaction.atomic
def add_user(
    caller: Caller,
    *,
    name: str,
    email: str | None = None,
    seats: Sequence[Seat] = (),
    is_service_account: bool = False,
    with_key: bool = False,
) -> Joined:
    """Make a user in these teams; a service account needs no e-mail address.

    Nobody can log in as them until an administrator sets a password. One who was removed comes
    back. Raises Invalid when the address is taken or is none.
    """
    caller.check_administrator("manage people")
    name = without_nul(name).strip()
    address = email or (f"{slug_of(name)[:60]}@{SERVICE_DOMAIN}" if is_service_account else "")
    user = User.objects.at(address).first() or User(email=address)
    if user.pk and user.is_active:
        raise Invalid("a user with this e-mail address exists", field="email")
    user.email = User.objects.normalize_email(address)
    user.name, user.is_service_account, user.is_active = name, is_service_account, True
    user.set_unusable_password()
    check_fields(user, exclude=["password"])
    user.save()
    for one in seats:
        people.join(user, team=people.team_named(one.team), role=people.role_named(one.role))
    _note(caller, "user.added", user.email)
    return Joined(user, people.issue_key(user, name=name) if with_key else None)


@transaction.atomic
def remove_user(caller: Caller, user: User, *, leaves_ownerless: bool = False) -> User:
    """Let a user in no more: no log-in, no team, no key. What they wrote stays theirs.

    Raises Invalid for oneself and for the last administrator; and for the last owner of a project
    unless `leaves_ownerless` says that this is known.
    """
    caller.check_administrator("manage people")
    if user == caller.user:
        raise Invalid("nobody can remove themselves")
    left = _left_ownerless(user, is_known=leaves_ownerless)
    with rules.keeping_an_administrator():
        user.is_active = user.is_staff = user.is_superuser = False
        user.sign_outs += 1
        user.save(update_fields=["is_active", "is_staff", "is_superuser", "sign_outs"])
    Membership.objects.filter(user=user).delete()
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    _note(caller, "user.removed", user.email, **left)
    return user


@transaction.atomic
def seat(caller: Caller, user: User, *, team: Team, role: Role) -> Membership:
    """Put a user into a team, or change the role they have there."""
    caller.check_administrator("manage people")
    _note(caller, "team.joined", user.email, team=team.key, role=role.key)
    return people.join(user, team=team, role=role)


@transaction.atomic
def unseat(caller: Caller, user: User, *, team: Team) -> User:
    """Take a user out of a team; nothing happens when they are not in it."""
    caller.check_administrator("manage people")
    Membership.objects.filter(user=user, team=team).delete()
    _note(caller, "team.left", user.email, team=team.key)
    return user


@transaction.atomic
def add_team(caller: Caller, *, name: str, key: str | None = None) -> Team:
    """Make a team. Raises Invalid when the key is taken or is not a slug."""
    caller.check_administrator("manage people")
    made = Team(key=key or slug_of(name)[:60], name=without_nul(name).strip())
    check_fields(made)
    made.save()
    _note(caller, "team.added", made.key)
    return made


@transaction.atomic
def add_role(
    caller: Caller, *, name: str, permissions: Iterable[str], key: str | None = None
) -> Role:
    """Make a role with these permissions. Raises Invalid for those that are not known."""
    caller.check_administrator("manage people")
    granted = checked(permissions)
    made = Role(key=key or slug_of(name)[:60], name=without_nul(name).strip(), permissions=granted)
    check_fields(made)
    made.save()
    _note(caller, "role.added", made.key, permissions=granted)
    return made


def checked(permissions: Iterable[str]) -> list[str]:
    """Permissions as a role has them. Raises Invalid for those that are not known."""
    granted = sorted(set(permissions))
    if unknown := set(granted) - set(PERMISSIONS):
        raise Invalid(f"expected some of {', '.join(PERMISSIONS)}", field=f"{min(unknown)[:100]}")
    return granted


@transaction.atomic
def set_active(
    caller: Caller, user: User, is_active: bool, *, leaves_ownerless: bool = False
) -> None:
    """Let a user in no more, or again; their teams stay. Raises Invalid as `remove_user` does."""
    caller.check_administrator("manage people")
    if user == caller.user:
        raise Invalid("nobody can deactivate themselves")
    left = {} if is_active else _left_ownerless(user, is_known=leaves_ownerless)
    with rules.keeping_an_administrator():
        user.is_active = is_active
        if not is_active:
            user.sign_outs += 1
        user.save(update_fields=["is_active", "sign_outs"])
    _note(caller, "user.activated" if is_active else "user.deactivated", user.email, **left)


@transaction.atomic
def set_administrator(caller: Caller, user: User, is_administrator: bool) -> None:
    """Make somebody an administrator, or no more one. Raises Invalid for oneself and the last."""
    caller.check_administrator("manage people")
    if user == caller.user or user.is_service_account:
        raise Invalid("expected another person")
    with rules.keeping_an_administrator():
        user.is_staff = user.is_superuser = is_administrator
        user.save(update_fields=["is_staff", "is_superuser"])
    _note(caller, "user.administrator_set", user.email, administrator=is_administrator)


def _left_ownerless(user: User, *, is_known: bool) -> dict[str, list[str]]:
    """The projects that lose their last owner with `user`, as the audit log has them."""
    found = rules.owned_by_nobody_else(user) if user.is_active else []
    if found and not is_known:
        names = ", ".join(one.name for one in found)
        raise Invalid(f"{user} is the only owner of {names}: give somebody else that role first")
    return {"without_owner": [one.key for one in found]} if found else {}


def _note(caller: Caller, verb: str, subject: str, **details: Any) -> None:
    audit.record(None, actor=caller.user, verb=verb, subject=subject, **details)
