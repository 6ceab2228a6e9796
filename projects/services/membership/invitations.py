"""Invitations: made, renewed, revoked, accepted.

The secret of a link is in the link alone; the database has its digest, as with API keys.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Forbidden, Gone, Invalid, NotFound, TooOften, check_fields
from projects.models import Invitation, Project, Role, Team, User
from projects.services import audit, people
from projects.services.access import MANAGE, Caller
from projects.services.membership import project_people, teams
from projects.services.membership.rules import check_may_give, may_give
from projects.services.user_admin import SERVICE_DOMAIN

DAYS = (1, 7, 30)
_MOST_AN_HOUR = 100  # that one person makes: each may be a mail to a stranger


@dataclass(frozen=True, slots=True)
class InvitedTo:
    """What one is invited into: a project or a team with a role; with neither, the site."""

    project: Project | None = None
    team: Team | None = None
    role: Role | None = None


@transaction.atomic
def invite(
    caller: Caller, email: str, place: InvitedTo, *, days: int = 7
) -> tuple[Invitation, str]:
    """Invite whoever has this address; returns the secret of the link, which is kept nowhere.

    An earlier invitation of theirs into the same place ends. Whether the address has an account
    makes no difference. Raises Forbidden when the caller may not give the role, Invalid.
    """
    _check_may_invite(caller, place)
    address = User.objects.normalize_email(without_nul(email).strip())
    if address.rpartition("@")[2].lower() == SERVICE_DOMAIN:
        raise Invalid("expected a person's e-mail address", field="email")
    if days not in DAYS:
        raise Invalid(f"expected one of {', '.join(map(str, DAYS))}", field="days")
    if place.project is not None and _is_in(place.project, address):
        raise Invalid(f"{address} is in this project already", field="email")
    _check_rate(caller.user)
    fresh = Invitation(
        project=place.project, team=place.team, role=place.role, email=address,
        created_by=caller.user, digest=b"", expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    secret = _renew(fresh, days)
    check_fields(fresh)
    of_same = Invitation.objects.filter(project=place.project, team=place.team)
    of_same.pending().filter(email__iexact=address).update(revoked_at=timezone.now())
    fresh.save()
    _note(caller.user, fresh, "invitation.made", days=days)
    return fresh, secret


@transaction.atomic
def renew(caller: Caller, invitation: Invitation, *, days: int = 7) -> str:
    """Another link in place of the earlier one, which ends; returns its secret."""
    _check_may_change(caller, invitation)
    _check_rate(caller.user)
    secret = _renew(invitation, days)
    invitation.created_by, invitation.created_at = caller.user, timezone.now()
    invitation.save(update_fields=["digest", "expires_at", "created_by", "created_at"])
    _note(caller.user, invitation, "invitation.renewed", days=days)
    return secret


@transaction.atomic
def revoke(caller: Caller, invitation: Invitation) -> None:
    """Let the link open nothing any more."""
    _check_may_change(caller, invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    _note(caller.user, invitation, "invitation.revoked")


def pending(project: Project) -> QuerySet[Invitation]:
    """Those into a project that may still be accepted, or have expired."""
    return Invitation.objects.in_project(project).pending().select_related("role", "created_by")


def every_pending() -> QuerySet[Invitation]:
    """All of the site, for administrators."""
    found = Invitation.objects.filter(project__deleted_at=None).pending()
    return found.select_related("role", "created_by", "project", "team")


def known(found: QuerySet[Invitation], id: int) -> Invitation:
    """One of `found`. Raises NotFound."""
    one = found.filter(id=id).first()
    if one is None:
        raise NotFound("this invitation was accepted or revoked")
    return one


def of_secret(secret: str) -> Invitation:
    """The invitation of a link. Raises NotFound when there is none, and never was or no more."""
    invitations = Invitation.objects.select_related("project", "team", "role", "created_by")
    found = invitations.filter(digest=_digest(secret)).first()
    if found is None:
        raise NotFound("this link is not known")
    return found


def check_open(invitation: Invitation) -> None:
    """Raise Gone, in words for who followed the link, when it opens nothing any more."""
    who = f"ask {invitation.created_by} for another one"
    if invitation.accepted_at is not None:
        raise Gone("this invitation was accepted already; a link works once")
    if invitation.revoked_at is not None or not _still_stands(invitation):
        raise Gone(f"this invitation was revoked; {who}")
    if invitation.has_expired:
        raise Gone(f"this invitation has expired; {who}")


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether it is this person's address that was invited."""
    return User.objects.at(invitation.email).filter(id=user.id).exists()


def has_account(invitation: Invitation) -> bool:
    """Whether the invited address can log in already."""
    return User.objects.at(invitation.email).exists()


@transaction.atomic
def accept(secret: str, *, by: User | None, name: str = "", password: str = "") -> User:
    """Let somebody in: `by` when they are logged in, else a new user with this password.

    Raises Gone as `check_open`, Forbidden to somebody else than was invited, Invalid for a
    password that is too simple.
    """
    invitation = of_secret(secret)
    invitation = _locked(invitation)
    check_open(invitation)
    if by is not None and not is_for(invitation, by):
        raise Forbidden("this invitation is for another address than yours")
    if by is None and has_account(invitation):
        raise Forbidden("this address has an account: log in to accept the invitation")
    user = by or _new_user(invitation, name, password)
    _take(invitation, user)
    return user


@transaction.atomic
def accept_all(user: User) -> list[Invitation]:
    """Let a new user into all that their address is invited to, which a provider has verified."""
    taken = []
    for one in Invitation.objects.pending().filter(email__iexact=user.email).order_by("id"):
        invitation = _locked(
            Invitation.objects.select_related("project", "team", "role").get(pk=one.pk)
        )
        try:
            check_open(invitation)
        except Gone:
            continue
        if is_for(invitation, user):
            _take(invitation, user)
            taken.append(invitation)
    return taken


def _take(invitation: Invitation, user: User) -> None:
    if invitation.project and invitation.role:
        project_people.put(invitation.project, user, invitation.role)
    if invitation.team and invitation.role:
        people.join(user, team=invitation.team, role=invitation.role)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _note(user, invitation, "invitation.accepted")


def _locked(invitation: Invitation) -> Invitation:
    """The same one, which nobody else can accept meanwhile."""
    Invitation.objects.select_for_update().filter(id=invitation.id).first()
    invitation.refresh_from_db(fields=["accepted_at", "revoked_at", "expires_at", "digest"])
    return invitation


def _new_user(invitation: Invitation, name: str, password: str) -> User:
    user = User(email=invitation.email, name=without_nul(name).strip())
    if not user.name:
        raise Invalid("expected your name", field="name")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
    user.set_password(password)
    check_fields(user)
    user.save()
    return user


def _check_may_invite(caller: Caller, place: InvitedTo) -> None:
    if place.project is not None and place.role is not None:
        caller.check_may(MANAGE, place.project)
        check_may_give(caller, place.project, place.role)
    elif place.team is not None and place.role is not None:
        teams.check_may_seat(caller, place.team, place.role)
    else:
        caller.check_administrator("invite people to the site")


def _check_may_change(caller: Caller, invitation: Invitation) -> None:
    _check_may_invite(caller, InvitedTo(invitation.project, invitation.team, invitation.role))
    if invitation.accepted_at or invitation.revoked_at:
        raise NotFound("this invitation was accepted or revoked")


def _still_stands(invitation: Invitation) -> bool:
    """Whether who invited may still do so, and what it leads into is there."""
    inviter = Caller(invitation.created_by)
    if not inviter.user.is_active:
        return False
    project, team, role = invitation.project, invitation.team, invitation.role
    if project is not None and role is not None:
        may = inviter.has(MANAGE, project) and may_give(inviter, project, role)
        return project.deleted_at is None and may
    if team is not None and role is not None:
        return teams.may_seat(inviter, team, role)
    return inviter.is_administrator


def _is_in(project: Project, address: str) -> bool:
    user = User.objects.at(address).filter(is_active=True).first()
    return user is not None and any(
        one.user.id == user.id for one in project_people.everybody(project)
    )


def _check_rate(user: User) -> None:
    since = timezone.now() - timedelta(hours=1)
    if Invitation.objects.filter(created_by=user, created_at__gt=since).count() >= _MOST_AN_HOUR:
        raise TooOften(f"you made {_MOST_AN_HOUR} invitations within an hour", seconds=3600)


def _renew(invitation: Invitation, days: int) -> str:
    secret = secrets.token_urlsafe(32)
    invitation.digest = _digest(secret)
    invitation.expires_at = timezone.now() + timedelta(days=days)
    return secret


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _note(by: User, invitation: Invitation, verb: str, **details: Any) -> None:
    audit.record(
        invitation.project,
        actor=by,
        verb=verb,
        subject=invitation.email,
        team=invitation.team.key if invitation.team else None,
        role=invitation.role.key if invitation.role else None,
        **details,
    )
