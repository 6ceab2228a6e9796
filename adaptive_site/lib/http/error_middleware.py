"""Failures that leave a view, answered as the door it left by expects."""

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template import loader
from django.views.defaults import bad_request, server_error

from adaptive_site.lib.database.nul import is_about_nul, place_of_nul
from adaptive_site.lib.database.outages import Unavailable, reason
from adaptive_site.lib.errors import FAILED, DomainError, Invalid, NotFound, as_page, as_rest
from adaptive_site.lib.http.addresses import GRAPHQL_PATH, is_api
from adaptive_site.lib.openapi.methods import MethodNotAllowed

logger = logging.getLogger(__name__)


def _about_nul(request: HttpRequest) -> DomainError:
    if "\0" in request.path:
        return NotFound("not found")
    name = place_of_nul(request).replace("\0", "%00")
    return Invalid("expected a text without NUL characters", field=name)


class DomainErrorMiddleware:
    """Turns a DomainError that leaves a view into the answer of the door it left by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            # Whoever refused it, Django's own views too, it is said in words.
            page = _answered(request, MethodNotAllowed(request.method, response["Allow"]))
            for name in ("X-Frame-Options", "Content-Security-Policy"):  # of what it replaces
                if name in response:
                    page[name] = response[name]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError; let everything else become a 500.

        A NUL, wherever it came in, is found by no look-up and kept by no table.
        """
        if is_about_nul(error):
            error = _about_nul(request)
        elif outage := reason(error):
            return unavailable(request, outage)
        if not isinstance(error, DomainError):
            return None
        return _answered(request, error)


def _answered(request: HttpRequest, error: DomainError) -> HttpResponse:
    return as_rest(error) if is_api(request.path_info) else as_page(request, error)


def unavailable(request: HttpRequest, outage: str) -> HttpResponse:
    """503 with the reason; the page asks nothing of a database or a session."""
    logger.error("%s %s: %s", request.method, request.path, outage)
    error = Unavailable(f"{outage}; try again later")
    if is_api(request.path_info):
        return as_rest(error)
    page = loader.render_to_string("unavailable.html", {"outage": outage})
    return HttpResponse(page, status=error.status, headers=error.headers)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 of a request that Django itself cannot read; JSON to programs."""
    if not is_api(request.path_info):
        return bad_request(request, exception)
    return as_rest(Invalid(f"the request cannot be read: {exception}"))


def failed(request: HttpRequest) -> HttpResponse:
    """The last resort, for a fault in the code: 503 for an outage, else 500; JSON to programs."""
    error = sys.exc_info()[1]
    outage = reason(error) if error is not None else ""
    if outage:
        return unavailable(request, outage)
    if not is_api(request.path_info):
        return server_error(request)
    is_graphql = request.path_info == GRAPHQL_PATH
    told = {"data": None, "errors": [{"message": FAILED}]} if is_graphql else {"error": FAILED}
    return JsonResponse(told, status=500)
