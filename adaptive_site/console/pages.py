"""The pages of the console that are the whole site's."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from adaptive_site.console.status import SiteStatus
from projects.web.people.administration import AdminRequest, for_administrators


@require_safe
@for_administrators
def status(request: AdminRequest) -> HttpResponse:
    """How the site stands: what is wrong first."""
    context = {"page": SiteStatus(request.caller), "tab": "status"}
    return render(request, "console/status.html", context)
