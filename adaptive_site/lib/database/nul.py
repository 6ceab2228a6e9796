"""The one character that PostgreSQL's text cannot hold."""

from typing import Any

from django.db import DataError
from django.http import HttpRequest

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


def is_about_nul(error: BaseException) -> bool:
    """Whether the database was asked for a text with a NUL; it was not even sent."""
    return isinstance(error, DataError) and "NUL (0x00)" in str(error)


def place_of_nul(request: HttpRequest) -> str:
    """The parameter that holds one; empty when it stands elsewhere."""
    given = [*request.GET.lists(), *request.POST.lists()]
    return next((name for name, values in given if "\0" in name + "".join(values)), "")
