"""`POST /api/v1/interactions`: log one interaction by hand."""

from typing import Any

from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.ids import uuid4
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api import request_body
from interactions.api.answers import LoggedAnswer
from interactions.api.bodies import LogBody
from interactions.api.request_body import IdempotencyHeaders, Payload, RequestBody
from interactions.services.group_commit import log_soon
from interactions.services.recording.drafts import (
    Draft,
    draft_soon,
)
from interactions.services.recording.idempotency import KeyedResult
from interactions.services.recording.log import Logged, log_interactions
from projects.models import Project
from projects.services.access import CREATE
from projects.services.cached_lookups import resolve

ANSWER_MEMBERS = ("completion_id", "session_id", "feedback_ids")


@operation(
    "Logging",
    body=json(LogBody),
    headers=IdempotencyHeaders,
    answers={
        "201": DescribedAnswer("It is logged.", json(LoggedAnswer)),
        "200": DescribedAnswer("It was logged before, under its name or key.", json(LoggedAnswer)),
    },
    refuses=(403, 404, 422),
)
async def create(request: DirectRequest) -> DirectResponse:
    """Log an interaction, and answer 201, or 200 where its external id or key was known."""
    body = await request_body.read(request)
    project, draft = await _draft(body)
    if body.idempotency_key is None:
        logged = await log_soon(project, draft)  # with what others log at the same time
        return as_json(201 if logged.is_new else 200, _answer(logged))

    def made() -> KeyedResult:
        (logged,) = log_interactions(project, [draft])
        return KeyedResult(logged.id, logged.is_new, {**_answer(logged)})

    done = await body.once(project, "interaction", made)
    # In the order that it had the first time, which `jsonb` does not keep.
    answer = {name: done.more[name] for name in ANSWER_MEMBERS}
    return as_json(201 if done.is_new else 200, answer)


def _answer(logged: Logged) -> LoggedAnswer:
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
    user = str(LogBody.user.of(payload) or "")
    items = LogBody.feedbacks.of(payload) or []
    llms = {}
    if (model := LogBody.model_service.of(payload)) is not None:
        llms[model] = "model_service"
    metrics: dict[str, str] = {}
    for n, one in enumerate(items):
        metrics.setdefault(one["metric"], f"feedbacks.{n}.metric")
    named = await resolve(body.caller, project, author=user, llms=llms, metrics=metrics)
    known: dict[str, Any] = {}
    if (at := LogBody.created_at.of(payload)) is not None:
        known["created_at"] = at
    # The SDK documents `user` as metadata, whoever it is.
    metadata: dict[str, Any] = {"user": user} if user else {}
    if body.nul_replaced:
        metadata["nul_replaced"] = True
    draft = await draft_soon(
        messages=_messages(payload),
        completion=LogBody.completion.of(payload),
        labels=LogBody.labels.of(payload),
        llm=next(iter(named.llms.values()), None),
        session_id=LogBody.session_id.of(payload) or uuid4(),
        feedback=[
            request_body.feedback(one, named.metrics[one["metric"]], prefix=f"feedbacks.{n}.")
            for n, one in enumerate(items)
        ],
        external_id=LogBody.external_id.of(payload),
        created_by=named.author.user,
        said_by=named.author.said,
        user_metadata=metadata or None,
        **known,
    )
    return project, draft


def _messages(payload: Payload) -> object:
    """`messages`, or the `prompt` string that older clients could send instead."""
    messages, prompt = LogBody.messages.of(payload), LogBody.prompt.of(payload)
    if messages is None and isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return messages
