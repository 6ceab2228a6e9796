"""The menus of the toolbar, which are read when somebody opens them."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interactions.filters.address.controls import canonical
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.listing.page import Listing
from interactions.web.listing.starter_views import starter_views
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def view_menu(request: ProjectRequest) -> HttpResponse:
    """The views to choose from, and the form that saves what the address shows as another."""
    listing = Listing(request.caller, request.project, canonical(request.GET))
    context = {"listing": listing, "starters": starter_views(request.project)}
    return project_page(request, "interactions/view_menu.html", context)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def column_menu(request: ProjectRequest) -> HttpResponse:
    """The columns shown, in their order, and those that may be added."""
    listing = Listing(request.caller, request.project, canonical(request.GET))
    return project_page(request, "interactions/column_menu.html", {"listing": listing})


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def add_filter(request: ProjectRequest) -> HttpResponse:
    """A form with the label keys and metrics of the project, for the page that `page` names."""
    page = FilteredPage.part_of(request)
    return project_page(request, "interactions/add_filter.html", {"page": page})
