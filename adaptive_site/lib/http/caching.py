"""What browsers and proxies may keep: nothing, unless the answer says otherwise itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PAGE = "private, no-store"
API = "no-store"


class NoStoreMiddleware:
    """Marks every answer that says nothing of its own about caching.

    Images say for how long, by the hash of their bytes; static files are answered before this.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_api = request.path.startswith("/api/")
        response.headers.setdefault("Cache-Control", API if is_api else PAGE)
        return response
