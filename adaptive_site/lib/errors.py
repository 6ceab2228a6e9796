"""Failures that are part of the contract, and how each kind of caller is told."""

from collections.abc import Mapping
from math import ceil
from typing import Any, NotRequired

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from typing_extensions import TypedDict

# What is said of a fault in the code; what it was is in the log alone.
FAILED = "something went wrong on this server; it is in its log"


class DomainError(Exception):
    """An expected failure: `status` is its HTTP status, `field` the input at fault, if one is.

    `said` is the message alone, for a page that shows it beside the field.
    """

    status = 400
    headers: Mapping[str, str] = {}  # of the answer, whichever door it leaves by

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
        self.said = message
        super().__init__(f"{field}: {message}" if field else message)


class Invalid(DomainError):
    """An input that cannot be taken as it is."""


class Unauthenticated(DomainError):
    """No key or session, or one that is not valid."""

    status = 401


class Forbidden(DomainError):
    """The caller may see the thing but not do this to it."""

    status = 403


class NotFound(DomainError):
    """The thing is not there, or not for this caller; the two look the same."""

    status = 404


class Conflict(DomainError):
    """The caller may do this, but not to the thing as it is now."""

    status = 409


class Gone(DomainError):
    """The thing was there, and is no more."""

    status = 410


class TooLarge(DomainError):
    """More bytes or pixels than we take."""

    status = 413


class TooOften(DomainError):
    """Something that is limited was done too often; it may be tried again in `seconds`."""

    status = 429

    def __init__(self, message: str, *, seconds: float) -> None:
        self.seconds = max(1, ceil(seconds))
        self.headers = {"Retry-After": str(self.seconds)}
        super().__init__(f"{message}: try again in {_duration(self.seconds)}")


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    return f"{ceil(seconds / 60)} minutes"


def check_fields(row: Model, **options: Any) -> None:
    """Raise Invalid naming the first field of `row` at fault; `options` are of `full_clean`."""
    try:
        row.full_clean(**options)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error


class Refusal(TypedDict):
    """Why a request was refused: in words, and which member or parameter is at fault, if one is."""

    error: str
    field: NotRequired[str]


def told(error: DomainError) -> Refusal:
    """What the REST API says of it."""
    return {"error": str(error), "field": error.field} if error.field else {"error": str(error)}


def as_rest(error: DomainError) -> JsonResponse:
    """`{"error": text}` with the status; `field` beside it when one is at fault."""
    return JsonResponse(told(error), status=error.status, headers=error.headers)


def as_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page (or, for htmx, its body alone) that says what happened."""
    response = render(request, "error.html", {"error": error}, status=error.status)
    for name, text in error.headers.items():
        response.headers[name] = text
    return response
