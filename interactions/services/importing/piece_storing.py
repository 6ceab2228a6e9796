"""Storing a piece of an imported file in one transaction, or counting what that would do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import connection

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.services.importing.checking import BatchRows, Checker, Ruling
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.pieces import FilePiece
from interactions.services.importing.stores import Rehearsal, StoredCounts, store
from interactions.services.recording.labels import label_ids
from interactions.services.recording.log import pairs_of
from projects.models import Project, User
from projects.services import llms, metrics


@dataclass(slots=True)
class StoredPiece:
    """What a piece brought, its new models and metrics, and its faults by number."""

    done: StoredCounts
    faults: list[tuple[int, DomainError]]
    llms: set[str]
    metrics: set[str]


def check_piece(
    project: Project, piece: FilePiece, *, n: int, by: User, kinds: Mapping[str, str]
) -> BatchRows:
    """The rows in the good lines of the `n`-th piece; `kinds` are those of new metrics."""
    checker = Checker(project, by=by, strict=False, kinds=lambda: kinds)
    return checker.check(LineBatch(n, "", piece.lines))


def prepare(project: Project, rows: BatchRows) -> None:
    """Save models, metrics and labels that are new. Outside of a transaction, where that may be:
    two that made the same label would wait for each other's end, and none would be remembered.
    """
    rows.complete(_registered(project, rows))
    drafts = rows.drafts + [pair.preferred for pair in rows.pairs]
    label_ids(project, pairs_of(drafts))


def store_piece(project: Project, rows: BatchRows, *, by: User) -> StoredPiece:
    """Store the rows of a piece that was prepared."""
    found = _found(rows)
    found.done = store(project, rows, by=by)
    return found


def rehearse_piece(rehearsal: Rehearsal, piece: FilePiece) -> StoredPiece:
    """Count what storing a piece would do, after those that `rehearsal` has seen."""
    before = replace(rehearsal.done)
    checked = next(rehearsal.check([LineBatch(0, "", piece.lines)]))
    rehearsal.put(checked, Ruling({}, dict.fromkeys(checked.llms), dict.fromkeys(checked.metrics)))
    found = _found(rehearsal.rows)
    found.done = rehearsal.done.since(before)
    return found


def look_at_tables() -> None:
    """Let the planner know of a project that is being filled (see `upkeep.py`)."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE interaction")


def _registered(project: Project, rows: BatchRows) -> Ruling:
    """Save the models and metrics that are new."""
    checked = rows.checked
    made = llms.attach_all(project, checked.llms) if checked.llms else {}
    saved: dict[str, int | None] = {}
    for key in checked.metrics:
        metric = metrics.ensure(project, key, kind=checked.guessed[key])
        if metric.kind != checked.guessed[key]:
            raise Invalid(f"{key} was just made with another kind", field="feedback_key")
        saved[key] = metric.pk
    return Ruling({}, {key: made[key].pk for key in checked.llms}, saved)


def _found(rows: BatchRows) -> StoredPiece:
    checked = rows.checked
    return StoredPiece(StoredCounts(), checked.faults, set(checked.llms), set(checked.metrics))
