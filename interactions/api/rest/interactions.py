"""`POST /api/v1/interactions`: log one interaction by hand."""

from typing import Any

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.ids import uuid4
from interactions.api.requests import Posted, posted
from interactions.api.rest import payload as rest_payload
from interactions.services.group_commit import draft_soon, log_soon
from interactions.services.recording.drafts import (
    MAX_EXTERNAL_ID,
    Draft,
    check_text,
    check_time,
)
from interactions.services.recording.idempotency import KeyedResult, once
from interactions.services.recording.log import Logged, log_interactions
from projects.models import Project
from projects.services.access import WRITE
from projects.services.cached_lookups import llm_of

ANSWER = ("completion_id", "session_id", "feedback_ids")


async def create(request: DirectRequest) -> DirectResponse:
    """Store it and answer 201; 200 and the first for an external id, or a key, that was here."""
    asked = await posted(request)
    project = await rest_payload.project(asked.caller, asked.payload, WRITE)
    drafted = await _draft(asked, project)
    if (key := asked.idempotency_key) is None:
        logged = await log_soon(project, drafted)  # with what others log at the same time
        return as_json(201 if logged.is_new else 200, _answer(logged))

    def made() -> KeyedResult:
        (logged,) = log_interactions(project, [drafted])
        return KeyedResult(logged.id, logged.is_new, _answer(logged))

    done = await in_database(
        once,
        project,
        made,
        by=asked.caller.user,
        kind="interaction",
        key=key,
        payload=asked.payload,
    )
    # In the order that it had the first time, which `jsonb` does not keep.
    answer = {name: done.more[name] for name in ANSWER}
    return as_json(201 if done.is_new else 200, answer)


def _answer(logged: Logged) -> dict[str, Any]:
    return {
        "completion_id": str(logged.id),
        # An imported interaction may have no session; the client wants a UUID, always the same.
        "session_id": str(logged.session_id or logged.id),
        "feedback_ids": [str(id) for id in logged.feedback_ids],
    }


async def _draft(asked: Posted, project: Project) -> Draft:
    payload = asked.payload
    author = await rest_payload.author(payload, "user", asked.caller, project)
    known: dict[str, Any] = {}
    if (at := payload.get("created_at")) is not None:
        known["created_at"] = check_time(at, field="created_at")
    if payload.get("model_service") is not None:
        name = rest_payload.member(payload, "model_service")
        known["llm"] = await llm_of(project, name, field="model_service")
    metadata: dict[str, Any] = {}
    if (end_user := rest_payload.optional_uuid(payload, "user")) is not None:
        metadata["user"] = str(end_user)  # the SDK documents it as metadata, whoever it is
    if asked.nul_replaced:
        metadata["nul_replaced"] = True
    return await draft_soon(
        messages=_messages(payload),
        completion=payload.get("completion"),
        labels=payload.get("labels"),
        session_id=rest_payload.optional_uuid(payload, "session_id") or uuid4(),
        feedback=await rest_payload.feedbacks(project, payload),
        external_id=_external_id(payload),
        created_by=author.user,
        said_by=author.said,
        user_metadata=metadata or None,
        **known,
    )


def _messages(payload: rest_payload.Payload) -> object:
    """`messages`, or the `prompt` string that older clients could send instead."""
    prompt = payload.get("prompt")
    if payload.get("messages") is None and isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return payload.get("messages")


def _external_id(payload: rest_payload.Payload) -> str | None:
    given = payload.get("external_id")
    if given is None:
        return None
    if given == "":
        raise Invalid("expected a non-empty string", field="external_id")
    return check_text(given, field="external_id", longest=MAX_EXTERNAL_ID)
