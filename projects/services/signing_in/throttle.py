"""A brake on guessing: after some wrong tries each next one has to wait, twice as long as before.

Nobody is locked out for good: a wait ends by itself, and no budget is one that strangers can
spend for somebody who has logged in from their own device before (`login.py`).
"""

import hashlib
from dataclasses import dataclass

from django.db import connection, transaction

from adaptive_site.lib.errors import TooOften

_CLEARED = 20  # rows that are taken away by each new one, so that they cannot pile up


@dataclass(frozen=True, slots=True)
class Budget:
    """`free` wrong tries; then waits of 1, 2, 4 … up to `most` seconds.

    All is forgotten `forget` seconds after the last one.
    """

    name: str
    free: int
    most: int
    forget: int
    said: str


_DAY = 24 * 3600
ACCOUNT = Budget("account", 5, 15 * 60, _DAY, "too many wrong passwords for this account from here")
DEVICE = Budget("device", 10, 5 * 60, _DAY, "too many wrong passwords for this account")
ADDRESS = Budget("address", 50, 30, 15 * 60, "too many wrong passwords from your address")
LINK = Budget("link", 3, 15 * 60, _DAY, "too many links for this address were asked for")
LINKS = Budget("links", 20, 5 * 60, _DAY, "too many links were asked for from your address")
CODE = Budget("code", 5, 15 * 60, _DAY, "too many wrong codes for this account")
PROVIDER = Budget(
    "provider", 50, 30, 15 * 60, "too many sign-ins from your address that came to nothing"
)
KEYS = Budget("keys", 100, 30, 15 * 60, "too many wrong API keys from your address")

_SPEND = """
    INSERT INTO projects_attempt AS a (key, number, last_at, again_at)
    VALUES (%(key)s, 1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET
        number = CASE WHEN a.last_at < clock_timestamp() - %(forget)s * interval '1 second'
            THEN 1 ELSE a.number + 1 END,
        last_at = clock_timestamp(),
        again_at = clock_timestamp() + interval '1 second' * CASE
            WHEN a.last_at < clock_timestamp() - %(forget)s * interval '1 second' THEN 0
            WHEN a.number < %(free)s THEN 0
            ELSE least(%(most)s, 2 ^ least(a.number - %(free)s, 20)) END
    WHERE a.again_at <= clock_timestamp()
    RETURNING number
"""
_CLEAR = """
    DELETE FROM projects_attempt WHERE key IN (
        SELECT key FROM projects_attempt WHERE last_at < now() - interval '1 day'
        LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


def spend(*budgets: tuple[Budget, str]) -> None:
    """Count a try before it is made, so that many at once are counted, too.

    Each budget is somebody's: (budget, whom). Raises TooOften, and then counts for none.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for budget, whom in budgets:
            given: dict[str, str | int] = {"key": _key(budget, whom), "free": budget.free}
            cursor.execute(_SPEND, given | {"most": budget.most, "forget": budget.forget})
            row = cursor.fetchone()
            if row is None:
                raise _refusal(budget, wait(budget, whom))
            if row == (1,):
                cursor.execute(_CLEAR, [_CLEARED])


def check(budget: Budget, whom: str) -> None:
    """Raise TooOften while the next try has to wait; counts nothing."""
    if seconds := wait(budget, whom):
        raise _refusal(budget, seconds)


def wait(budget: Budget, whom: str) -> float:
    """For how many seconds the next try has to wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM again_at - clock_timestamp()) FROM projects_attempt"
            " WHERE key = %s",
            [_key(budget, whom)],
        )
        row = cursor.fetchone()
    return max(0.0, float(row[0])) if row else 0.0


def give_back(budget: Budget, whom: str) -> None:
    """Uncount one try, which was right, or never made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_attempt SET number = number - 1, again_at = clock_timestamp()"
            " WHERE key = %s AND number > 0",
            [_key(budget, whom)],
        )


def forget(budget: Budget, whom: str) -> None:
    """Begin anew: the right one was given."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM projects_attempt WHERE key = %s", [_key(budget, whom)])


def _key(budget: Budget, whom: str) -> str:
    return hashlib.sha256(f"{budget.name}\n{whom}".encode()).hexdigest()


def _refusal(budget: Budget, seconds: float) -> TooOften:
    return TooOften(budget.said, seconds=seconds)
