"""New passwords: chosen by who knows the old one, or through a link that works once."""

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from adaptive_site.lib.errors import Forbidden, Gone, Invalid
from projects.models import ApiKey, User
from projects.services import audit
from projects.services.access import Caller
from projects.services.signing_in import identities, throttle


class _Links(PasswordResetTokenGenerator):
    """Django's, whose links end with a new password, a log-in, and a sign-out everywhere too."""

    key_salt = "projects.password_link"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_outs}"


_links = _Links()


def link_for(user: User) -> tuple[str, str]:
    """The two parts of a link with which `user` chooses a new password."""
    return user.uuid.hex, _links.make_token(user)


def made_by(caller: Caller, user: User) -> tuple[str, str]:
    """A link for somebody who has forgotten theirs, from an administrator."""
    caller.check_administrator("make links for new passwords")
    if not user.is_active or user.is_service_account:
        raise Invalid("expected a person who may log in")
    audit.record(None, actor=caller.user, verb="user.password_link_made", subject=user.email)
    return link_for(user)


def asked(email: str, address: str) -> User | None:
    """Whom a link may be sent to; None for an address without an account that logs in.

    Nor to who has no password and signs in with a provider, which says whether they still may.
    Raises TooOften to who asks again and again, for either.
    """
    throttle.spend((throttle.LINKS, address), (throttle.LINK, email.strip().lower()[:254]))
    people = User.objects.at(email.strip()).filter(is_active=True, is_service_account=False)
    found = people.first()
    if found is not None and not found.has_usable_password() and identities.has_one(found):
        return None
    return found


def of_link(user: str, token: str) -> User:
    """The user of a link. Raises Gone when it opens nothing, or no more."""
    try:
        found = User.objects.filter(uuid=UUID(hex=user), is_active=True).first()
    except ValueError:
        found = None
    if found is None or not _links.check_token(found, token):
        raise Gone("this link has expired or was used already")
    return found


@transaction.atomic
def reset(user: str, token: str, password: str, *, revokes_keys: bool) -> User:
    """Choose a new password by a link, which ends. Raises Gone, Invalid."""
    of_link(user, token)
    found = User.objects.select_for_update().get(uuid=UUID(hex=user))
    if not _links.check_token(found, token):
        raise Gone("this link has expired or was used already")
    try:
        validate_password(password, found)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
    found.set_password(password)
    found.save(update_fields=["password"])
    audit.record(None, actor=found, verb="user.password_reset", subject=found.email)
    if revokes_keys:
        revoke_keys(found)
    return found


@transaction.atomic
def revoke_keys(user: User) -> int:
    """Revoke all API keys of a user's own wish; returns how many there were."""
    keys = ApiKey.objects.filter(user=user).in_use()
    n = keys.update(revoked_at=timezone.now())
    audit.record(None, actor=user, verb="key.all_revoked", subject=user.email, keys=n)
    return n


@transaction.atomic
def sign_out_everywhere(caller: Caller, user: User) -> None:
    """End every session of a user: one's own, or as an administrator anybody's."""
    if user != caller.user and not caller.is_administrator:
        raise Forbidden("only administrators may sign others out")
    user.sign_outs += 1
    user.save(update_fields=["sign_outs"])
    audit.record(None, actor=caller.user, verb="user.signed_out", subject=user.email)
