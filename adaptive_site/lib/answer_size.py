"""How many bytes one answer may be made of, however many parts ask for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from adaptive_site.lib.errors import TooLarge

MOST_BYTES = 64 * 1024 * 1024

_left: ContextVar[list[int] | None] = ContextVar("left", default=None)


@contextmanager
def one_answer() -> Iterator[None]:
    """Count what is spent inside together."""
    token = _left.set([MOST_BYTES])
    try:
        yield
    finally:
        _left.reset(token)


def spend(size: int) -> None:
    """Count bytes that are about to be read. Raises TooLarge when they are too many."""
    left = _left.get()
    if left is None:  # nobody counts: each read has the whole
        left = [MOST_BYTES]
    left[0] -= size
    if left[0] < 0:
        raise TooLarge(too_much())


def too_much() -> str:
    """What is said of an answer that would be too large."""
    return (
        f"the answer is too large: more than {MOST_BYTES >> 20} MB;"
        " ask for fewer at a time, or for less of each"
    )
