"""What the audit log has of signing in: who came and went, and who was not let in."""

from typing import Any

from projects.models import User
from projects.services import audit
from projects.services.auditing.refusals import REFUSALS

CAME, WENT = "sign_in.made", "sign_in.ended"
REFUSED, TOO_OFTEN = "sign_in.refused", "sign_in.made_to_wait"
PASSWORD_CHANGED = "user.password_changed"
NO_ADDRESS = "(not an e-mail address)"
OPENID = "OpenID Connect"
NOBODY, NOT_BEGUN = "(nobody known)", "(a sign-in that no browser had begun)"


def came(user: User, *, by: str = "") -> None:
    """Somebody has logged in, with a password or `by` something else."""
    details: dict[str, Any] = {"by": by} if by else {}
    audit.record(None, actor=user, verb=CAME, subject=user.email, **details)


def went(user: User) -> None:
    """Somebody has logged out."""
    audit.record(None, actor=user, verb=WENT, subject=user.email)


def refused(email: str) -> None:
    """Somebody gave a wrong password for this address, or there is no such account.

    Whoever types the password into the wrong field must not find it in the log.
    """
    audit.record(None, actor=None, verb=REFUSED, subject=_address(email))


def not_let_in(email: str, why: str) -> None:
    """Somebody came from the provider and was not let in; "" while it is not known who."""
    audit.record(
        None, actor=None, verb=REFUSED, subject=_address(email), by=OPENID, reason=why[:500]
    )


def not_begun() -> None:
    """Somebody came as if from the provider: counted, since it costs them nothing."""
    REFUSALS.count(REFUSED, subject=NOT_BEGUN)


def made_to_wait(email: str) -> None:
    """Somebody tried too often: counted, since each try costs them nothing."""
    REFUSALS.count(TOO_OFTEN, subject=_address(email))


def password_changed(user: User) -> None:
    """Somebody changed their own password."""
    audit.record(None, actor=user, verb=PASSWORD_CHANGED, subject=user.email)


def _address(email: str) -> str:
    if not email:
        return NOBODY
    given = email.strip()[:200]
    return given if "@" in given else NO_ADDRESS
