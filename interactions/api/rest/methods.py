"""Views for callers with an API key."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from adaptive_site.lib.errors import Unauthenticated
from projects.models import User
from projects.services.access import Caller, authenticate

P = ParamSpec("P")


class CallerRequest(HttpRequest):
    """A request whose key was good."""

    caller: Caller


View = Callable[Concatenate[CallerRequest, P], HttpResponseBase]


def by_key(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Give the view `request.caller`, whose API key came with the request; else 401."""

    @wraps(view)
    def inner(request: CallerRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request.caller = authenticate(request.headers.get("Authorization", ""))
        return view(request, *args, **kwargs)

    return inner


def by_key_or_session(view: View[P]) -> Callable[..., HttpResponseBase]:
    """As `by_key`, but a person who is logged in may come without one: of views that only read."""

    @wraps(view)
    def inner(request: CallerRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if "Authorization" in request.headers:
            request.caller = authenticate(request.headers["Authorization"])
        elif isinstance(request.user, User):
            request.caller = Caller(request.user)
        else:
            raise Unauthenticated("log in, or send the header 'Authorization: Bearer <API key>'")
        return view(request, *args, **kwargs)

    return inner
