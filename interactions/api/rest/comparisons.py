"""`POST /api/v1/comparison`: one completion is better than another, or they tie."""

from typing import Any
from uuid import UUID, uuid4

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.openapi.members import Member
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api import request_body
from interactions.api.answers import ComparisonAnswer
from interactions.api.bodies import ComparisonBody
from interactions.api.request_body import IdempotencyHeaders, Payload
from interactions.services.judging.comparisons import compare_sides
from interactions.services.recording.drafts import Draft, check_uuid, draft_soon
from projects.services.access import CREATE, GIVE_FEEDBACK
from projects.services.cached_lookups import Named, resolve

SIDES = (ComparisonBody.preferred_completion, ComparisonBody.other_completion)


@operation(
    "Logging",
    body=json(ComparisonBody),
    headers=IdempotencyHeaders,
    answers={
        "201": DescribedAnswer("It is made.", json(ComparisonAnswer)),
        "200": DescribedAnswer("It was made before, under its key.", json(ComparisonAnswer)),
    },
    refuses=(403, 404, 422),
)
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
        value["model"]: f"{side.name}.model"
        for side, value in zip(SIDES, sides, strict=True)
        if isinstance(value, dict)
    }
    metric = ComparisonBody.metric.of(payload)
    tied = ComparisonBody.tied.of(payload)
    named = await resolve(
        body.caller,
        project,
        author=str(ComparisonBody.user_id.of(payload) or ""),
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
    answer: ComparisonAnswer = {"comparison_id": str(done.id)}
    return as_json(201 if done.is_new else 200, answer)


def _side(payload: Payload, side: Member[Any]) -> UUID | dict[str, Any]:
    """The id of a completion, or a completion with the `text` and `model` that make a new one."""
    value = side.of(payload)
    if not isinstance(value, dict):
        try:
            return check_uuid(value, field=side.name)
        except Invalid as error:
            said = "expected a UUID or an object with text and model"
            raise Invalid(said, field=side.name) from error
    for name in ("text", "model"):
        if not isinstance(value.get(name), str):
            raise Invalid("expected a string", field=f"{side.name}.{name}")
    return value


async def _drafted(payload: Payload, value: UUID | dict[str, Any], named: Named) -> UUID | Draft:
    if isinstance(value, UUID):
        return value
    return await draft_soon(
        messages=ComparisonBody.messages.of(payload),
        completion=value["text"],
        llm=named.llms[value["model"]],
        session_id=uuid4(),
        created_by=named.author.user,
        said_by=named.author.said,
    )
