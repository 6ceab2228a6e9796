"""Groups as a selection, for a dataset: the ticked ones, or all that the filter matches."""

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_POST

from interactions.services import selections
from interactions.web.bulk.selections import builder_of
from interactions.web.filtering.page_parameters import separate
from interactions.web.groups.compare import TickedGroups
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project, project_page


@require_POST
@in_project(EDIT_DATASETS)
def to_dataset(request: ProjectRequest) -> HttpResponse:
    """Select what a filter matches in the groups that the form names, or in all, for a dataset."""
    given = request.POST.copy()
    given.pop("csrfmiddlewaretoken", None)
    data, options = separate(given, TickedGroups.option_names)
    page = TickedGroups(request.caller, request.project, data, options=options)
    readers = {"by": lambda: page.grouping, "group": lambda: page.names}
    if not page.can_be_read(readers):
        context = {"page": page}
        return project_page(
            request, "interactions/groups_compared.html", context, tab="groups", status=400
        )
    names: Sequence[str | None] = page.names
    asked = QueryDict(page.group_links.link_to_all(names).partition("?")[2])
    made = selections.freeze(request.project, asked, by=request.caller.user)
    return HttpResponseRedirect(builder_of(made), status=303)
