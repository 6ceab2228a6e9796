"""Lines of our own format, as exports and `ingest` have them."""

from typing import Any


def is_ours(record: dict[str, Any]) -> bool:
    """An interaction with `messages` and `completion`, or a preference between two."""
    if not isinstance(record.get("messages"), list):
        return False
    is_pair = isinstance(record.get("preferred"), dict) and isinstance(record.get("other"), dict)
    return is_pair or isinstance(record.get("completion"), str)


def ours(record: dict[str, Any]) -> dict[str, Any]:
    """The line as it is."""
    return record
