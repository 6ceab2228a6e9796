"""What the pages of administrators begin with."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from projects.models import User
from projects.services.access import Caller

P = ParamSpec("P")


class AdminRequest(HttpRequest):
    """A request by somebody who is logged in."""

    caller: Caller


AdminView = Callable[Concatenate[AdminRequest, P], HttpResponseBase]


def logged_in(view: AdminView[P]) -> Callable[..., HttpResponseBase]:
    """Give the view `request.caller`; nobody logged in goes to the login page."""

    @login_required
    @wraps(view)
    def inner(request: AdminRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        assert isinstance(request.user, User)
        request.caller = Caller(request.user)
        return view(request, *args, **kwargs)

    return inner


def for_administrators(view: AdminView[P]) -> Callable[..., HttpResponseBase]:
    """As `logged_in`; for others than administrators there is nothing here."""

    @wraps(view)
    def inner(request: AdminRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.caller.is_administrator:
            raise Http404
        return view(request, *args, **kwargs)

    return logged_in(cast(AdminView[P], inner))
