"""What a process of an import does: it checks batches of lines and stores their rows."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field

from interactions.services.importing.checking import BatchRows, CheckedBatch, Checker, Ruling
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.stores import StoredCounts, store
from projects.models import Project, User


@dataclass(slots=True)
class _State:
    """Whose rows these are, and those that were checked and not stored yet."""

    project: Project
    by: User | None
    checker: Checker
    rows: dict[int, BatchRows] = field(default_factory=dict)
    has_failed: bool = False


_state: _State


def begin(project_id: int, by_id: int | None, strict: bool) -> None:
    """Make this process ready for the other functions of this module."""
    global _state
    gc.set_threshold(100_000, 50, 100)
    gc.freeze()
    project = Project.objects.get(id=project_id)
    by = None if by_id is None else User.objects.get(id=by_id)
    _state = _State(project, by, Checker(project, by=by, strict=strict))


def check(batch: LineBatch, kinds: Mapping[str, str] | None = None) -> CheckedBatch:
    """Make rows of the lines and keep them here, with these kinds of new metrics."""
    rows = _state.rows[batch.n] = _state.checker.check(batch, kinds)
    return rows.checked


def check_again(n: int, kinds: Mapping[str, str]) -> CheckedBatch:
    """Check the `n`-th batch once more."""
    return check(_state.rows[n].batch, kinds)


def keep(n: int, ruling: Ruling) -> StoredCounts:
    """Store the rows of the `n`-th batch; once any could not be stored, no others are."""
    rows = _state.rows.pop(n)
    if _state.has_failed:
        return StoredCounts()
    rows.complete(ruling)
    try:
        return store(_state.project, rows, by=_state.by)
    except BaseException:
        _state.has_failed = True
        raise
