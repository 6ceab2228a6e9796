"""Whose account it is when a provider says who somebody is, and whether they are let in.

Somebody who has come before is known by what never changes, the provider's own number for them. At
first an account is theirs by its e-mail address, if the provider has verified that they own it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Conflict, DomainError, Forbidden, Invalid, check_fields
from adaptive_site.lib.openid.settings import OpenIdSettings
from projects.models import Invitation, ProviderIdentity, User
from projects.services import audit
from projects.services.access import Caller
from projects.services.membership import invitations
from projects.services.signing_in import recorded
from projects.services.user_admin import SERVICE_DOMAIN


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who somebody is, as the provider says."""

    subject: str
    email: str  # "" without one
    is_verified: bool  # that the address is theirs
    name: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is let in, and what invitations a new account of theirs has accepted."""

    user: User
    accepted: Sequence[Invitation] = ()


def sign_in(provider: OpenIdSettings, claims: Mapping[str, Any]) -> SignedIn:
    """The account of whom these checked claims are about, linked or made if need be.

    Raises Forbidden, in words for them, when they are not let in; it is in the audit log then.
    """
    person = _vouched(provider, claims)
    try:
        _check_let_in(provider, claims, person)
        with transaction.atomic():
            return _account(provider, person)
    except DomainError as error:
        recorded.not_let_in(person.email, error.said)
        raise
    except IntegrityError as error:  # two first sign-ins at once
        raise Conflict("you are signing in twice at the same time: try again") from error


def has_one(user: User) -> bool:
    """Whether somebody has signed in by a provider."""
    return ProviderIdentity.objects.filter(user=user).exists()


@transaction.atomic
def unlink(caller: Caller, user: User) -> None:
    """Forget who a user is at the provider; for administrators.

    Their next sign-in finds the account by its e-mail address again.
    """
    caller.check_administrator("unlink accounts")
    if ProviderIdentity.objects.filter(user=user).delete()[0]:
        audit.record(None, actor=caller.user, verb="user.identity_unlinked", subject=user.email)


def _vouched(provider: OpenIdSettings, claims: Mapping[str, Any]) -> Vouched:
    email = User.objects.normalize_email(_text(claims, "email", 254))
    said = claims.get(provider.verified_claim)
    is_verified = said is True or said == 1 or str(said).lower() in ("true", "1")
    subject = str(claims["sub"])
    name = _text(claims, "name", 200) or _text(claims, "preferred_username", 200)
    return Vouched(subject, email if "@" in email else "", is_verified, name)


def _text(claims: Mapping[str, Any], name: str, most: int) -> str:
    found = claims.get(name)
    text = without_nul(found).strip() if isinstance(found, str) else ""
    return text if name != "email" or len(text) <= most else ""


def _check_let_in(provider: OpenIdSettings, claims: Mapping[str, Any], person: Vouched) -> None:
    if provider.claim is not None and not provider.claim.is_met(claims):
        raise Forbidden(f"{provider.name} does not say that you may use this site")
    if provider.domains:
        _check_verified(provider, person)
        if not provider.is_domain_let_in(person.email):
            raise Forbidden(f"people with addresses like {person.email} are not let in")


def _check_verified(provider: OpenIdSettings, person: Vouched) -> None:
    if not person.email:
        raise Forbidden(f"{provider.name} does not say what your e-mail address is")
    if not person.is_verified:
        raise Forbidden(f"{provider.name} has not verified that {person.email} is yours")


def _account(provider: OpenIdSettings, person: Vouched) -> SignedIn:
    known = ProviderIdentity.objects.filter(issuer=provider.issuer, subject=person.subject)
    identity = known.select_related("user").first()
    if identity is not None:
        return SignedIn(_in_use(identity.user))
    _check_verified(provider, person)
    user = User.objects.at(person.email).first()
    if user is None:
        return _new_account(provider, person)
    _check_linkable(provider, _in_use(user))
    _link(provider, person, user)
    return SignedIn(user)


def _in_use(user: User) -> User:
    if user.is_service_account:
        raise Forbidden(
            f"the account of {user.email} is a service account, which nobody logs in to"
        )
    if not user.is_active:
        raise Forbidden("your account is deactivated; an administrator can let you in again")
    return user


def _check_linkable(provider: OpenIdSettings, user: User) -> None:
    """An address that somebody else has got meanwhile opens the account of the earlier one not."""
    if ProviderIdentity.objects.filter(user=user, issuer=provider.issuer).exists():
        raise Forbidden(
            f"the account of {user.email} belongs to another person at {provider.name};"
            " an administrator can unlink them"
        )


def _new_account(provider: OpenIdSettings, person: Vouched) -> SignedIn:
    if person.email.rpartition("@")[2].lower() == SERVICE_DOMAIN:
        raise Forbidden(f"addresses of {SERVICE_DOMAIN} are those of service accounts")
    user = User(email=person.email, name=person.name[:200] or person.email.partition("@")[0])
    user.set_unusable_password()
    try:
        check_fields(user, exclude=["password"])
    except Invalid as error:
        raise Forbidden(f"{provider.name} says that you are {person.email}: {error.said}") from None
    user.save()
    _link(provider, person, user, is_new=True)
    accepted = invitations.accept_all(user)
    if not accepted and not provider.takes_everybody:
        raise Forbidden(f"there is no account of {person.email} here, and nobody has invited you")
    return SignedIn(user, accepted)


def _link(provider: OpenIdSettings, person: Vouched, user: User, *, is_new: bool = False) -> None:
    identity = ProviderIdentity(user=user, issuer=provider.issuer, subject=person.subject)
    check_fields(identity)
    identity.save()
    verb = "user.made_by_provider" if is_new else "user.identity_linked"
    audit.record(None, actor=user, verb=verb, subject=user.email, issuer=provider.issuer)
