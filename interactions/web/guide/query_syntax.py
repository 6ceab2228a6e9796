"""The page that explains what can be written in the query bar."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from interactions.filters.query.syntax import SYNTAX
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@in_project()
def query_syntax(request: ProjectRequest) -> HttpResponse:
    """Every field with examples, each a link to the interactions that the example finds."""
    return project_page(request, "interactions/query_syntax.html", {"sections": SYNTAX})
