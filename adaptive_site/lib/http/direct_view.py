"""A hot handler as a Django view, for whoever comes through Django's own handler."""

from collections.abc import Callable

from asgiref.sync import async_to_sync
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.http.direct import (
    HotHandler,
    HotRequest,
    HotResponse,
    as_error,
    not_allowed,
    too_large,
)


def as_view(handler: HotHandler) -> Callable[[HttpRequest], HttpResponse]:
    """Let `handler` answer a POST that comes through Django, as it does in tests.

    The server never comes here with one: `adaptive_site.asgi` has answered it. A stream is
    gathered whole; database work runs in the request's thread and transaction. Exempt from
    CSRF, since only the Authorization header counts, never a cookie.
    """

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return _plain(not_allowed(request.method or ""))
        try:
            body = request.body
        except RequestDataTooBig:
            return _plain(too_large())
        asked = HotRequest(
            method=request.method,
            path=request.path,
            query=request.META.get("QUERY_STRING", ""),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        return _plain(async_to_sync(_whole)(handler, asked))

    return view


async def _whole(handler: HotHandler, request: HotRequest) -> HotResponse:
    with in_the_requests_thread():
        try:
            response = await handler(request)
        except DomainError as error:
            return as_error(error)
        if isinstance(response.body, bytes):
            return response
        pieces = [piece async for piece in response.body]
    return HotResponse(response.status, b"".join(pieces), response.content_type, response.headers)


def _plain(response: HotResponse) -> HttpResponse:
    return HttpResponse(
        response.body,
        status=response.status,
        content_type=response.content_type,
        headers=dict(response.headers),
    )
