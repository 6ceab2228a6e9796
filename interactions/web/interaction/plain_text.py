"""A message or completion as plain text, letter for letter, whatever its length."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import Invalid, NotFound
from interactions.services.browsing import rows
from projects.web.requests import ProjectRequest, in_project


@require_GET
@in_project()
def text(request: ProjectRequest, id: UUID) -> HttpResponse:
    """The completion; with `message=3`, the text of the third message."""
    body = rows.bodies(request.project, [id]).get(id)
    if body is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    said, name = body.completion, str(id)
    if number := request.GET.get("message"):
        said, name = _text_of(_message(body.messages, number)), f"{id}-{number}"
    response = HttpResponse(said.encode(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _message(messages: list[dict[str, Any]], number: str) -> dict[str, Any]:
    is_one = number.isascii() and number.isdigit() and len(number) < 10
    if not is_one or not 0 < int(number) <= len(messages):
        raise Invalid(f"expected a number from 1 to {len(messages)}", field="message")
    return messages[int(number) - 1]


def _text_of(message: Mapping[str, Any]) -> str:
    """Its texts; of a message without any, its JSON."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [one["text"] for one in parts if isinstance(one, dict) and one.get("type") == "text"]
    return "\n\n".join(texts) if texts else exact_json.dumps(message).decode()
