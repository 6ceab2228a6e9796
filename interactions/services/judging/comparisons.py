"""Comparisons: feedback that one completion is better than another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.ids import to_millisecond, uuid7
from interactions.models import Comparison, Interaction
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import log_interactions
from projects.models import Metric, Project, User
from projects.services import audit
from projects.services.auditing import origin


@dataclass(frozen=True, slots=True, kw_only=True)
class NewComparison:
    """Two interactions of the project, and which is better; `tied` is None, "good" or "bad"."""

    metric: Metric
    preferred_id: UUID
    other_id: UUID
    tied: str | None = None
    created_at: datetime
    said_by: str = ""
    external_id: str | None = None


@transaction.atomic
def compare_sides(
    project: Project,
    preferred: UUID | Draft,
    other: UUID | Draft,
    *,
    metric: Metric,
    tied: str | None,
    by: User,
    said_by: str = "",
) -> Comparison:
    """Store one comparison; a side given as a draft is logged first. Raises as `compare` does."""
    sides = (preferred, other)
    logged = iter(log_interactions(project, [one for one in sides if isinstance(one, Draft)]))
    ids = [next(logged).id if isinstance(one, Draft) else one for one in sides]
    given = NewComparison(
        metric=metric,
        preferred_id=ids[0],
        other_id=ids[1],
        tied=tied,
        created_at=to_millisecond(datetime.now(UTC)),
        said_by=said_by,
    )
    (made,) = compare(project, [given], by=by)
    tell = partial(
        audit.note,
        project,
        actor=by,
        verb="comparison.given",
        subject=str(made.id),
        metric=metric.key,
        preferred=str(ids[0]),
        other=str(ids[1]),
        tied=tied,
        came_from=origin.current(),
    )
    transaction.on_commit(tell)
    return made


@transaction.atomic
def compare(
    project: Project, given: Sequence[NewComparison], *, by: User | None
) -> list[Comparison]:
    """Store a batch of comparisons, all or nothing, and return those that are new.

    One whose `external_id` the project has is left out. Raises NotFound when an interaction
    is not in the project, Invalid when one is compared with itself.
    """
    for one in given:
        if one.preferred_id == one.other_id:
            raise Invalid("expected another completion than the preferred one", field="other")
    wanted = {id for one in given for id in (one.preferred_id, one.other_id)}
    there = set(
        Interaction.objects.in_project(project).with_ids(wanted).values_list("id", flat=True)
    )
    if missing := wanted - there:
        raise NotFound(f"EntityNotFound: completion {min(missing)} not found")
    rows = [
        Comparison(
            id=uuid7(one.created_at),
            project=project,
            metric=one.metric,
            preferred_id=one.preferred_id,
            other_id=one.other_id,
            tied=one.tied,
            external_id=one.external_id,
            created_by=by,
            said_by=one.said_by or None,
            created_at=one.created_at,
        )
        for one in given
    ]
    Comparison.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    if all(one.external_id is None for one in given):
        return rows
    new = set(
        Comparison.objects.in_project(project)
        .filter(id__in=[row.id for row in rows])
        .values_list("id", flat=True)
    )
    return [row for row in rows if row.id in new]
