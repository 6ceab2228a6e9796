"""The list of projects."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from projects.models import User
from projects.services.access import Caller


@login_required
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """The projects this person may read."""
    assert isinstance(request.user, User)
    return render(
        request, "projects/list.html", {"projects": list(Caller(request.user).projects())}
    )
