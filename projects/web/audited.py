"""Noting each request that Django answers, and what it has read, for the audit log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from projects.models import User
from projects.services.auditing import origin, reads
from projects.services.auditing.reads import RequestReads

AHEAD_HEADER, PREFETCHED = "Purpose", "prefetch"


class OriginMiddleware:
    """Notes by which door a request comes, unless the server did so before Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with origin.within(request.path_info), reads.collected() as found:
            response = self.get_response(request)
            if response.status_code < 400 and _gives_bodies(request):
                _tell(request, found)
        return response


def _gives_bodies(request: HttpRequest) -> bool:
    """Whether what was read is in the answer: that of a form tells what to look at next."""
    is_api = request.path_info.startswith("/api/")
    return request.method == "GET" or (is_api and request.method == "POST")


def _tell(request: HttpRequest, found: RequestReads) -> None:
    person = getattr(request, "user", None)
    found.tell(
        actor=person if isinstance(person, User) else None,
        page=(request.resolver_match and request.resolver_match.url_name) or "",
        is_ahead=request.headers.get(AHEAD_HEADER) == PREFETCHED,
    )
