"""Where a request comes from: the address that wrong passwords and keys are counted by."""

import ipaddress
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Of the request that is being answered; empty outside one.
_address: ContextVar[str] = ContextVar("address", default="")
_LONGEST = 64  # characters of an address; the longest one of IPv6 has 45, a zone aside


def current() -> str:
    """The address of the client that is being answered; of IPv6, the network of its site."""
    return _address.get()


def note(peer: str, forwarded: str) -> None:
    """Remember whom we answer: `peer` is connected to us, `forwarded` is X-Forwarded-For."""
    _address.set(address_of(peer, forwarded, proxies=settings.PROXIES))


def address_of(peer: str, forwarded: str, *, proxies: int) -> str:
    """The address that `proxies` proxies of ours vouch for, each adding its peer to the header.

    What stands before those is the client's own claim, and counts for nothing.
    """
    if proxies and forwarded:
        named = [name.strip() for name in forwarded.split(",") if name.strip()]
        peer = named[-min(proxies, len(named))] if named else peer
    return _uniform(peer[:_LONGEST])


@lru_cache(maxsize=4096)  # 8 µs of each request without
def _uniform(peer: str) -> str:
    """An address as it is counted; what is none, as it is."""
    try:
        address = ipaddress.ip_address(peer.strip("[]"))
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        # Whoever has one address of a /64 has all of them.
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class ClientAddressMiddleware:
    """Notes the client of a request that Django answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.META
        note(known.get("REMOTE_ADDR", ""), known.get("HTTP_X_FORWARDED_FOR", ""))
        return self.get_response(request)
