"""`POST /api/v1/interactions`: log one interaction by hand."""

from typing import Any

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.ids import uuid4
from interactions.api import request_body
from interactions.api.request_body import Payload, RequestBody
from interactions.services.group_commit import log_soon
from interactions.services.recording.drafts import (
    MAX_EXTERNAL_ID,
    Draft,
    check_text,
    check_time,
    draft_soon,
)
from interactions.services.recording.idempotency import KeyedResult
from interactions.services.recording.log import Logged, log_interactions
from projects.models import Project
from projects.services.access import CREATE
from projects.services.cached_lookups import resolve

ANSWER_MEMBERS = ("completion_id", "session_id", "feedback_ids")


async def create(request: DirectRequest) -> DirectResponse:
    """Log an interaction, and answer 201, or 200 where its external id or key was known."""
    body = await request_body.read(request)
    project, draft = await _draft(body)
    if body.idempotency_key is None:
        logged = await log_soon(project, draft)  # with what others log at the same time
        return as_json(201 if logged.is_new else 200, _answer(logged))

    def made() -> KeyedResult:
        (logged,) = log_interactions(project, [draft])
        return KeyedResult(logged.id, logged.is_new, _answer(logged))

    done = await body.once(project, "interaction", made)
    # In the order that it had the first time, which `jsonb` does not keep.
    answer = {name: done.more[name] for name in ANSWER_MEMBERS}
    return as_json(201 if done.is_new else 200, answer)


def _answer(logged: Logged) -> dict[str, Any]:
    return {
        "completion_id": str(logged.id),
        # An imported interaction may have no session; the client wants a UUID, always the same.
        "session_id": str(logged.session_id or logged.id),
        "feedback_ids": [str(id) for id in logged.feedback_ids],
    }


async def _draft(body: RequestBody) -> tuple[Project, Draft]:
    """The project and the interaction, checked whole."""
    payload = body.payload
    project = await request_body.project(body, CREATE)
    user = request_body.author(payload, "user")
    items = request_body.feedbacks(payload)
    llms = {}
    if payload.get("model_service") is not None:
        llms[request_body.text(payload, "model_service")] = "model_service"
    metrics: dict[str, str] = {}
    for n, one in enumerate(items):
        metrics.setdefault(one["metric"], f"feedbacks.{n}.metric")
    named = await resolve(body.caller, project, author=user, llms=llms, metrics=metrics)
    known: dict[str, Any] = {}
    if (at := payload.get("created_at")) is not None:
        known["created_at"] = check_time(at, field="created_at")
    # The SDK documents `user` as metadata, whoever it is.
    metadata: dict[str, Any] = {"user": user} if user else {}
    if body.nul_replaced:
        metadata["nul_replaced"] = True
    draft = await draft_soon(
        messages=_messages(payload),
        completion=payload.get("completion"),
        labels=payload.get("labels"),
        llm=next(iter(named.llms.values()), None),
        session_id=request_body.optional_uuid(payload, "session_id") or uuid4(),
        feedback=[
            request_body.feedback(one, named.metrics[one["metric"]], prefix=f"feedbacks.{n}.")
            for n, one in enumerate(items)
        ],
        external_id=_external_id(payload),
        created_by=named.author.user,
        said_by=named.author.said,
        user_metadata=metadata or None,
        **known,
    )
    return project, draft


def _messages(payload: Payload) -> object:
    """`messages`, or the `prompt` string that older clients could send instead."""
    prompt = payload.get("prompt")
    if payload.get("messages") is None and isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return payload.get("messages")


def _external_id(payload: Payload) -> str | None:
    given = payload.get("external_id")
    if given is None:
        return None
    if given == "":
        raise Invalid("expected a non-empty string", field="external_id")
    return check_text(given, field="external_id", longest=MAX_EXTERNAL_ID)
