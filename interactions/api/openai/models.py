"""`GET /api/v1/models`: what may be asked, in the shape of OpenAI's client."""

from django.http import HttpResponse, JsonResponse

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.http.methods import by_method
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api.answers import AskableModel, ModelsAnswer
from interactions.api.openai import shapes
from interactions.api.rest.methods import CallerRequest, by_key
from projects.models import ProjectLlm
from projects.services import llms
from projects.services.access import project_for


@operation("Models", answers={"200": DescribedAnswer("The models.", json(ModelsAnswer))})
@by_key
def _list(request: CallerRequest) -> HttpResponse:
    """The models that may be asked."""
    links = ProjectLlm.objects.visible_to(request.caller).askable()
    found = [shapes.model(link.project, link.resolved) for link in links]
    answer: ModelsAnswer = {"object": "list", "data": found}
    return JsonResponse(answer)


@operation(
    "Models",
    answers={"200": DescribedAnswer("The model.", json(AskableModel))},
    refuses=(403, 404),
    places={"id": {"type": "string", "minLength": 1, "examples": ["demo/echo"]}},
)
@by_key
def _retrieve(request: CallerRequest, id: str) -> HttpResponse:
    """A model that may be asked, by `project/model`."""
    key, _, name = id.partition("/")
    project = project_for(request.caller, key)
    llm = llms.attached(project, name)
    if not llm.provider or not llm.is_online:
        raise NotFound("EntityNotFound: model not found or not attached")
    return JsonResponse(shapes.model(project, llm))


models = by_method(GET=_list)
model = by_method(GET=_retrieve)
