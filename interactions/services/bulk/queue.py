"""The queue of bulk actions, done and undone by a worker piece by piece.

The table of bulk actions is the queue. A piece, its progress and where the next one begins are one
transaction, so each interaction is done once whatever process dies when.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from adaptive_site.lib.database import statistics
from adaptive_site.lib.errors import DomainError
from interactions.models import BulkAction
from interactions.services import selections
from interactions.services.bulk import undo_log
from interactions.services.bulk.kinds import kind_of
from projects.models import User
from projects.services import audit
from projects.services.access import MANAGE, check_may_go_on

INTERACTIONS_PER_PIECE = 1_000  # interactions in a transaction
CHANNEL = "bulk_actions"  # of NOTIFY
WORKER = "adaptive-site bulk actions"  # the name of a worker's sessions that wait for bulk actions
ATTEMPTS_PER_PIECE = 5  # at one piece

logger = logging.getLogger(__name__)


def is_worked_on() -> bool:
    """Whether any worker is there that would do a bulk action."""
    return any(session.name == WORKER for session in statistics.sessions())


def do_some() -> int:
    """Do one piece of the bulk action whose turn it is; returns how many pieces that was, 0 or 1.

    A piece that fails is tried again a few times, but for a DomainError, which says that it can
    never be done; then the bulk action has failed, and says why.
    """
    action: BulkAction | None = None
    try:
        with transaction.atomic():
            action = _take()
            if action is None:
                return 0
            _check_may(action)
            if action.state == BulkAction.State.UNDOING:
                _undo_piece(action)
            else:
                _do_piece(action)
            action.attempts, action.next_at, action.error = 0, datetime.now(UTC), ""
            action.save()
    except Exception as error:
        if action is None:  # the database is not there: nothing can be noted
            raise
        if not isinstance(error, DomainError):
            logger.exception("a piece of the bulk action %s failed", action.uuid)
        _note(action.id, error)
    return 1


def do_all(action: BulkAction) -> None:
    """Do, or undo, all that is left of a bulk action, in the caller's transaction.

    For few interactions, whose result a person waits for. The transaction hides the bulk action
    from the workers until nothing is left to do; one that fails leaves nothing behind.
    """
    while action.is_under_way:
        if action.state == BulkAction.State.UNDOING:
            _undo_piece(action)
        else:
            _do_piece(action)
    action.save()


def _take() -> BulkAction | None:
    """The bulk action that has waited longest, locked until the transaction ends."""
    waiting = (
        BulkAction.objects.under_way()
        .select_related("project", "selection", "selection__project", "selection__changed_by")
        .filter(next_at__lte=datetime.now(UTC))
        .order_by("next_at")
    )
    return waiting.select_for_update(of=("self",), skip_locked=True).first()


def _check_may(action: BulkAction) -> None:
    """Raise Forbidden, or Conflict, where who began or undoes it may not, or no longer, do so."""
    needed = [kind_of(action).PERMISSION]
    if action.arguments.get("anybody"):
        needed.append(MANAGE)
    if action.state == BulkAction.State.UNDOING and action.undone_by is not None:
        check_may_go_on(action.undone_by, None, needed, action.project)
    else:
        check_may_go_on(action.created_by, action.key_id, needed, action.project)


def _do_piece(action: BulkAction) -> None:
    piece = selections.piece(action.selection, after=action.cursor, limit=INTERACTIONS_PER_PIECE)
    action.changed += kind_of(action).do(action, piece.ids) if piece.ids else 0
    action.done += len(piece.ids)
    action.cursor = piece.end
    action.state = BulkAction.State.RUNNING
    if piece.end is None:
        _finish(action, BulkAction.State.DONE)


def _undo_piece(action: BulkAction) -> None:
    ids = undo_log.last(action, action.cursor, INTERACTIONS_PER_PIECE)
    if ids:
        back = kind_of(action).undo(action, ids)
        action.undone += back
        action.left += len(ids) - back
        action.cursor = ids[-1]
    if len(ids) < INTERACTIONS_PER_PIECE:
        _finish(action, BulkAction.State.UNDONE)


def _finish(action: BulkAction, state: BulkAction.State) -> None:
    """Say in the bulk action, and in the audit log, how it ended; that it began stands there."""
    action.state = state
    if state == BulkAction.State.DONE:
        action.finished_at = datetime.now(UTC)
        counts = {"of_them": action.done, "changed": action.changed}
        _tell(action, "bulk_action.done", action.created_by, **counts)
    else:
        _tell(
            action,
            "bulk_action.undoing_done",
            action.undone_by,
            undone=action.undone,
            left=action.left,
        )


def _tell(action: BulkAction, verb: str, by: User | None, **counts: int) -> None:
    uuid, kind = str(action.uuid), action.kind
    details: dict[str, Any] = {"kind": kind, **counts}
    audit.record(action.project, actor=by, verb=verb, subject=uuid, **details)


def _note(action_id: int, error: Exception) -> None:
    """Let it rest for a while that doubles; after some attempts it has failed."""
    with transaction.atomic():
        action = BulkAction.objects.under_way().select_for_update().filter(id=action_id).first()
        if action is None:
            return
        action.attempts += 1
        is_told = isinstance(error, DomainError)
        action.error = (str(error) if is_told else f"{type(error).__name__}: {error}")[:1000]
        action.next_at = datetime.now(UTC) + timedelta(seconds=2**action.attempts / 2)
        if is_told or action.attempts >= ATTEMPTS_PER_PIECE:
            action.state = BulkAction.State.FAILED
        action.save()


def wake() -> None:
    """Tell the workers of a bulk action, once the transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
