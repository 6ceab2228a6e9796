"""The one character that PostgreSQL's text cannot hold."""

from typing import Any

REPLACEMENT = "\ufffd"


def without_nul(text: str) -> str:
    """`text` with every NUL visibly replaced, as it is stored and looked for."""
    return text.replace("\0", REPLACEMENT)


def without_nul_inside(value: Any) -> Any:
    """The same for every text of a JSON value, keys as well."""
    if isinstance(value, str):
        return without_nul(value)
    if isinstance(value, list):
        return [without_nul_inside(item) for item in value]
    if isinstance(value, dict):
        return {without_nul(key): without_nul_inside(item) for key, item in value.items()}
    return value
