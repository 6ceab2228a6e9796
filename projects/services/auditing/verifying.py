"""Checking the audit log against its seals: the first thing that is not as it was is named."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from projects.models import Seal
from projects.services.auditing import erasing
from projects.services.auditing.sealing import (
    CANONICAL,
    FIRST_PREVIOUS,
    Head,
    chained,
    digest_of,
    unsealed,
)

_SEALS_AT_ONCE = 20  # of up to 5,000 events, 40 bytes each
_WIDTH = 32


class Broken(Exception):
    """The log is not what was sealed; the text names the first event or seal at fault."""


class Verified(NamedTuple):
    """What was found whole: up to which seal, how many events, and how many are not sealed yet."""

    head: Head
    events: int
    waiting: int


def verify(expected: Head | None = None) -> Verified:
    """Check every seal and every event that is sealed. Raises Broken.

    `expected` is a head that was kept elsewhere: a log that ends before it was cut off.
    """
    last, events = Head(0, FIRST_PREVIOUS), 0
    for seal in _seals():
        _check_seal(seal, last)
        _check_events(seal)
        last = Head(seal.number, bytes(seal.digest))
        events += len(seal.event_ids)
        if expected is not None and expected.number == last.number and expected != last:
            raise Broken(f"seal {last.number} is not the one kept: it is {last.digest.hex()}")
    if expected is not None and expected.number > last.number:
        raise Broken(f"the log ends at seal {last.number}: those after it were cut off")
    _check_strays(last.number)
    return Verified(last, events, unsealed())


def _seals() -> Iterator[Seal]:
    number = 0
    while some := list(Seal.objects.filter(number__gt=number).order_by("number")[:_SEALS_AT_ONCE]):
        yield from some
        number = some[-1].number


def _check_seal(seal: Seal, last: Head) -> None:
    if seal.number != last.number + 1:
        raise Broken(f"seal {last.number + 1} is missing")
    if bytes(seal.previous) != last.digest:
        raise Broken(f"seal {seal.number} does not follow seal {last.number}")
    digests = bytes(seal.event_digests)
    made = chained(last.digest, seal.number, seal.sealed_at, digests)
    if made != bytes(seal.digest) or len(digests) != _WIDTH * len(seal.event_ids):
        raise Broken(f"seal {seal.number} was changed: its digest is not that of its events")


def _check_events(seal: Seal) -> None:
    there, erased = dict(_events(seal.number)), None
    digests = bytes(seal.event_digests)
    for n, id in enumerate(seal.event_ids):
        canonical = there.pop(id, None)
        if canonical is None:
            raise Broken(f"event {id} of seal {seal.number} is missing")
        if (is_now := digest_of(canonical)) != digests[n * _WIDTH : (n + 1) * _WIDTH]:
            erased = erasing.digests() if erased is None else erased
            if erased.get(id) == is_now:
                continue
            raise Broken(f"event {id} of seal {seal.number} was changed: now it says {canonical}")
    if there:
        id = min(there)
        raise Broken(f"event {id} was put into seal {seal.number}: it says {there[id]}")


def _events(number: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {CANONICAL} FROM projects_event WHERE seal = %s", [number])
        return list(cursor.fetchall())


def _check_strays(last: int) -> None:
    """Events that say to be of a seal which is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, seal FROM projects_event WHERE seal > %s OR seal < 1"
            " ORDER BY seal, id LIMIT 1",
            [last],
        )
        if stray := cursor.fetchone():
            raise Broken(f"event {stray[0]} is of seal {stray[1]}, which is not there")
