"""Noting each request that Django answers, and what it has read, for the audit log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from projects.models import User
from projects.services.auditing import origin, reads
from projects.services.auditing.reads import Reads

AHEAD_HEADER, AHEAD = "Purpose", "prefetch"
_GIVE_NOTHING = frozenset(("HEAD", "DELETE"))


class OriginMiddleware:
    """Notes by which door a request comes, unless the server did so before Django."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with origin.within(request.path_info), reads.collected() as found:
            response = self.get_response(request)
            if response.status_code < 400 and request.method not in _GIVE_NOTHING:
                _tell(request, found)
        return response


def _tell(request: HttpRequest, found: Reads) -> None:
    person = getattr(request, "user", None)
    found.tell(
        actor=person if isinstance(person, User) else None,
        page=(request.resolver_match and request.resolver_match.url_name) or "",
        is_ahead=request.headers.get(AHEAD_HEADER) == AHEAD,
    )
