"""Failures that are part of the contract, and how each kind of caller is told."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from adaptive_site.lib.addresses import is_api


class DomainError(Exception):
    """An expected failure: `status` is its HTTP status, `field` the input at fault, if one is."""

    status = 400

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


def as_rest(error: DomainError) -> JsonResponse:
    """`{"error": text}` with the status; `field` beside it when one is at fault."""
    body: dict[str, Any] = {"error": str(error)}
    if error.field:
        body["field"] = error.field
    return JsonResponse(body, status=error.status)


def as_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page (or, for htmx, its body alone) that says what happened."""
    return render(request, "error.html", {"error": error}, status=error.status)


class DomainErrorMiddleware:
    """Turns a DomainError that leaves a view into the answer of the door it left by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError; let everything else become a 500."""
        if not isinstance(error, DomainError):
            return None
        if is_api(request.path_info):
            return as_rest(error)
        return as_page(request, error)
