"""A code of one's phone beside the password: set up, asked for, recovered, taken away.

Codes are those of RFC 6238, six digits of 30 seconds, as every authenticator app makes them. One
that is up to 30 seconds old or early is taken, and each only once.
"""

import hashlib
import secrets
import time
from hmac import compare_digest

import pyotp
from django.db import transaction

from adaptive_site.lib.errors import Invalid
from projects.models import SecondFactor, User
from projects.services import audit, encryption
from projects.services.access import Caller
from projects.services.signing_in import throttle

ISSUER = "Adaptive Site"
STEP = 30  # seconds
RECOVERY_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is read as another
_WRONG = "this code is wrong, or was used already; expected the six digits that your app shows now"


def new_secret() -> str:
    """A secret of 160 bits, in base32 as apps take it; nothing is stored yet."""
    return pyotp.random_base32()


def address(user: User, secret: str) -> str:
    """What the QR code says: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def is_on(user: User) -> bool:
    """Whether a login of the user takes a code."""
    return SecondFactor.objects.filter(user=user).exists()


def codes_left(user: User) -> int:
    """How many recovery codes the user has left."""
    found = SecondFactor.objects.filter(user=user).first()
    return len(found.recovery) if found else 0


@transaction.atomic
def turn_on(user: User, secret: str, code: str) -> list[str]:
    """Ask for a code from now on; returns the recovery codes, which are shown once.

    Raises Invalid unless `code` is one of this secret, TooOften after many wrong ones.
    """
    step = _step_of(secret, code, after=0)
    if step is None:
        raise Invalid(_WRONG, field="code")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    SecondFactor.objects.update_or_create(
        user=user,
        defaults={
            "secret": encryption.seal(secret),
            "last_step": step,
            "recovery": [_digest(one) for one in codes],
        },
    )
    audit.record(None, actor=user, verb="user.second_factor_on", subject=user.email)
    return codes


def check(user: User, code: str) -> None:
    """Take a code of the phone, or a recovery code, which then is used up.

    Raises Invalid when it is wrong, TooOften when it is not even looked at.
    """
    throttle.spend((throttle.CODE, str(user.pk)))
    with transaction.atomic():
        one = SecondFactor.objects.select_for_update().filter(user=user).first()
        if one is not None and not _take(one, code):
            raise Invalid(_WRONG, field="code")
    throttle.forget(throttle.CODE, str(user.pk))


@transaction.atomic
def turn_off(user: User, code: str) -> None:
    """Ask for a password alone from now on. Raises as `check` does."""
    check(user, code)
    SecondFactor.objects.filter(user=user).delete()
    audit.record(None, actor=user, verb="user.second_factor_off", subject=user.email)


@transaction.atomic
def remove(caller: Caller, user: User) -> None:
    """Let somebody in who has lost phone and recovery codes; for administrators."""
    caller.check_administrator("take away a second factor")
    if SecondFactor.objects.filter(user=user).delete()[0]:
        audit.record(None, actor=caller.user, verb="user.second_factor_removed", subject=user.email)


def _take(one: SecondFactor, code: str) -> bool:
    code = code.replace(" ", "").replace("-", "").lower()
    if code.isdecimal() and len(code) == 6:
        step = _step_of(_secret_of(one), code, after=one.last_step)
        if step is None:
            return False
        one.last_step = step
    else:
        digest = _digest(code)
        if not any(compare_digest(bytes(known), digest) for known in one.recovery):
            return False
        one.recovery = [known for known in one.recovery if bytes(known) != digest]
        audit.record(
            None,
            actor=one.user,
            verb="user.recovery_code_used",
            subject=one.user.email,
            left=len(one.recovery),
        )
    one.save(update_fields=["last_step", "recovery"])
    return True


def _secret_of(one: SecondFactor) -> str:
    try:
        return encryption.unseal(one.secret)
    except encryption.Unreadable as error:
        raise Invalid(
            "codes cannot be checked, since SECRET_KEY has changed: use a recovery code, or ask an"
            " administrator to take the second step away",
            field="code",
        ) from error


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """Which 30 seconds a code is of, now or just beside, if later than those of the last one."""
    now = int(time.time()) // STEP
    totp = pyotp.TOTP(secret)
    given = code.replace(" ", "")
    right = [
        step
        for step in (now - 1, now, now + 1)
        if compare_digest(totp.at(step * STEP).encode(), given.encode(errors="replace"))
    ]
    return next((step for step in right if step > after), None)


def _recovery_code() -> str:
    """50 bits of chance, in two halves: `k3vqp-8wz4m`."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.replace("-", "").encode(errors="replace")).digest()
