"""Through how many sites like this one a request came, so that none asks itself without end."""

from collections.abc import Mapping
from contextvars import ContextVar

from interactions.providers.base import UpstreamError

HOPS_HEADER = "X-Adaptive-Site-Hops"
MAX_HOPS = 4
_hops: ContextVar[int] = ContextVar("hops", default=0)


def came_through(header: str) -> None:
    """Note through how many sites the request came, for the requests that it leads to.

    Raises UpstreamError when they are too many: a model that is asked at this very site would
    ask itself without end.
    """
    counts = [part.strip() for part in header.split(",") if part.strip()]
    hops = max(map(_hops_in, counts), default=0)
    if hops >= MAX_HOPS:
        raise UpstreamError(
            f"the request came through {MAX_HOPS} sites like this one: a model seems to be asked "
            "at an address that leads back here",
            status=508,
        )
    _hops.set(hops)


def with_hops(headers: Mapping[str, str]) -> dict[str, str]:
    """These headers, and one that tells the provider of one site more."""
    return {**headers, HOPS_HEADER: str(_hops.get() + 1)}


def _hops_in(count: str) -> int:
    """What a count says; anything but a short number is too many. `int` reads 4,300 digits."""
    is_number = count.isascii() and count.isdecimal() and len(count) < 4
    return int(count) if is_number else MAX_HOPS
