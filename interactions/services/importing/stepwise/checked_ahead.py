"""The next piece checked on a thread while PostgreSQL stores the one before."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from django.db import close_old_connections

from interactions.models import Job
from interactions.services.importing import piece_storing, pieces
from interactions.services.importing.checking import BatchRows
from interactions.services.importing.pieces import FilePiece
from interactions.services.importing.plan import ImportPlan
from projects.models import Project, User

CheckedPiece: TypeAlias = tuple[FilePiece, BatchRows]


class CheckedAhead:
    """Pieces of one job with their rows; with `is_alone` only the piece that is asked for.

    What checking reads of the database (models, metrics) may be older than the piece before:
    storing makes none of them twice.
    """

    def __init__(self, *, is_alone: bool = False) -> None:
        self._thread = None if is_alone else ThreadPoolExecutor(1, "import-check")
        self._next: tuple[int, int, Future[CheckedPiece]] | None = None

    def take(self, job: Job, plan: ImportPlan, summary: Mapping[str, Any], n: int) -> CheckedPiece:
        """The `n`-th piece, checked; the one after it is begun."""
        kinds, by, project = summary["kinds"], job.created_by, job.project
        waiting, self._next = self._next, None
        if waiting is not None and waiting[:2] == (job.id, n):
            found = waiting[2].result()
        else:
            found = _checked(project, plan, n, kinds, by)
        if self._thread is not None and n < summary["pieces"]:
            after = self._thread.submit(_on_a_thread, project, plan, n + 1, kinds, by)
            self._next = (job.id, n + 1, after)
        return found


def _checked(
    project: Project, plan: ImportPlan, n: int, kinds: Mapping[str, str], by: User
) -> CheckedPiece:
    piece = pieces.read(plan.folder, n)
    return piece, piece_storing.check_piece(project, piece, by=by, kinds=kinds)


def _on_a_thread(
    project: Project, plan: ImportPlan, n: int, kinds: Mapping[str, str], by: User
) -> CheckedPiece:
    close_old_connections()
    return _checked(project, plan, n, kinds, by)
