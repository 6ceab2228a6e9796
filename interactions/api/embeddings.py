"""`POST /api/v1/embeddings`: ask a model for embeddings; nothing is logged."""

from typing import Any

from adaptive_site.lib.errors import DomainError, Invalid
from adaptive_site.lib.hot import HotRequest, HotResponse, as_json
from interactions.api import asked as reading
from interactions.api.completions import refused
from interactions.providers import provider_of

_FORMATS = ("float", "base64")


async def embed(request: HotRequest) -> HotResponse:
    """Answer as the provider does."""
    try:
        asked = await reading.read(request)
        body = _body(asked.payload)
        project, llm = await reading.model(asked)
        made = await provider_of(llm).embed(llm, body)
    except DomainError as error:
        return refused(error, request)
    return as_json(200, {"object": "list", **made, "model": f"{project.key}/{llm.key}"})


def _body(payload: reading.Payload) -> dict[str, Any]:
    """What the provider gets."""
    given = payload.get("input")
    if not given or not isinstance(given, str | list):
        raise Invalid("expected a text, or a list of them", field="input")
    body: dict[str, Any] = {"input": given}
    if (format := payload.get("encoding_format")) is not None:
        # The SDK begins it with a capital letter.
        if not isinstance(format, str) or format.lower() not in _FORMATS:
            raise Invalid(f"expected one of {', '.join(_FORMATS)}", field="encoding_format")
        body["encoding_format"] = format.lower()
    if (dimensions := payload.get("dimensions")) is not None:
        if type(dimensions) is not int or dimensions < 1:
            raise Invalid("expected a whole number of 1 or more", field="dimensions")
        body["dimensions"] = dimensions
    return body
