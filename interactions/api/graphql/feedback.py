"""Feedback and its keys through GraphQL, where they are called scores and metrics."""

from typing import Any
from uuid import UUID

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.api.graphql.present import ShownMetrics
from interactions.models import Interaction
from interactions.services.judging.feedback import record
from interactions.services.recording.drafts import FeedbackDraft, check_text, check_value
from projects.api.present import Shown
from projects.api.roots import Info, mutation, query
from projects.models import Metric
from projects.services import metrics as metrics_service
from projects.services.access import GIVE_FEEDBACK, MANAGE, permitted, project_for
from projects.services.authors import author_of


@query.field("metrics")
def metrics(_: None, info: Info) -> list[Shown]:
    """The metrics of all projects the caller reads."""
    caller = info.context
    return ShownMetrics(caller, metrics_service.visible(caller)).all()


@query.field("metric")
def metric(
    _: None,
    info: Info,
    *,
    metricIdOrKey: str | None = None,
    projectIdOrKey: str | None = None,
    idOrKey: str | None = None,
) -> Shown | None:
    """A metric of a project, or as clients before 0.13 ask, of any; null when there is none."""
    caller = info.context
    name = metricIdOrKey or idOrKey
    if not name:
        raise Invalid("expected the id or key of a metric")
    if projectIdOrKey is None:
        found = metrics_service.visible_named(caller, name)
    else:
        project = project_for(caller, projectIdOrKey)
        try:
            found = metrics_service.known(project, name, field="")
        except NotFound:
            found = None
    return None if found is None else ShownMetrics(caller, [found]).by_id(found.id)


@mutation.field("createMetric")
def create_metric(
    _: None, info: Info, *, input: dict[str, Any], project: str | None = None
) -> Shown | None:
    """Make a metric in a project, or without one, to be linked to projects later."""
    caller = info.context
    if input.get("unit"):
        raise Invalid("units are not supported", field="unit")
    given: dict[str, Any] = {
        "key": input.get("key") or input["name"],
        "kind": input["kind"],
        "scoring_type": input.get("scoringType") or Metric.Scoring.HIGHER_IS_BETTER,
        "name": input["name"],
        "description": input.get("description") or "",
    }
    if project is None:
        made = metrics_service.define(caller, **given)
    else:
        found = project_for(caller, project, MANAGE)
        made = metrics_service.create(found, by=caller.user, **given)
    return ShownMetrics(caller, [made]).by_id(made.id)


@mutation.field("addDirectScore")
@mutation.field("addDirectFeedback")
def add_score(
    _: None, info: Info, *, completionId: UUID, metricId: str, input: dict[str, Any]
) -> Shown:
    """Give feedback on an interaction, whose project follows from it."""
    caller = info.context
    missing = f"EntityNotFound: completion {completionId} not found"
    found = Interaction.project_of(completionId)
    project = permitted(caller, found, GIVE_FEEDBACK, missing=missing)
    metric = metrics_service.known(project, metricId, field="")
    author = author_of(caller, project, str(input.get("userId") or ""))
    given = FeedbackDraft(
        metric=metric,
        value=check_value(metric, input["value"], field="value"),
        reason=check_text(input.get("reason"), field="reason"),
        details=check_text(input.get("details"), field="details"),
        said_by=author.said,
    )
    made = record(project, completionId, given=given, by=author.user)
    return ShownMetrics(caller, [metric]).score(made)
