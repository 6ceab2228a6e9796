"""`POST /api/v1/comparison`: one completion is better than another, or they tie."""

from uuid import UUID, uuid4

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from interactions.api.requests import posted
from interactions.api.rest import payload as rest_payload
from interactions.models import Comparison
from interactions.services.group_commit import draft_soon
from interactions.services.judging.comparisons import compare_sides
from interactions.services.recording.drafts import Draft, check_uuid
from interactions.services.recording.idempotency import once
from projects.models import Project
from projects.services.access import GIVE_FEEDBACK, WRITE
from projects.services.authors import Author
from projects.services.cached_lookups import llm_of, metric_of

SIDES = ("preferred_completion", "other_completion")


async def create(request: DirectRequest) -> DirectResponse:
    """Store it, and as interactions the completions given as text, and answer 201.

    With an Idempotency-Key that was here already, 200 and the first.
    """
    asked = await posted(request)
    payload = asked.payload
    is_text = any(isinstance(payload.get(side), dict) for side in SIDES)
    project = await rest_payload.project(asked.caller, payload, WRITE if is_text else GIVE_FEEDBACK)
    metric = await metric_of(project, rest_payload.member(payload, "metric"))
    tied = payload.get("tied")
    if tied is not None and tied not in Comparison.Tied.values:
        raise Invalid("expected good, bad or nothing", field="tied")
    author = await rest_payload.author(payload, "user_id", asked.caller, project)
    preferred, other = [await _side(project, payload, side, author) for side in SIDES]

    def made() -> UUID:
        return compare_sides(
            project,
            preferred,
            other,
            metric=metric,
            tied=tied,
            by=author.user,
            said_by=author.said,
        ).id

    if (key := asked.idempotency_key) is None:
        return as_json(201, {"comparison_id": str(await in_database(made))})
    done = await in_database(
        once, project, made, by=asked.caller.user, kind="comparison", key=key, payload=payload
    )
    return as_json(201 if done.is_new else 200, {"comparison_id": str(done.id)})


async def _side(
    project: Project, payload: rest_payload.Payload, side: str, author: Author
) -> UUID | Draft:
    value = payload.get(side)
    if not isinstance(value, dict):
        try:
            return check_uuid(value, field=side)
        except Invalid as error:
            raise Invalid("expected a UUID or an object with text and model", field=side) from error
    if not isinstance(value.get("text"), str):
        raise Invalid("expected a string", field=f"{side}.text")
    if not isinstance(value.get("model"), str):
        raise Invalid("expected a string", field=f"{side}.model")
    return await draft_soon(
        messages=payload.get("messages"),
        completion=value["text"],
        llm=await llm_of(project, value["model"], field=f"{side}.model"),
        session_id=uuid4(),
        created_by=author.user,
        said_by=author.said,
    )
