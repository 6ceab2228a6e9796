"""One's own account, and pages that outlived it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before the last login or logout was sent: say so, and what helps."""
    return render(request, "registration/too_old.html", status=403)
