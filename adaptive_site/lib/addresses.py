"""Addresses that clients name, which may be none."""

from urllib.parse import SplitResult, urlsplit


def split(text: str) -> SplitResult:
    """The parts of an address; all empty where it is none, as `http://[`."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # asked for later by whoever builds an address of it
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
