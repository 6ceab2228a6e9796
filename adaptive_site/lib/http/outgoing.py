"""Which addresses this server may ask on behalf of people: public ones, and what the operator says.

`ADAPTIVE_SITE_PRIVATE_PROVIDERS` is `admins` (private addresses are asked for administrators
alone), `on` (for everybody), `off` (for nobody), or a list of hosts and networks (those, for
everybody, and no others). What is link-local, a cloud's metadata, multicast, unspecified or
reserved is asked only when such a list names it.
"""

import re
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from django.conf import settings

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

SETTING_WORDS = ("admins", "on", "off")
BLOCKED = (
    "this address may not be asked from here: addresses of private networks are for "
    "administrators, as the operator has set ADAPTIVE_SITE_PRIVATE_PROVIDERS"
)
_ODD = "expected a host name in ASCII, or an address written in full, such as 203.0.113.7"
_HOST = re.compile(r"[a-z0-9_.-]+")
# What somebody may write who means something else by it.
_NO_HOSTS = {
    *SETTING_WORDS, "yes", "no", "true", "false", "all", "none", "everybody", "members", "0", "1",
}  # fmt: skip
_PORTS = (80, 443)  # and all from 1024 on
_FIRST_FREE_PORT = 1024

_CLOUD_METADATA = frozenset(
    map(
        ip_address,
        # AWS over IPv6, Google over IPv6, Alibaba, Azure's wire server, Oracle.
        ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
_PRIVATE = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
            "::1/128", "fc00::/7",
        ),
    )
)  # fmt: skip
# Special ones that some version of `ipaddress`, or IANA, calls global: where they lead is for a
# network to say (local NAT64, 6to4's relays, anycast of protocols), or they are examples.
_RESERVED = tuple(
    map(
        ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001::/23", "3fff::/20"),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
# What the system's resolver reads as an address, though it is not written as one: 2130706433,
# 0x7f.1, 017700000001, 127.1.
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*", re.IGNORECASE)


class Reach(Enum):
    """How far an address is from here."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


def reach_of(address: Address) -> Reach:
    """What an address reaches; of one that stands for an IPv4 address, what that one does.

    >>> reach_of(ip_address("::ffff:127.0.0.1"))
    <Reach.PRIVATE: 'private'>
    """
    if isinstance(address, IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return reach_of(inner)
    if address in _CLOUD_METADATA or any(address in network for network in _RESERVED):
        return Reach.NEVER
    if any(address in network for network in _PRIVATE if network.version == address.version):
        return Reach.PRIVATE
    if not address.is_global or address.is_multicast or address.is_reserved:
        return Reach.NEVER
    if isinstance(address, IPv6Address) and address not in _GLOBAL_6:
        return Reach.NEVER
    return Reach.PUBLIC


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, 6to4, NAT64, or IPv4-compatible."""
    if (inner := address.ipv4_mapped or address.sixtofour) is not None:
        return inner
    low = int(address) & 0xFFFF_FFFF
    if address in _NAT64 or (address in _COMPATIBLE and low > 1):
        return IPv4Address(low)
    return None


def may_be_asked(address: str, host: str, *, is_privileged: bool) -> bool:
    """Whether a connection may be made to `address`, which is what `host` led to."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if _is_listed(found, host):
        return True
    match reach_of(found):
        case Reach.PUBLIC:
            return True
        case Reach.PRIVATE:
            return _is_private_allowed(is_privileged)
    return False


def fault(host: str, port: int | None, *, is_privileged: bool, scheme: str = "http") -> str:
    """Why `host` will not be asked, as far as can be said without looking it up; "" if it may."""
    if scheme not in ("http", "https"):
        return "expected http or https"
    host = plain(host)
    try:
        literal: Address | None = ip_address(host)
    except ValueError:
        literal = None
        # Whatever an HTTP library might undo (%2e, a soft hyphen, ①) is not written here.
        if _NUMERIC.fullmatch(host) or not _HOST.fullmatch(host):
            return _ODD
    if literal is None and (host == "localhost" or host.endswith(".localhost")):
        literal = IPv4Address("127.0.0.1")
    if literal is not None and not may_be_asked(str(literal), host, is_privileged=is_privileged):
        return BLOCKED
    is_free = _is_private_allowed(is_privileged) or _is_listed(literal, host)
    if port is not None and port < _FIRST_FREE_PORT and port not in _PORTS and not is_free:
        return f"expected the port 80, 443, or one from {_FIRST_FREE_PORT} on"
    return ""


def plain(host: str) -> str:
    """A host as it is compared: in lower case, without a last dot."""
    return host.rstrip(".").lower()


def check_setting(value: str) -> str:
    """The setting, when it is one. Raises ValueError saying what was expected."""
    if value in SETTING_WORDS:
        return value
    for item in _items(value):
        if item.lower() in _NO_HOSTS:
            raise ValueError("expected admins, on, off, or hosts and networks separated by commas")
        try:
            ip_network(item, strict=False)
        except ValueError as error:
            if not re.fullmatch(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", item, re.IGNORECASE):
                raise ValueError(
                    "expected admins, on, off, or hosts and networks separated by commas, such as "
                    f"ollama.example.com,10.1.0.0/16; not {item!r}"
                ) from error
    if not _items(value):
        raise ValueError("expected admins, on, off, or hosts and networks separated by commas")
    return value


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _is_private_allowed(is_privileged: bool) -> bool:
    setting = settings.PRIVATE_PROVIDERS
    return setting == "on" or (setting == "admins" and is_privileged)


def _is_listed(address: Address | None, host: str) -> bool:
    """Whether the operator's list names the host, or a network that the address is in."""
    if settings.PRIVATE_PROVIDERS in SETTING_WORDS:
        return False
    host = plain(host)
    for item in _items(settings.PRIVATE_PROVIDERS):
        try:
            network: Network = ip_network(item, strict=False)
        except ValueError:
            name = item.lower()
            if host == name.lstrip(".") or (name.startswith(".") and host.endswith(name)):
                return True
        else:
            inner = _inside(address) if isinstance(address, IPv6Address) else None
            if any(one is not None and one in network for one in (address, inner)):
                return True
    return False
