"""Placing and lifting legal holds, and what there are of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Conflict, Invalid, NotFound
from interactions.filters.notation import spell_label
from interactions.models import Label, LegalHold
from interactions.services.holds import held
from interactions.services.recording.drafts import check_labels
from interactions.services.recording.labels import label_ids
from interactions.services.rollups import counts
from projects.models import Project, User
from projects.services import audit
from projects.services.access import MANAGE, Caller

MOST_HOLDS = 100
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class PlacedHold:
    """A hold, and how many interactions carry its label."""

    hold: LegalHold
    name: str
    interactions: int


def name_of(label: Label) -> str:
    """A label as people write it: `hold:case-17`, or the key alone."""
    return spell_label(label.key, label.value)


def of_project(project: Project) -> list[PlacedHold]:
    """All holds, the oldest first."""
    rows = LegalHold.objects.in_project(project).select_related("label", "created_by")
    return [
        PlacedHold(one, name_of(one.label), counts.count(project, one.label_id))
        for one in rows.order_by("id")
    ]


def names_of(project: Project, carried: Collection[Label]) -> list[str]:
    """Which holds an interaction that carries these labels is under."""
    rows = LegalHold.objects.in_project(project).select_related("label").order_by("id")
    holds = [one.label for one in rows] if carried else []
    mine, keys = {label.id for label in carried}, {label.key for label in carried}
    return [
        name_of(one) for one in holds if one.id in mine or (one.value is None and one.key in keys)
    ]


def place(project: Project, *, key: str, value: str | None, note: str = "", by: User) -> LegalHold:
    """Hold what carries the label, from now on; no value means every value of the key.

    Raises Forbidden, or Invalid naming what is at fault.
    """
    Caller(by).check_may(MANAGE, project)
    key, note = key.strip(), without_nul(note).strip()
    if not key or "\0" in key + (value or ""):
        raise Invalid("expected a label, such as hold:case-17, or a key alone", field="label")
    try:
        check_labels({key: value or ""})
    except Invalid as error:
        raise Invalid(error.said, field="label") from error
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"expected at most {LONGEST_NOTE} characters", field="note")
    # Made before the transaction, so that no other writer of a new label waits for its end.
    ids = label_ids(project, [(key, None), (key, value)])
    with transaction.atomic():
        held.take_lock(project)
        mine = LegalHold.objects.in_project(project)
        if mine.count() >= MOST_HOLDS:
            raise Invalid(f"expected at most {MOST_HOLDS} holds", field="label")
        if mine.filter(label_id=ids[key, value]).exists():
            raise Invalid("this label is a hold already", field="label")
        made = LegalHold.objects.create(
            project=project,
            label_id=ids[key, value],
            note=note,
            created_by=by,
            created_at=datetime.now(UTC),
        )
        _tell(made, "hold.placed", by=by)
    return made


@transaction.atomic
def lift(project: Project, id: int, *, by: User) -> str:
    """Hold no longer what carries the label; returns the label. Raises Forbidden, NotFound."""
    Caller(by).check_may(MANAGE, project)
    one = LegalHold.objects.in_project(project).select_related("label").filter(id=id).first()
    if one is None:
        raise NotFound("there is no such hold in this project")
    one.project = project
    _tell(one, "hold.lifted", by=by)
    one.delete()
    return name_of(one.label)


def check_none(project: Project) -> None:
    """Raise Conflict where an interaction of the project is held."""
    if held.is_any(project):
        raise Conflict("interactions in it are under legal hold: lift the holds first")


def _tell(hold: LegalHold, verb: str, *, by: User) -> None:
    audit.record(
        hold.project,
        actor=by,
        verb=verb,
        subject=hold.project.key,
        label=name_of(hold.label),
        interactions=counts.count(hold.project, hold.label_id),
        note=hold.note,
    )
