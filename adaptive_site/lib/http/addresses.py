"""Addresses as clients write them: with slashes too many, below a prefix, or none at all."""

import re
from urllib.parse import SplitResult, urlsplit

API_PREFIX = "/api/"
GRAPHQL_PATH = "/api/graphql"
_SLASHES = re.compile("//+")


def tidy(path: str) -> str:
    """A path with single slashes, and an API's without one at its end.

    Clients join a base address and a path, and often have a slash in both; none of them follows
    a redirect with a POST.

    >>> tidy("//api/v1//feedback/"), tidy("/projects//maple/")
    ('/api/v1/feedback', '/projects/maple/')
    """
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if path.endswith("/") and path.startswith(API_PREFIX) and path != API_PREFIX:
        return path[:-1]
    return path


def without_prefix(path: str, prefix: str) -> str:
    """The path below `prefix`, which a proxy may have cut off already.

    >>> without_prefix("/logs/login/", "/logs"), without_prefix("/login/", "/logs")
    ('/login/', '/login/')
    """
    if path == prefix:
        return "/"
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path


def is_api(path: str) -> bool:
    """Whether a path without prefix is answered to programs, with JSON."""
    return path.startswith(API_PREFIX)


def split(text: str) -> SplitResult:
    """The parts of an address; all of them are empty for a text that is no address, as `http://[`."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # asked for later by whoever builds an address of it
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
