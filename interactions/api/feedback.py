"""`POST /api/v1/feedback`: feedback on an interaction, whose project follows from it."""

from typing import Any

from adaptive_site.lib.errors import NotFound
from interactions.api import wire
from interactions.api.requests import ApiRequest, posted
from interactions.models import Interaction
from interactions.services.feedback import record
from interactions.services.incoming import check_uuid
from projects.services.access import GIVE_FEEDBACK, READ, project_for
from projects.services.metrics import known


@posted
def create(request: ApiRequest) -> tuple[int, dict[str, Any]]:
    """Store it and answer 201."""
    payload = request.payload
    id = check_uuid(payload.get("completion_id"), field="completion_id")
    project = Interaction.project_of(id)
    if project is None or not request.caller.may(READ, project):
        raise NotFound(f"EntityNotFound: completion {id} not found")
    project = project_for(request.caller, project.key, GIVE_FEEDBACK)
    given = wire.feedback(payload, known(project, wire.member(payload, "metric")))
    by = wire.acting_user(payload, "user_id", request.caller, project)
    return 201, {"feedback_id": str(record(project, id, given=given, by=by).id)}
