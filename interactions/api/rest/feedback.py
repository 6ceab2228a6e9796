"""`POST /api/v1/feedback`: feedback on an interaction, whose project follows from it."""

from uuid import UUID

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api import request_body
from interactions.api.answers import FeedbackAnswer
from interactions.api.bodies import FeedbackBody
from interactions.api.request_body import IdempotencyHeaders
from interactions.models import Interaction
from interactions.services.group_commit import record_soon
from interactions.services.judging.feedback import record
from projects.services.access import GIVE_FEEDBACK, permitted
from projects.services.cached_lookups import resolve


@operation(
    "Logging",
    body=json(FeedbackBody),
    headers=IdempotencyHeaders,
    answers={
        "201": DescribedAnswer("It is given.", json(FeedbackAnswer)),
        "200": DescribedAnswer("It was given before, under its key.", json(FeedbackAnswer)),
    },
    refuses=(403, 404, 422),
)
async def create(request: DirectRequest) -> DirectResponse:
    """Give feedback, and answer 201, or 200 and the first one's id where the key was known."""
    body = await request_body.read(request)
    payload, caller = body.payload, body.caller
    id = FeedbackBody.completion_id.of(payload)
    found = await in_database(Interaction.project_of, id)
    missing = f"EntityNotFound: completion {id} not found"
    project = permitted(caller, found, GIVE_FEEDBACK, missing=missing)
    metric = FeedbackBody.metric.of(payload)
    author = str(FeedbackBody.user_id.of(payload) or "")
    named = await resolve(caller, project, author=author, metrics={metric: "metric"})
    given, by = request_body.feedback(payload, named.metrics[metric]), named.author.user
    given.said_by = named.author.said
    if body.idempotency_key is None:
        made = await record_soon(project, id, given=given, by=by)  # with what others give
        return _given(201, made.id)
    done = await body.once(project, "feedback", lambda: record(project, id, given=given, by=by).id)
    return _given(201 if done.is_new else 200, done.id)


def _given(status: int, id: UUID) -> DirectResponse:
    answer: FeedbackAnswer = {"feedback_id": str(id)}
    return as_json(status, answer)
