"""`POST /api/v1/comparison`: one completion is better than another, or they tie."""

from typing import Any
from uuid import UUID, uuid4

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from interactions.api import request_body
from interactions.api.request_body import Payload
from interactions.models import Comparison
from interactions.services.judging.comparisons import compare_sides
from interactions.services.recording.drafts import Draft, check_uuid, draft_soon
from projects.services.access import CREATE, GIVE_FEEDBACK
from projects.services.cached_lookups import Named, resolve

SIDES = ("preferred_completion", "other_completion")


async def create(request: DirectRequest) -> DirectResponse:
    """Compare two completions, and answer 201, or 200 where the Idempotency-Key was known.

    A completion that is given as text is logged as an interaction first.
    """
    body = await request_body.read(request)
    payload = body.payload
    sides = [_side(payload, side) for side in SIDES]
    is_text = any(isinstance(side, dict) for side in sides)
    project = await request_body.project(body, CREATE if is_text else GIVE_FEEDBACK)
    llms = {
        value["model"]: f"{side}.model"
        for side, value in zip(SIDES, sides, strict=True)
        if isinstance(value, dict)
    }
    metric = request_body.text(payload, "metric")
    tied = payload.get("tied")
    if tied is not None and tied not in Comparison.Tied.values:
        raise Invalid("expected good, bad or nothing", field="tied")
    named = await resolve(
        body.caller,
        project,
        author=request_body.author(payload, "user_id"),
        llms=llms,
        metrics={metric: "metric"},
    )
    preferred, other = [await _drafted(payload, value, named) for value in sides]

    def made() -> UUID:
        return compare_sides(
            project,
            preferred,
            other,
            metric=named.metrics[metric],
            tied=tied,
            by=named.author.user,
            said_by=named.author.said,
        ).id

    done = await body.once(project, "comparison", made)
    return as_json(201 if done.is_new else 200, {"comparison_id": str(done.id)})


def _side(payload: Payload, side: str) -> UUID | dict[str, Any]:
    """The id of a completion, or a completion with the `text` and `model` that make a new one."""
    value = payload.get(side)
    if not isinstance(value, dict):
        try:
            return check_uuid(value, field=side)
        except Invalid as error:
            raise Invalid("expected a UUID or an object with text and model", field=side) from error
    for name in ("text", "model"):
        if not isinstance(value.get(name), str):
            raise Invalid("expected a string", field=f"{side}.{name}")
    return value


async def _drafted(payload: Payload, value: UUID | dict[str, Any], named: Named) -> UUID | Draft:
    if isinstance(value, UUID):
        return value
    return await draft_soon(
        messages=payload.get("messages"),
        completion=value["text"],
        llm=named.llms[value["model"]],
        session_id=uuid4(),
        created_by=named.author.user,
        said_by=named.author.said,
    )
