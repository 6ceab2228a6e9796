"""A project in which nothing is logged yet: an API key to log with, and a check for the first."""

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from interactions.models import Interaction
from interactions.web.filtering.query_string import encoded
from interactions.web.listing.page import Listing
from projects.services import people
from projects.services.access import CREATE
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@never_cache
@in_project()
def first(request: ProjectRequest) -> HttpResponse:
    """Asked every other second: nothing (204) until something is logged, then the way to it."""
    if not Interaction.objects.in_project(request.project).exists():
        return HttpResponse(status=204)
    here = reverse("interactions", kwargs={"key": request.project.key})
    return HttpResponse(headers={"HX-Redirect": here})


@require_http_methods(["GET", "POST"])
@never_cache
@in_project(CREATE)
def make_key(request: ProjectRequest) -> HttpResponse:
    """The empty list again with a fresh key in its code; kept nowhere, so shown only now.

    The links of that page are relative; without scripts they come here and go on to the list.
    """
    if request.method == "GET":
        here = reverse("interactions", kwargs={"key": request.project.key})
        return HttpResponseRedirect(here + encoded(request.GET))
    secret = people.issue_key(request.caller.user, name=f"first of {request.project.key}")
    data = QueryDict("view=none")
    listing = Listing(request.caller, request.project, data, secret=secret).read()
    part = "#results" if request.htmx else ""
    response = project_page(request, f"interactions/list.html{part}", {"listing": listing})
    response["HX-Push-Url"] = "false"
    return response
