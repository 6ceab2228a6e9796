"""Failures that are part of the contract, and how each kind of caller is told."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from adaptive_site.lib.addresses import is_api
from adaptive_site.lib.nul import is_about_nul, place_of_nul


class DomainError(Exception):
    """An expected failure: `status` is its HTTP status, `field` the input at fault, if one is."""

    status = 400
    headers: Mapping[str, str] = {}  # of the answer, whichever door it leaves by

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
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


def _about_nul(request: HttpRequest) -> DomainError:
    if "\0" in request.path:
        return NotFound("not found")
    name = place_of_nul(request).replace("\0", "%00")
    return Invalid("expected a text without NUL characters", field=name)


def as_rest(error: DomainError) -> JsonResponse:
    """`{"error": text}` with the status; `field` beside it when one is at fault."""
    body: dict[str, Any] = {"error": str(error)}
    if error.field:
        body["field"] = error.field
    return JsonResponse(body, status=error.status, headers=error.headers)


def as_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page (or, for htmx, its body alone) that says what happened."""
    response = render(request, "error.html", {"error": error}, status=error.status)
    for name, text in error.headers.items():
        response.headers[name] = text
    return response


class DomainErrorMiddleware:
    """Turns a DomainError that leaves a view into the answer of the door it left by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError; let everything else become a 500.

        A NUL, wherever it came in, is found by no look-up and kept by no table.
        """
        if is_about_nul(error):
            error = _about_nul(request)
        if not isinstance(error, DomainError):
            return None
        if is_api(request.path_info):
            return as_rest(error)
        return as_page(request, error)
