"""Why an interaction is, or is not, among the rows of a filter."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.form import canonical
from interactions.services.browsing.explanations import Explanation, explain
from interactions.web.filtering.filtered_page import Look
from projects.web.requests import ProjectRequest, in_project, project_page

LIMIT_MS = 3_000


@require_GET
@in_project()
def why(request: ProjectRequest) -> HttpResponse:
    """Each condition of the filter, true or false of the interaction that `id` names."""
    data = canonical(request.GET)
    asked = data.pop("id", [""])[-1].strip()
    look = Look(request.caller, request.project, data)
    found, problem = _explained(look, asked) if look.checked() and asked else (None, "")
    context = {
        "look": look, "heading": "Why here", "asked": asked, "found": found, "problem": problem,
    }  # fmt: skip
    status = 404 if problem and found is None else 200
    return project_page(request, "interactions/why.html", context, status=status)


def _explained(look: Look, asked: str) -> tuple[Explanation | None, str]:
    try:
        id = UUID(asked)
    except ValueError:
        return None, "That is no id: expected a UUID, 32 digits of 0-9 and a-f."
    try:
        with time_limit(LIMIT_MS):
            found = explain(look.project, look.tree, id)
    except TookTooLong as error:
        return None, str(error)
    return found, "" if found else "There is no interaction with this id in this project."
