"""What the SDK sends, read member by member; the contract is in `docs/api.md`."""

from typing import Any
from uuid import UUID

from adaptive_site.lib.errors import Invalid
from interactions.services.recording.drafts import (
    MAX_FEEDBACK,
    GivenFeedback,
    check_text,
    check_time,
    check_uuid,
    check_value,
)
from projects.models import Metric, Project
from projects.services.access import Caller
from projects.services.authors import Author
from projects.services.cached_lookups import author_of, metric_of, project_of

Payload = dict[str, Any]


def member(payload: Payload, name: str) -> str:
    """A member that must be a non-empty string."""
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid("expected a non-empty string", field=name)
    return value


async def project(caller: Caller, payload: Payload, permission: str) -> Project:
    """The project named by `project`, or by `use_case` as clients before 0.13 say."""
    name = "use_case" if payload.get("project") is None and "use_case" in payload else "project"
    return await project_of(caller, member(payload, name), permission)


def optional_uuid(payload: Payload, name: str) -> UUID | None:
    """A member that may be absent or null, else must be a UUID."""
    value = payload.get(name)
    return None if value is None else check_uuid(value, field=name)


async def author(payload: Payload, name: str, caller: Caller, project: Project) -> Author:
    """Whose word it is: the caller's, or of the user whom a member names by UUID."""
    uuid = optional_uuid(payload, name)
    return await author_of(caller, project, "" if uuid is None else str(uuid))


def feedback(payload: Payload, metric: Metric, *, prefix: str = "") -> GivenFeedback:
    """`value` with `details`, `reason` and `created_at`, under `metric`."""
    if "value" not in payload:
        raise Invalid("expected a value", field=f"{prefix}value")
    at = payload.get("created_at")
    return GivenFeedback(
        metric=metric,
        value=check_value(metric, payload["value"], field=f"{prefix}value"),
        details=check_text(payload.get("details"), field=f"{prefix}details"),
        reason=check_text(payload.get("reason"), field=f"{prefix}reason"),
        created_at=None if at is None else check_time(at, field=f"{prefix}created_at"),
    )


async def feedbacks(project: Project, payload: Payload) -> list[GivenFeedback]:
    """The list `feedbacks`, each with its metric."""
    given = payload.get("feedbacks")
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MAX_FEEDBACK:
        raise Invalid(f"expected a list of at most {MAX_FEEDBACK}", field="feedbacks")
    metrics: dict[str, Metric] = {}
    made = []
    for n, one in enumerate(given):
        at = f"feedbacks.{n}"
        if not isinstance(one, dict):
            raise Invalid("expected an object with metric and value", field=at)
        key = one.get("metric")
        if not isinstance(key, str) or not key:
            raise Invalid("expected a non-empty string", field=f"{at}.metric")
        if key not in metrics:
            metrics[key] = await metric_of(project, key, field=f"{at}.metric")
        made.append(feedback(one, metrics[key], prefix=f"{at}."))
    return made
