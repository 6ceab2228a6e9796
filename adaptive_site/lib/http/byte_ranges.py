"""A part of a file, as a request's `Range` asks for it (RFC 9110, 14)."""

import re
from typing import NamedTuple

_ONE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class ByteRange(NamedTuple):
    """The bytes from `start` on and before `stop`."""

    start: int
    stop: int


class Unsatisfiable(Exception):  # noqa: N818  # the client's mistake
    """A range that begins after the end of the file."""


def byte_range(header: str, size: int) -> ByteRange | None:
    """The range of a file of `size` bytes; None where all of it is to be sent.

    That is also the answer to several ranges, and to what cannot be read.

    >>> byte_range("bytes=2-5", 10), byte_range("bytes=-3", 10), byte_range("lines=1-2", 10)
    (ByteRange(start=2, stop=6), ByteRange(start=7, stop=10), None)
    """
    match = _ONE.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last[:20]), size)
        if not length:
            raise Unsatisfiable
        return ByteRange(size - length, size)
    start = int(first[:20])
    if start >= size:
        raise Unsatisfiable
    stop = min(int(last[:20]) + 1, size) if last else size
    return ByteRange(start, stop) if start < stop else None
