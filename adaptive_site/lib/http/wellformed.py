"""Requests that no browser of ours sends, made harmless before anybody reads them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from adaptive_site.lib.http.addresses import split

_CURRENT = "HTTP_HX_CURRENT_URL"


class WellFormedMiddleware:
    """Drops an HX-Current-URL that is no address: django-htmx would fail over it, page by page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not split(request.META.get(_CURRENT, "")).netloc:
            request.META.pop(_CURRENT, None)
            request.__dict__.pop("headers", None)  # read from META once, perhaps before us
        return self.get_response(request)
