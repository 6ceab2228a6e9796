"""`POST /api/v1/interactions`: log one interaction by hand."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from adaptive_site.lib.errors import Invalid
from interactions.api import wire
from interactions.api.requests import ApiRequest, posted
from interactions.services.incoming import MAX_EXTERNAL_ID, Draft, check_text, check_time, draft
from interactions.services.log import log_interactions
from projects.models import Project
from projects.services.access import WRITE
from projects.services.llms import attached


@posted
def create(request: ApiRequest) -> tuple[int, dict[str, Any]]:
    """Store it and answer 201; with an external id that is there already, 200 and the first."""
    project = wire.project(request.caller, request.payload, WRITE)
    (logged,) = log_interactions(project, [_draft(request, project)])
    return 201 if logged.is_new else 200, {
        "completion_id": str(logged.id),
        # An imported interaction may have no session; the client wants a UUID, always the same.
        "session_id": str(logged.session_id or logged.id),
        "feedback_ids": [str(id) for id in logged.feedback_ids],
    }


def _draft(request: ApiRequest, project: Project) -> Draft:
    payload = request.payload
    author, end_user = wire.user(payload, "user", project)
    known: dict[str, Any] = {}
    if (at := payload.get("created_at")) is not None:
        known["created_at"] = check_time(at, field="created_at")
    if payload.get("model_service") is not None:
        name = wire.member(payload, "model_service")
        known["llm"] = attached(project, name, field="model_service")
    metadata: dict[str, Any] = {}
    if end_user is not None:  # the SDK documents it as metadata, whoever it is
        metadata["user"] = str(end_user)
    if request.nul_replaced:
        metadata["nul_replaced"] = True
    return draft(
        messages=_messages(payload),
        completion=payload.get("completion"),
        labels=payload.get("labels"),
        session_id=wire.optional_uuid(payload, "session_id") or uuid4(),
        feedback=wire.feedbacks(project, payload),
        external_id=_external_id(request, payload),
        created_by=author or request.caller.user,
        user_metadata=metadata or None,
        **known,
    )


def _messages(payload: wire.Payload) -> object:
    """`messages`, or the `prompt` string that older clients could send instead."""
    prompt = payload.get("prompt")
    if payload.get("messages") is None and isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return payload.get("messages")


def _external_id(request: HttpRequest, payload: wire.Payload) -> str | None:
    if (header := request.headers.get("Idempotency-Key")) is not None:
        return check_text(header, field="Idempotency-Key", longest=MAX_EXTERNAL_ID) or None
    if (given := payload.get("external_id")) is None:
        return None
    if given == "":
        raise Invalid("expected a non-empty string", field="external_id")
    return check_text(given, field="external_id", longest=MAX_EXTERNAL_ID)
