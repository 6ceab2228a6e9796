"""Changing the labels of a stored interaction."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from adaptive_site.lib.database.bulk_insert import write_rows
from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Interaction, InteractionLabel, Label, UndoEntry
from interactions.services.editing.deletion import delete_postings
from interactions.services.holds import held
from interactions.services.recording.drafts import check_labels
from interactions.services.recording.labels import LABEL_POSTINGS, label_ids
from interactions.services.recording.masking import Masking
from interactions.services.rollups import deltas
from interactions.services.rollups.deltas import Hour, hour_of
from projects.models import Project, User
from projects.services import audit


@dataclass(frozen=True, slots=True)
class LabelChange:
    """The ids of an interaction's label under one key before and after; None is no label."""

    id: UUID
    created_at: datetime
    before: int | None
    after: int | None


def change_together(project: Project, changes: Sequence[LabelChange], *, key_id: int) -> None:
    """Change labels of one key, whose own label is `key_id`, in a few statements.

    Called in a transaction that has locked the interactions. Not audited: that is for the caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE interaction i SET label_ids = ARRAY("
            "  SELECT x FROM unnest(array_remove(i.label_ids, c.before) || c.after) x"
            "  WHERE x IS NOT NULL ORDER BY x)"
            " FROM unnest(%s::uuid[], %s::int[], %s::int[]) c(id, before, after)"
            " WHERE i.id = c.id AND i.project_id = %s",
            [
                [change.id for change in changes],
                [change.before for change in changes],
                [change.after for change in changes],
                project.id,
            ],
        )
        gone = [(one.before, one.id) for one in changes if one.before is not None]
        gone += [(key_id, one.id) for one in changes if one.after is None]
        delete_postings(cursor, project, gone)
    added = [(one.after, one.id) for one in changes if one.after is not None]
    added += [(key_id, one.id) for one in changes if one.before is None]
    write_rows(
        LABEL_POSTINGS.name,
        LABEL_POSTINGS.columns,
        [(project.id, label, id.hex) for label, id in sorted(added)],
        is_plain=True,
    )
    counts: defaultdict[Hour, Counter[int]] = defaultdict(Counter)
    hours = {one.id: (project.id, hour_of(one.created_at)) for one in changes}
    for label, id in added:
        counts[hours[id]][label] += 1
    for label, id in gone:
        counts[hours[id]][label] -= 1
    deltas.append(deltas.LABEL_DELTAS, deltas.label_rows(counts))


def set_label(
    project: Project,
    interaction_id: UUID,
    *,
    key: str,
    value: str,
    by: User,
    may_lift: bool = False,
    is_undoable: bool = False,
) -> None:
    """Give the interaction the label `key` with `value`, in place of any value it had.

    With `is_undoable` the person's key `z` undoes it (`services/undo.py`). Raises NotFound when
    the interaction is not there, Invalid when the label cannot be taken, and Forbidden where the
    value before is a legal hold, but to who `may_lift` it.
    """
    key = key.strip()
    if "\0" in key + value:
        raise Invalid("expected text without the character NUL", field="labels")
    check_labels({key: value})
    masking = Masking()
    ((key, value),) = masking.labels(project, {key: value}).items()
    if not Interaction.objects.in_project(project).with_ids([interaction_id]).exists():
        raise NotFound(f"EntityNotFound: completion {interaction_id} not found")
    ids = label_ids(project, [(key, None), (key, value)])
    with transaction.atomic():
        one, labels = _locked(project, interaction_id)
        before = {label.key: label for label in labels}
        had = before[key].value if key in before else None
        if had == value:
            return
        check_labels({name: label.value for name, label in before.items()} | {key: value})
        gone = [before[key].id] if key in before else []
        if gone and not may_lift:
            _check_holds(project, key, ids[key, None], before=gone[0], after=ids[key, value])
        added = [ids[key, value]] if gone else [ids[key, value], ids[key, None]]
        _change(
            one, carried=set(one.label_ids) - set(gone) | {ids[key, value]}, gone=gone, added=added
        )
        masking.save()
        audit.record(
            project,
            actor=by,
            verb="label.set",
            subject=str(interaction_id),
            key=key,
            value=value,
            before=had,
        )
        if is_undoable:
            _keep(one, key, had, value, by=by)


@transaction.atomic
def remove_label(
    project: Project,
    interaction_id: UUID,
    *,
    key: str,
    by: User,
    may_lift: bool = False,
    is_undoable: bool = False,
) -> None:
    """Take the label `key` away; nothing happens when it is not there.

    With `is_undoable` the person's key `z` undoes it. Raises NotFound when the interaction is
    not there, and Forbidden where the label is a legal hold, but to who `may_lift` it.
    """
    one, labels = _locked(project, interaction_id)
    label = next((label for label in labels if label.key == key), None)
    if label is None:
        return
    gone = [label.id, label_ids(project, [(key, None)])[key, None]]
    if not may_lift:
        _check_holds(project, key, gone[1], before=label.id, after=None)
    _change(one, carried=set(one.label_ids) - {label.id}, gone=gone, added=[])
    audit.record(
        project,
        actor=by,
        verb="label.removed",
        subject=str(interaction_id),
        key=key,
        before=label.value,
    )
    if is_undoable:
        _keep(one, key, label.value, None, by=by)


def _keep(one: Interaction, key: str, value: str | None, after: str | None, *, by: User) -> None:
    """Write what undoing needs; a value is None where the interaction has no such label."""
    UndoEntry.objects.create(
        project_id=one.project_id,
        created_by=by,
        created_at=datetime.now(UTC),
        interaction_id=one.id,
        kind=UndoEntry.Kind.LABEL,
        before={"key": key, "value": value, "after": after},
    )


def _check_holds(
    project: Project, key: str, key_id: int, *, before: int, after: int | None
) -> None:
    """Raise Forbidden where the change takes a legal hold away."""
    if held.lifts(held.held_labels(project), key_id=key_id, before=before, after=after):
        raise held.refuse_lifting(project, key)


def replace(
    project: Project,
    interaction_id: UUID,
    *,
    labels: Mapping[str, str],
    by: User,
    may_lift: bool = False,
) -> None:
    """Make `labels` the only labels of the interaction; all of it or nothing.

    Raises NotFound when the interaction is not there, Invalid when a label cannot be taken, and
    Forbidden where one that goes is a legal hold, but to who `may_lift` it.
    """
    check_labels(labels)
    if not Interaction.objects.in_project(project).with_ids([interaction_id]).exists():
        raise NotFound(f"EntityNotFound: completion {interaction_id} not found")
    # Made before the transaction, so that no other writer of a new label waits for its end.
    label_ids(project, [pair for key in labels for pair in ((key, None), (key, labels[key]))])
    with transaction.atomic():
        _, rows = _locked(project, interaction_id)
        before = {label.key: label.value for label in rows}
        for key in sorted(before.keys() - labels.keys()):
            remove_label(project, interaction_id, key=key, by=by, may_lift=may_lift)
        for key, value in sorted(labels.items() - before.items()):
            set_label(project, interaction_id, key=key, value=value, by=by, may_lift=may_lift)


def _locked(project: Project, id: UUID) -> tuple[Interaction, list[Label]]:
    """The interaction, locked until the transaction ends, and its labels."""
    rows = Interaction.objects.in_project(project).with_ids([id]).select_for_update(of=("self",))
    one = rows.first()
    if one is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    return one, list(Label.objects.in_project(project).filter(id__in=one.label_ids))


def _change(one: Interaction, *, carried: set[int], gone: list[int], added: list[int]) -> None:
    """Write the row, the postings and the roll-up's deltas, which always agree."""
    one.label_ids = sorted(carried)
    one.save(update_fields=["label_ids"])
    InteractionLabel.objects.filter(
        project_id=one.project_id, label_id__in=gone, interaction_id=one.id
    ).delete()
    write_rows(
        "interaction_label",
        ("project_id", "label_id", "interaction_id"),
        [(one.project_id, label, one.id.hex) for label in added],
    )
    changes = Counter(added)
    changes.subtract(gone)
    hour = (one.project_id, hour_of(one.created_at))
    deltas.append(deltas.LABEL_DELTAS, deltas.label_rows({hour: changes}))
