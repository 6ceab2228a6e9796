"""What a page had fetched ahead is shown now: that is when it counts as read."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import Invalid
from interactions.models import Interaction
from projects.services.auditing import reads
from projects.web.requests import ProjectRequest, in_project

MOST_SEEN = 10  # interactions that stand side by side


@require_POST
@in_project()
def seen(request: ProjectRequest) -> HttpResponse:
    """Note that the interactions of `ids` are shown on `page`."""
    try:
        wanted = [UUID(one) for one in request.POST.getlist("ids")]
    except ValueError as error:
        raise Invalid("expected ids of interactions", field="ids") from error
    if not 0 < len(wanted) <= MOST_SEEN:
        raise Invalid(f"expected 1 to {MOST_SEEN} ids", field="ids")
    mine = Interaction.objects.in_project(request.project).with_ids(wanted)
    there = set(mine.values_list("id", flat=True))
    page = request.POST.get("page", "")[:40]
    if found := [id for id in wanted if id in there]:
        reads.read(request.project, found, actor=request.caller.user, page=page)
    return HttpResponse(status=204)
