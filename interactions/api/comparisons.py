"""`POST /api/v1/comparison`: one completion is better than another, or they tie."""

from typing import Any
from uuid import UUID, uuid4

from adaptive_site.lib.errors import Invalid
from interactions.api import wire
from interactions.api.requests import ApiRequest, posted
from interactions.models import Comparison
from interactions.services.comparisons import compare_sides
from interactions.services.incoming import Draft, check_uuid, draft
from projects.models import Project, User
from projects.services.access import GIVE_FEEDBACK, WRITE
from projects.services.llms import attached
from projects.services.metrics import known

SIDES = ("preferred_completion", "other_completion")


@posted
def create(request: ApiRequest) -> tuple[int, dict[str, Any]]:
    """Store it, and as interactions the completions given as text, and answer 201."""
    payload = request.payload
    is_text = any(isinstance(payload.get(side), dict) for side in SIDES)
    project = wire.project(request.caller, payload, WRITE if is_text else GIVE_FEEDBACK)
    metric = known(project, wire.member(payload, "metric"))
    tied = payload.get("tied")
    if tied is not None and tied not in Comparison.Tied.values:
        raise Invalid("expected good, bad or nothing", field="tied")
    by = wire.acting_user(payload, "user_id", request.caller, project)
    preferred, other = (_side(project, payload, side, by) for side in SIDES)
    made = compare_sides(project, preferred, other, metric=metric, tied=tied, by=by)
    return 201, {"comparison_id": str(made.id)}


def _side(project: Project, payload: wire.Payload, side: str, by: User) -> UUID | Draft:
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
    return draft(
        messages=payload.get("messages"),
        completion=value["text"],
        llm=attached(project, value["model"], field=f"{side}.model"),
        session_id=uuid4(),
        created_by=by,
    )
