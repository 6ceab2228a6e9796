"""Pages for administrators alone."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase

from projects.models import User
from projects.services.access import Caller

P = ParamSpec("P")


class ConsoleRequest(HttpRequest):
    """A request of an administrator."""

    caller: Caller


def for_administrators(
    view: Callable[Concatenate[ConsoleRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give the view `request.caller`. Nobody logged in goes to the login page; others get 404."""

    @login_required
    @wraps(view)
    def inner(request: ConsoleRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        assert isinstance(request.user, User)
        request.caller = Caller(request.user)
        if not request.caller.is_administrator:
            raise Http404
        return view(request, *args, **kwargs)

    return inner
