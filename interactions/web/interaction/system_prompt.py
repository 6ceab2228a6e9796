"""How many others were given the same system prompt, counted after the page is there."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong
from adaptive_site.lib.errors import NotFound
from interactions.filters.notation import spell_words
from interactions.services.browsing import rows, system_prompts
from interactions.web.filtering.query_string import encoded
from projects.models import Project
from projects.web.requests import ProjectRequest, in_project, project_page

CHARACTERS_SEARCHED = 300  # characters of it that the list is searched for


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def system(request: ProjectRequest, id: UUID) -> HttpResponse:
    """`same as 721 others`, and the list of them."""
    body = rows.bodies(request.project, [id], is_shown=False).get(id)
    if body is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    text = system_prompts.system_prompt(body)
    found, is_late = None, False
    try:
        found = system_prompts.others(request.project, text) if text.strip() else None
    except TookTooLong:
        is_late = True
    context = {
        "id": id,
        "found": found,
        "is_late": is_late,
        "seconds": system_prompts.SAME_PROMPT_LIMIT_MS / 1000,
        "link": _link(request.project, text),
        "is_cut": len(text) > CHARACTERS_SEARCHED,
    }
    return project_page(request, "interactions/system.html", context)


def _link(project: Project, text: str) -> str:
    """The list of all prompts that hold its beginning."""
    asked = QueryDict(mutable=True)
    asked["system_text"] = spell_words([text[:CHARACTERS_SEARCHED].strip()])
    return reverse("interactions", kwargs={"key": project.key}) + encoded(asked)
