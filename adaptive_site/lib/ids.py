"""Ids whose order is time order."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TICK_BITS = 42
_BLOCK = 4096
_lock = threading.Lock()
_last_tick = 0
_chance = BytesIO()


def _random(size: int) -> bytes:
    """Random bytes out of a block, since one call to the system for each id cost 9 µs.

    Called with the lock held.
    """
    global _chance
    found = _chance.read(size)
    if len(found) < size:
        _chance = BytesIO(os.urandom(_BLOCK))
        found = _chance.read(size)
    return found


def _next_tick_and_chance() -> tuple[int, int]:
    """A number that only grows within this process, close to the clock in units of 1.024 µs,
    and 32 random bits.
    """
    global _last_tick
    with _lock:
        _last_tick = max(time.time_ns() >> 10, _last_tick + 1)
        return _last_tick, int.from_bytes(_random(4))


def uuid4() -> UUID:
    """A random UUID (RFC 9562 §5.4)."""
    with _lock:
        return UUID(bytes=_random(16), version=4)


def _forget_chance() -> None:
    """A forked process must not use its parent's random bits again."""
    global _chance
    _chance = BytesIO()


os.register_at_fork(after_in_child=_forget_chance)


def uuid7(at: datetime) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7) whose clock is `at`, to the millisecond.

    Of the 74 free bits, 42 hold the moment of making, so ids for the same `at` keep the order
    they were made in (the turns of one imported conversation often share one timestamp);
    32 are random. Raises ValueError before 1970.
    """
    milliseconds = (at - EPOCH) // _MILLISECOND
    if milliseconds < 0:
        raise ValueError("a time before 1970 has no UUIDv7")
    tick, chance = _next_tick_and_chance()
    tick &= (1 << _TICK_BITS) - 1
    high, low = tick >> 30, tick & ((1 << 30) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low << 32 | chance)


def first_id_at(at: datetime) -> UUID:
    """The smallest id that an interaction created at `at` or later can have."""
    return UUID(int=max(0, -((EPOCH - at) // _MILLISECOND)) << 80)


def time_of(id: UUID) -> datetime:
    """The clock of a UUIDv7, to the millisecond, in UTC."""
    return EPOCH + (id.int >> 80) * _MILLISECOND


def to_millisecond(at: datetime) -> datetime:
    """`at` in UTC without its microseconds, as an id can carry it."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    beyond = at.microsecond % 1000
    return at.replace(microsecond=at.microsecond - beyond) if beyond else at
