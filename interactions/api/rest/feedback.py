"""`POST /api/v1/feedback`: feedback on an interaction, whose project follows from it."""

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.http.direct import HotRequest, HotResponse, as_json
from interactions.api.requests import posted
from interactions.api.rest import payload
from interactions.models import Interaction
from interactions.services.group_commit import record_soon
from interactions.services.judging.feedback import record
from interactions.services.recording.drafts import check_uuid
from interactions.services.recording.idempotency import once
from projects.services.access import GIVE_FEEDBACK, permitted
from projects.services.cached_lookups import metric_of


async def create(request: HotRequest) -> HotResponse:
    """Store it and answer 201; with an Idempotency-Key that was here already, 200 and the first."""
    asked = await posted(request)
    id = check_uuid(asked.payload.get("completion_id"), field="completion_id")
    found = await in_database(Interaction.project_of, id)
    missing = f"EntityNotFound: completion {id} not found"
    project = permitted(asked.caller, found, GIVE_FEEDBACK, missing=missing)
    metric = await metric_of(project, payload.member(asked.payload, "metric"))
    given = payload.feedback(asked.payload, metric)
    author = await payload.author(asked.payload, "user_id", asked.caller, project)
    given.said_by = author.said
    if (key := asked.idempotency_key) is None:
        made = await record_soon(project, id, given=given, by=author.user)
        return as_json(201, {"feedback_id": str(made.id)})
    done = await in_database(
        once,
        project,
        lambda: record(project, id, given=given, by=author.user).id,
        by=asked.caller.user,
        kind="feedback",
        key=key,
        payload=asked.payload,
    )
    return as_json(201 if done.is_new else 200, {"feedback_id": str(done.id)})
