"""Deleting an interaction with all that hangs on it."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.pgcopy import write_rows
from interactions.models import (
    Comparison,
    Feedback,
    Interaction,
    InteractionBody,
    InteractionImage,
    InteractionLabel,
    Label,
)
from interactions.services.log import ALL
from projects.models import Project, User
from projects.services import audit


@transaction.atomic
def delete(project: Project, interaction_id: UUID, *, by: User) -> None:
    """Delete the row, body, labels, feedback, comparisons and links to images; for good.

    The images themselves stay, since others may show them. The audit log keeps that it was
    done and how much went, not what was said. Raises NotFound when it is not there.
    """
    rows = Interaction.objects.in_project(project).with_ids([interaction_id])
    one = rows.select_for_update(of=("self",)).first()
    if one is None:
        raise NotFound(f"EntityNotFound: completion {interaction_id} not found")
    labels = Label.objects.in_project(project)
    keys = labels.filter(id__in=one.label_ids).values("key")
    carried = [
        *one.label_ids,
        *labels.filter(key__in=keys, value=None).values_list("id", flat=True),
    ]
    feedback, _ = Feedback.objects.in_project(project).filter(interaction=one).delete()
    comparisons, _ = (
        Comparison.objects.in_project(project).filter(Q(preferred=one) | Q(other=one)).delete()
    )
    InteractionImage.objects.filter(project=project, interaction=one).delete()
    InteractionLabel.objects.filter(project=project, label_id__in=carried, interaction=one).delete()
    InteractionBody.objects.filter(project=project, interaction=one).delete()
    rows.delete()
    _uncount(one, carried)
    audit.record(
        project,
        actor=by,
        verb="interaction.deleted",
        subject=str(interaction_id),
        created_at=one.created_at.isoformat(),
        feedback=feedback,
        comparisons=comparisons,
    )


def _carried(project: Project, one: Interaction) -> list[int]:
    """Its labels, and their keys, under which it has postings too."""
    labels = Label.objects.in_project(project)
    keys = labels.filter(id__in=one.label_ids).values("key")
    return [*one.label_ids, *labels.filter(key__in=keys, value=None).values_list("id", flat=True)]


def _uncount(one: Interaction, labels: list[int]) -> None:
    """Add the roll-up's deltas that take the interaction out of its hour."""
    hour = one.created_at.replace(minute=0, second=0, microsecond=0).isoformat()
    write_rows(
        "label_count",
        ("project_id", "label_id", "grain", "start", "n"),
        [(one.project_id, label, "h", hour, -1) for label in (ALL, *labels)],
    )
