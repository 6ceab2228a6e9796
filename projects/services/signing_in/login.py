"""Logging in by password, with a brake on guessing.

Wrong passwords are counted for an account from an address, and for an address. A browser that
has logged in to an account before carries a signed cookie, and is counted by itself instead:
whoever tries an account's passwords, from wherever, does not keep its owner out.
"""

import secrets
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.http import HttpRequest

from adaptive_site.lib.errors import TooOften
from adaptive_site.lib.http import client_address
from projects.models import User
from projects.services.signing_in import recorded, throttle

DEVICE_COOKIE = "adaptive_site_device"
DEVICE_SECONDS = 400 * 24 * 3600  # browsers keep no cookie for longer
_SALT = "projects.device"


class ThrottledBackend(ModelBackend):
    """Django's own, by e-mail address and password, for every page that asks for them."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> User | None:
        """The user whose password it is. Raises TooOften when it is not even looked at."""
        email = username if username is not None else fields.get(User.USERNAME_FIELD)
        if request is None or not email or password is None:  # a program, not a visitor
            return _user(super().authenticate(request, username, password, **fields))
        budgets = budgets_of(request, str(email))
        throttle.spend(*budgets)
        try:
            user = _user(super().authenticate(request, username, password, **fields))
        except TooOften:  # too busy to look at it
            for budget, whom in budgets:
                throttle.give_back(budget, whom)
            raise
        if user is not None:
            (first, whom), *others = budgets
            throttle.forget(first, whom)
            for budget, whom in others:  # one's own account must not clear an address
                throttle.give_back(budget, whom)
        else:
            recorded.refused(str(email))
        return user


def budgets_of(request: HttpRequest, email: str) -> list[tuple[throttle.Budget, str]]:
    """Which budgets a try spends, that of the account first."""
    account = _account(email)
    device = _device_of(request, account)
    if device:
        return [(throttle.DEVICE, f"{account}\n{device}")]
    address = client_address.current()
    return [(throttle.ACCOUNT, f"{account}\n{address}"), (throttle.ADDRESS, address)]


def device_cookie(user: User) -> str:
    """What a browser carries that has logged in as `user`; it opens nothing by itself."""
    known = {"account": _account(user.email), "device": secrets.token_hex(8)}
    return signing.dumps(known, salt=_SALT)


def _device_of(request: HttpRequest, account: str) -> str:
    """The device's name, if it has logged in to this account; else empty."""
    given = request.COOKIES.get(DEVICE_COOKIE, "")
    try:
        known = signing.loads(given, salt=_SALT, max_age=DEVICE_SECONDS)
    except signing.BadSignature:
        return ""
    return str(known["device"]) if known.get("account") == account else ""


def _account(email: str) -> str:
    """The account that an address means, whether there is one or not.

    One that is there has one name, however its address is written: it has one budget.
    """
    user = User.objects.at(email.strip()).first()
    return (user.email if user is not None else email).strip().lower()[:254]


def _user(found: object) -> User | None:
    return found if isinstance(found, User) else None
