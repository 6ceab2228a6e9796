"""`POST /api/v1/embeddings`: ask a model for embeddings; nothing is logged."""

from typing import Any

from adaptive_site.lib.errors import DomainError, Invalid
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api import request_body
from interactions.api.answers import REFUSED_TO_OPENAI, EmbeddingsAnswer
from interactions.api.bodies import EmbeddingsBody
from interactions.api.openai.errors import MODEL_REFUSES, refused
from interactions.providers import HOPS_HEADER, came_through, provider_of
from projects.services.registered_llms import uses

# Not the provider's: who asks, and what the SDK's request type has beside it.
_NOT_FOR_EMBEDDINGS = ("model", "user", "session_id")


@operation(
    "Asking models",
    body=json(EmbeddingsBody),
    answers={"200": DescribedAnswer("The embeddings.", json(EmbeddingsAnswer))},
    refuses=MODEL_REFUSES,
    refusals=REFUSED_TO_OPENAI,
)
async def embed(request: DirectRequest) -> DirectResponse:
    """Answer with the embeddings that the model's provider makes."""
    try:
        asked = await request_body.read(request, is_lenient=True)
        came_through(request.headers.get(HOPS_HEADER.lower(), ""))
        body = _body(asked.payload)
        project, llm = await request_body.model(asked)
        with request_body.UNFINISHED.one(asked.caller.user.pk):
            async with uses.counted(llm):
                made = await provider_of(llm).embed(llm, body)
    except DomainError as error:
        return refused(error, request)
    return as_json(200, {"object": "list", **made, "model": f"{project.key}/{llm.key}"})


def _body(payload: request_body.Payload) -> dict[str, Any]:
    """What the provider gets: the body as it came, without the members that are for us."""
    if not EmbeddingsBody.input.of(payload):
        raise Invalid("expected a text, or a list of them", field="input")
    body = {name: value for name, value in payload.items() if name not in _NOT_FOR_EMBEDDINGS}
    if isinstance(given := body.get("encoding_format"), str):
        body["encoding_format"] = given.lower()  # the SDK begins it with a capital letter
    return body
