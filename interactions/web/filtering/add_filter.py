"""The menu of conditions that may be added to a filter."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interactions.web.filtering.filtered_page import FilteredPage
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def add_filter(request: ProjectRequest) -> HttpResponse:
    """A form with the label keys and metrics of the project, for the page that `page` names."""
    page = FilteredPage.under_menu(request)
    return project_page(request, "interactions/add_filter.html", {"page": page})
