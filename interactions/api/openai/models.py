"""`GET /api/v1/models`: what may be asked, in the shape of OpenAI's client."""

from django.http import HttpResponse, JsonResponse

from adaptive_site.lib.errors import NotFound
from interactions.api.openai import shapes
from interactions.api.rest.methods import CallerRequest, by_key, by_method
from projects.models import ProjectLlm
from projects.services import llms
from projects.services.access import project_for


@by_key
def _list(request: CallerRequest) -> HttpResponse:
    links = ProjectLlm.objects.visible_to(request.caller).askable()
    found = [shapes.model(link.project, link.resolved) for link in links]
    return JsonResponse({"object": "list", "data": found})


@by_key
def _retrieve(request: CallerRequest, id: str) -> HttpResponse:
    key, _, name = id.partition("/")
    project = project_for(request.caller, key)
    llm = llms.attached(project, name)
    if not llm.provider or not llm.is_online:
        raise NotFound("EntityNotFound: model not found or not attached")
    return JsonResponse(shapes.model(project, llm))


models = by_method(GET=_list)
model = by_method(GET=_retrieve)
