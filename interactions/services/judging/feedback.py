"""Giving feedback on stored interactions, and withdrawing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.errors import Forbidden, NotFound
from adaptive_site.lib.ids import to_millisecond, uuid7
from interactions.models import Feedback, Interaction, UndoEntry
from interactions.services.recording.drafts import FeedbackDraft
from interactions.services.recording.masking import Masking
from interactions.services.rollups import deltas
from interactions.services.rollups.deltas import CountedFeedback
from projects.models import Project, User
from projects.services import audit
from projects.services.auditing import origin
from projects.services.auditing.origin import Origin


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """Feedback to be stored, with the interaction of `project` that gets it and its author."""

    project: Project
    interaction_id: UUID
    given: FeedbackDraft
    by: User
    source: str = Feedback.Source.USER
    origin: Origin = field(default_factory=origin.current)


@transaction.atomic
def give_own(
    project: Project, interaction_id: UUID, *, given: FeedbackDraft, by: User, is_toggle: bool
) -> Feedback | None:
    """Give feedback on the site: a new value replaces the person's last one under the metric.

    With `is_toggle` the same value again withdraws the last one, and None is returned. Values
    sent through the API, even with the same person's key, stay. Raises NotFound.
    """
    lock(project, interaction_id)
    mine = list(
        Feedback.objects.in_project(project)
        .filter(interaction_id=interaction_id, metric=given.metric, created_by=by)
        .filter(source=Feedback.Source.REVIEW)
    )
    for one in mine:
        withdraw(project, one.id, by=by, any_author=False)
    made = None
    if not (is_toggle and any(one.value == given.value for one in mine)):
        made = record(project, interaction_id, given=given, by=by, source=Feedback.Source.REVIEW)
    _keep(project, interaction_id, given=made, gone=mine, by=by)
    return made


def lock(project: Project, interaction_id: UUID) -> None:
    """Lock an interaction until the transaction ends. Raises NotFound when it is not there.

    Whoever locks its feedback, too, does that afterwards: the other way round two may wait for
    each other.
    """
    one_at_a_time = Interaction.objects.in_project(project).select_for_update()
    if not one_at_a_time.filter(id=interaction_id).exists():
        raise NotFound(f"EntityNotFound: completion {interaction_id} not found")


def _keep(
    project: Project,
    interaction_id: UUID,
    *,
    given: Feedback | None,
    gone: Sequence[Feedback],
    by: User,
) -> None:
    """Write what undoing needs: the value that came, and those that went."""
    columns = [field.attname for field in Feedback._meta.concrete_fields]
    rows = [{name: getattr(one, name) for name in columns} for one in gone]
    for row in rows:
        row |= {"id": str(row["id"]), "interaction_id": str(row["interaction_id"])}
        row["created_at"] = row["created_at"].isoformat()
    UndoEntry.objects.create(
        project=project,
        created_by=by,
        created_at=datetime.now(UTC),
        interaction_id=interaction_id,
        kind=UndoEntry.Kind.FEEDBACK,
        before={"given": str(given.id) if given else None, "rows": rows},
    )


@transaction.atomic
def put_back(
    project: Project, interaction_id: UUID, rows: Sequence[Mapping[str, Any]], *, by: User
) -> list[Feedback]:
    """Store withdrawn feedback again, its rows as an `UndoEntry` has them.

    A value stays away whose author has given a newer one on the site. Raises NotFound.
    """
    lock(project, interaction_id)
    back = []
    for row in rows:
        newer = Feedback.objects.in_project(project).filter(
            interaction_id=interaction_id,
            metric_id=row["metric_id"],
            created_by_id=row["created_by_id"],
            source=Feedback.Source.REVIEW,
        )
        if row["source"] != Feedback.Source.REVIEW or not newer.exists():
            back.append(Feedback(**row))
    Feedback.objects.bulk_create(back)
    for one in back:
        audit.record(
            project,
            actor=by,
            verb="feedback.restored",
            subject=str(interaction_id),
            metric=one.metric.key,
            value=one.value,
        )
    counted = [(project.id, interaction_id, one.metric_id, one.value) for one in back]
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows(counted))
    return back


def record(
    project: Project,
    interaction_id: UUID,
    *,
    given: FeedbackDraft,
    by: User,
    source: str = Feedback.Source.USER,
) -> Feedback:
    """Add feedback to an interaction of `project`, beside the feedback there is.

    Raises NotFound when the interaction is not there.
    """
    (made,) = record_together([NewFeedback(project, interaction_id, given, by, source)])
    if isinstance(made, NotFound):
        raise made
    return made


@transaction.atomic
def record_together(remarks: Sequence[NewFeedback]) -> list[Feedback | NotFound]:
    """Call `record` for several values in one transaction; an error takes its value's place."""
    there = set()
    for project in {remark.project.id: remark.project for remark in remarks}.values():
        wanted = {one.interaction_id for one in remarks if one.project.id == project.id}
        found = Interaction.objects.in_project(project).with_ids(wanted)
        there |= {(project.id, id) for id in found.values_list("id", flat=True)}
    masking = Masking()
    made = [
        _feedback(remark, masking.feedback(remark.project, remark.given))
        if (remark.project.id, remark.interaction_id) in there
        else NotFound(f"EntityNotFound: completion {remark.interaction_id} not found")
        for remark in remarks
    ]
    recorded = [one for one in made if isinstance(one, Feedback)]
    Feedback.objects.bulk_create(recorded)
    masking.save()
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows(map(_counted, recorded)))
    transaction.on_commit(partial(_tell, list(zip(remarks, made, strict=True))))
    return made


def _tell(given: Sequence[tuple[NewFeedback, Feedback | NotFound]]) -> None:
    """Have the audit log say whence each value came; who gave it, and when, its row says too.

    Soon, and not in its transaction: a value that is sent by the API must not cost more for it.
    """
    for remark, made in given:
        if isinstance(made, Feedback):
            audit.note(
                remark.project,
                actor=remark.by,
                verb="feedback.given",
                subject=str(made.interaction_id),
                came_from=remark.origin,
                metric=remark.given.metric.key,
                value=made.value,
            )


def _feedback(remark: NewFeedback, given: FeedbackDraft) -> Feedback:
    at = given.created_at or to_millisecond(datetime.now(UTC))
    return Feedback(
        id=uuid7(at),
        project=remark.project,
        interaction_id=remark.interaction_id,
        metric=given.metric,
        value=given.value,
        reason=given.reason,
        details=given.details,
        source=remark.source,
        created_by=remark.by,
        said_by=given.said_by or None,
        created_at=at,
    )


@transaction.atomic
def withdraw(
    project: Project,
    feedback_id: UUID,
    *,
    by: User,
    any_author: bool,
    is_undoable: bool = False,
) -> Feedback:
    """Delete one value of feedback, which the audit log keeps.

    With `is_undoable` the person's key `z` puts it back. Raises NotFound when it is not there,
    Forbidden when it is another's and not `any_author`.
    """
    feedback = (
        Feedback.objects.in_project(project)
        .select_related("metric")
        .select_for_update(of=("self",))
        .filter(id=feedback_id)
        .first()
    )
    if feedback is None:
        raise NotFound("this feedback is not there; it may have been withdrawn already")
    if feedback.created_by_id != by.id and not any_author:
        raise Forbidden("only who gave this feedback, or an owner of the project, may withdraw it")
    audit.record(
        project,
        actor=by,
        verb="feedback.withdrawn",
        subject=str(feedback.interaction_id),
        metric=feedback.metric.key,
        value=feedback.value,
        reason=feedback.reason,
        details=feedback.details,
    )
    if is_undoable:
        _keep(project, feedback.interaction_id, given=None, gone=[feedback], by=by)
    Feedback.objects.in_project(project).filter(id=feedback_id).delete()
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows([_counted(feedback)], sign=-1))
    return feedback


def _counted(feedback: Feedback) -> CountedFeedback:
    return feedback.project_id, feedback.interaction_id, feedback.metric_id, feedback.value
