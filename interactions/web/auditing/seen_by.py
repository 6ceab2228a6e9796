"""Who has read an interaction, for those who may read the audit log."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import NotFound
from interactions.models import Interaction
from interactions.web.filtering.query_string import encoded
from projects.services.access import AUDIT
from projects.services.auditing import listing
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@vary_on_headers("HX-Request")
@in_project(AUDIT)
def seen_by(request: ProjectRequest, id: UUID) -> HttpResponse:
    """`Ana, 3 times, last today`, a line for each."""
    project = request.project
    if not Interaction.objects.in_project(project).filter(id=id).exists():
        raise NotFound(f"EntityNotFound: completion {id} not found")
    asked = QueryDict(mutable=True)
    asked["subject"] = str(id)
    context = {
        "id": id,
        "readers": listing.seen_by(project, id),
        "log": reverse("audit", kwargs={"key": project.key}) + encoded(asked),
    }
    return project_page(request, "auditing/seen_by.html", context)
