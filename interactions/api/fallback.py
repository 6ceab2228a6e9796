"""Addresses under /api/ that are not there."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from adaptive_site.lib.errors import NotFound, told
from interactions.api.openai.errors import fault

_RESPONSES = (
    "this server has no responses, only chat completions; in Vercel's AI SDK that is "
    "openai.chat(model), in LangChain useResponsesApi: false"
)

# Addresses of ours alone, where no client of OpenAI's looks for its own form of an error.
_OURS = ("v1/images/", "v1/datasets/", "v1/selections/", "v1/upload/")


@csrf_exempt
def not_found(request: HttpRequest, rest: str) -> HttpResponse:
    """404 in JSON; whoever wants OpenAI's newer protocol is told what to write instead."""
    said = _RESPONSES if rest.strip("/") == "v1/responses" else f"there is no /api/{rest} here"
    error = NotFound(said)
    body = told(error) if rest.startswith(_OURS) else fault(error, request.headers)
    return JsonResponse(body, status=error.status)
