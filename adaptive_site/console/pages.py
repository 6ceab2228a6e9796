"""The pages of the console that are the whole site's."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from adaptive_site.console.access import ConsoleRequest, for_administrators
from adaptive_site.console.status import SiteStatus


@require_safe
@for_administrators
def status(request: ConsoleRequest) -> HttpResponse:
    """How the site stands: what is wrong first."""
    return render(request, "console/status.html", {"page": SiteStatus(), "tab": "status"})
