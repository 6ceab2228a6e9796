"""Why an interaction is, or is not, among the rows of a filter."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.controls import canonical
from interactions.services.browsing.explanations import Explanation, explain
from interactions.web.filtering.filtered_page import FilteredPage
from projects.web.requests import ProjectRequest, in_project, project_page

EXPLANATION_LIMIT_MS = 3_000


@dataclass
class WhyPage(FilteredPage):
    """The filter explained of the interaction with the id `typed`; `problem` says why it is not."""

    heading = "Why in these rows"

    typed: str = ""
    explained: Explanation | None = None
    problem: str = ""

    def read(self) -> "WhyPage":
        """Check each condition of the filter, or say what is wrong."""
        if not self.checked() or not self.typed:
            return self
        try:
            id = UUID(self.typed)
        except ValueError:
            self.problem = "This is not an id: expected a UUID, 32 digits of 0-9 and a-f."
            return self
        try:
            with time_limit(EXPLANATION_LIMIT_MS):
                self.explained = explain(self.project, self.tree, id)
        except TookTooLong as error:
            self.problem = str(error)
        else:
            if self.explained is None:
                self.problem = "There is no interaction with this id in this project."
        return self


@require_GET
@in_project()
def why(request: ProjectRequest) -> HttpResponse:
    """Each condition of the filter, true or false of the interaction that `id` names."""
    data = canonical(request.GET)
    typed = data.pop("id", [""])[-1].strip()
    page = WhyPage(request.caller, request.project, data, typed=typed).read()
    status = 404 if page.problem else 200
    return project_page(request, "interactions/why.html", {"page": page}, status=status)
