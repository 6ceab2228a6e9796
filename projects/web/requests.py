"""What every page of a project begins with."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from projects.models import Project, User
from projects.services.access import READ, Caller, project_for

P = ParamSpec("P")


class ProjectRequest(HttpRequest):
    """A request by someone who may read the project in its address."""

    caller: Caller
    project: Project
    htmx: HtmxDetails


View = Callable[Concatenate[ProjectRequest, P], HttpResponseBase]


def in_project(permission: str = READ) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Give the view `request.caller` and `request.project` in place of the address's `key`.

    Nobody logged in goes to the login page; a stranger gets 404, who lacks `permission` 403.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def inner(request: ProjectRequest, key: str, **kwargs: object) -> HttpResponseBase:
            assert isinstance(request.user, User)
            request.caller = Caller(request.user)
            request.project = project_for(request.caller, key, permission)
            return view(request, **kwargs)  # type: ignore[call-arg, arg-type]

        return inner

    return decorate


def project_page(
    request: ProjectRequest,
    template: str,
    context: dict[str, Any],
    *,
    tab: str = "interactions",
    status: int = 200,
) -> HttpResponse:
    """A page under the project's name and tabs; `tab` is the one it belongs to."""
    around = {"project": request.project, "tab": tab}
    return render(request, template, around | context, status=status)
