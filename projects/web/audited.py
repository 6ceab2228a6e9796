"""Noting each request that Django answers, for the events that it brings about."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from projects.services.auditing import origin


class OriginMiddleware:
    """Notes by which door a request comes, unless the server did so before Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with origin.within(request.path_info):
            return self.get_response(request)
