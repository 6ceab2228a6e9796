"""`POST /api/v1/feedback`: feedback on an interaction, whose project follows from it."""

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from interactions.api import request_body
from interactions.models import Interaction
from interactions.services.group_commit import record_soon
from interactions.services.judging.feedback import record
from interactions.services.recording.drafts import check_uuid
from projects.services.access import GIVE_FEEDBACK, permitted
from projects.services.cached_lookups import resolve


async def create(request: DirectRequest) -> DirectResponse:
    """Give feedback, and answer 201, or 200 and the first one's id where the key was known."""
    body = await request_body.read(request)
    payload, caller = body.payload, body.caller
    id = check_uuid(payload.get("completion_id"), field="completion_id")
    found = await in_database(Interaction.project_of, id)
    missing = f"EntityNotFound: completion {id} not found"
    project = permitted(caller, found, GIVE_FEEDBACK, missing=missing)
    metric, author = request_body.text(payload, "metric"), request_body.author(payload, "user_id")
    named = await resolve(caller, project, author=author, metrics={metric: "metric"})
    given, by = request_body.feedback(payload, named.metrics[metric]), named.author.user
    given.said_by = named.author.said
    if body.idempotency_key is None:
        made = await record_soon(project, id, given=given, by=by)  # with what others give
        return as_json(201, {"feedback_id": str(made.id)})
    done = await body.once(project, "feedback", lambda: record(project, id, given=given, by=by).id)
    return as_json(201 if done.is_new else 200, {"feedback_id": str(done.id)})
