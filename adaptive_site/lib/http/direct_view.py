"""A direct handler as a Django view, for whoever comes through Django's own handler."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from asgiref.sync import async_to_sync
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.http.direct import (
    DirectHandler,
    DirectRequest,
    DirectResponse,
    as_error,
    too_large,
)


def as_view(handler: DirectHandler) -> Callable[[HttpRequest], HttpResponse]:
    """Let `handler` answer what comes through Django, as it does in tests.

    The server never comes here with one: `adaptive_site.asgi` has answered it. A stream is
    gathered whole; database work runs in the request's thread and transaction. Exempt from
    CSRF, since only the Authorization header counts, never a cookie.
    """

    @csrf_exempt
    @wraps(handler)  # with what was said of it
    def view(request: HttpRequest) -> HttpResponse:
        try:
            body = request.body
        except RequestDataTooBig:
            return _plain(too_large())
        asked = DirectRequest(
            method=request.method or "",
            path=request.path,
            query=request.META.get("QUERY_STRING", ""),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        return _plain(async_to_sync(_whole)(handler, asked))

    return view


async def _whole(handler: DirectHandler, request: DirectRequest) -> DirectResponse:
    with in_the_requests_thread():
        try:
            response = await handler(request)
        except DomainError as error:
            return as_error(error)
        if isinstance(response.body, bytes):
            return response
        pieces = [piece async for piece in response.body]
    return replace(response, body=b"".join(pieces))


def _plain(response: DirectResponse) -> HttpResponse:
    return HttpResponse(
        response.body,
        status=response.status,
        content_type=response.content_type,
        headers=dict(response.headers),
    )
