"""What browsers and proxies may keep: nothing, unless the answer says otherwise itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from adaptive_site.lib.http.addresses import is_api

PAGE_CACHE_CONTROL = "private, no-store"
API_CACHE_CONTROL = "no-store"


class NoStoreMiddleware:
    """Marks every answer that says nothing of its own about caching.

    Images say for how long, by the hash of their bytes; static files are answered before this.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        usual = API_CACHE_CONTROL if is_api(request.path) else PAGE_CACHE_CONTROL
        response.headers.setdefault("Cache-Control", usual)
        return response
