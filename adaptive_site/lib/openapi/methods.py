"""Views by method at one address; every other method is answered 405, with those that are."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from adaptive_site.lib.errors import DomainError

_VIEWS = "views_by_method"


class MethodNotAllowed(DomainError):
    """A method that nothing answers at this address."""

    status = 405

    def __init__(self, method: str | None, allowed: str) -> None:
        self.headers = {"Allow": allowed}
        wanted = " or ".join(allowed.split(", "))
        super().__init__(f"{method} is not possible here; use {wanted}")


def by_method(**views: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that hands a request to the one named by its method (`GET=…, POST=…`), else 405.

    Exempt from CSRF, since only the Authorization header counts here, never a cookie; a view that
    takes a session only reads.
    """
    allowed = [name for one in views for name in ((one, "HEAD") if one == "GET" else (one,))]

    @csrf_exempt
    def dispatch(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        view = views.get("GET" if request.method == "HEAD" else request.method or "")
        if view is None:
            return HttpResponseNotAllowed(allowed)  # the middleware says it in words
        return view(request, *args, **kwargs)

    setattr(dispatch, _VIEWS, MappingProxyType(views))
    return dispatch


def views_of(view: object) -> Mapping[str, Callable[..., HttpResponseBase]]:
    """The views that `by_method` made this one of, by method; of another view none."""
    found: Mapping[str, Callable[..., HttpResponseBase]] = getattr(view, _VIEWS, {})
    return found
