"""Acts on many interactions: begun by a request, done by a worker piece by piece, undone.

The table of acts is the queue. A piece, its progress and the place where the next one begins are
one transaction, so each interaction is done once whatever process dies when.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from adaptive_site.lib.database import statistics
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import Act, Selection
from interactions.services import selections
from interactions.services.bulk import undo_log
from interactions.services.bulk.kinds import KINDS, kind_of
from projects.models import Event, Project
from projects.services import audit
from projects.services.access import MANAGE, Caller

PIECE = 1_000
KEPT = timedelta(days=30)  # for so long an act can be undone
CHANNEL = "acts"  # of NOTIFY
WORKER = "adaptive-site acts"  # the name of a worker's sessions that wait for acts
ATTEMPTS = 5  # at one piece
_COUNT_LIMIT_MS = 2_000

logger = logging.getLogger(__name__)


def begin(selection: Selection, kind: str, given: Mapping[str, Any], *, caller: Caller) -> Act:
    """Put an act in the queue. Raises Invalid naming the argument at fault, or Forbidden."""
    project = selection.project
    arguments = check(project, kind, given, caller=caller)
    now = datetime.now(UTC)
    act = Act(
        project=project,
        selection=selection,
        kind=kind,
        arguments=arguments,
        created_by=caller.user,
        created_at=now,
        next_at=now,
        total=_total(selection),
    )
    KINDS[kind].prepare(act)
    with transaction.atomic():
        act.save()
        audit.record(
            project,
            actor=caller.user,
            verb=f"act.{kind}",
            subject=str(act.uuid),
            what=sentence(act),
            selection=str(selection.uuid),
            of=selections.sentence(selection),
        )
        _wake()
    return act


def check(
    project: Project, kind: str, given: Mapping[str, Any], *, caller: Caller
) -> dict[str, Any]:
    """The arguments as the act keeps them. Raises Invalid, or Forbidden to whom may not do it."""
    if kind not in KINDS:
        raise NotFound(f"there is no act {kind}")
    caller.check_may(KINDS[kind].PERMISSION, project)
    return KINDS[kind].check(project, given, caller=caller)


@transaction.atomic
def undo(act: Act, *, caller: Caller) -> Act:
    """Have an act undone, also one that is still under way.

    Raises Forbidden to others than who did it and owners, Invalid when it cannot be undone.
    """
    if not may_undo(act, caller):
        raise Forbidden("only who did this, or an owner of the project, may undo it")
    _check_still_may(act, caller)
    act = Act.objects.in_project(act.project).select_for_update(of=("self",)).get(id=act.id)
    if not can_be_undone(act):
        raise Invalid(f"this cannot be undone: it is {act.get_state_display()}", field="act")
    now = datetime.now(UTC)
    act.state, act.cursor, act.error, act.attempts = Act.State.UNDOING, None, "", 0
    act.left = 0
    act.undone_by, act.undone_at, act.next_at = caller.user, now, now
    act.save()
    audit.record(
        act.project,
        actor=caller.user,
        verb="act.undone",
        subject=str(act.uuid),
        what=sentence(act),
    )
    _wake()
    return act


@transaction.atomic
def resume(act: Act, *, caller: Caller) -> Act:
    """Try again where an act has failed."""
    if not may_undo(act, caller):
        raise Forbidden("only who did this, or an owner of the project, may go on with it")
    _check_still_may(act, caller)
    act = Act.objects.in_project(act.project).select_for_update(of=("self",)).get(id=act.id)
    if act.state != Act.State.FAILED or act.purged_at is not None:
        raise Invalid(f"expected an act that failed: it is {act.get_state_display()}", field="act")
    act.state = Act.State.UNDOING if act.undone_at else Act.State.RUNNING
    act.error, act.attempts, act.next_at = "", 0, datetime.now(UTC)
    act.save()
    _wake()
    return act


def may_undo(act: Act, caller: Caller) -> bool:
    """Whether the caller did it, or manages the project."""
    return act.created_by_id == caller.user.id or caller.may(MANAGE, act.project)


def _check_still_may(act: Act, caller: Caller) -> None:
    """Raise Forbidden to whom the permission was taken since the act was begun."""
    needed = {kind_of(act).PERMISSION} | ({MANAGE} if act.arguments.get("anybody") else set())
    for permission in sorted(needed):
        caller.check_may(permission, act.project)


def can_be_undone(act: Act) -> bool:
    """Whether there is something to undo, and all that it takes."""
    is_open = act.undone_at is None or act.state == Act.State.FAILED
    return is_open and act.purged_at is None and (act.is_under_way or act.changed > 0)


def known(project: Project, uuid: UUID, *, caller: Caller) -> Act:
    """The act with this address, if it is the caller's to see. Raises NotFound."""
    mine = Act.objects.in_project(project).select_related(
        "created_by", "undone_by", "selection", "selection__touched_by"
    )
    found = mine.filter(uuid=uuid).first()
    if found is None or not may_undo(found, caller):
        raise NotFound("there is no such act in this project")
    found.project = found.selection.project = project
    return found


def listed(
    project: Project, *, caller: Caller, before: int | None = None, limit: int = 50
) -> list[Act]:
    """The newest acts: one's own; for owners of the project everybody's."""
    acts = Act.objects.in_project(project).select_related(
        "created_by", "undone_by", "selection", "selection__touched_by"
    )
    if not caller.may(MANAGE, project):
        acts = acts.filter(created_by=caller.user)
    if before is not None:
        acts = acts.filter(id__lt=before)
    found = list(acts.newest_first()[:limit])
    for act in found:
        act.project = act.selection.project = project
    return found


def of_selection(selection: Selection) -> list[Act]:
    """The newest acts on a selection, whoever did them."""
    acts = Act.objects.in_project(selection.project).filter(selection=selection)
    found = list(acts.select_related("created_by", "undone_by").newest_first()[:20])
    for act in found:
        act.project, act.selection = selection.project, selection
    return found


def last_of(project: Project, *, caller: Caller) -> Act | None:
    """One's own last act that can be undone."""
    mine = Act.objects.in_project(project).filter(created_by=caller.user, undone_at=None)
    return next((act for act in mine.newest_first()[:20] if can_be_undone(act)), None)


def is_worked_on() -> bool:
    """Whether any worker is there that would do an act."""
    return any(session.name == WORKER for session in statistics.sessions())


def sentence(act: Act) -> str:
    """What is done, in words."""
    return kind_of(act).sentence(act.arguments)


def do_some() -> int:
    """Do one piece of the act whose turn it is; returns how many pieces that was, 0 or 1.

    A piece that fails is tried again a few times; then the act has failed, and says why.
    """
    act: Act | None = None
    try:
        with transaction.atomic():
            act = _take()
            if act is None:
                return 0
            if act.state == Act.State.UNDOING:
                _undo_piece(act)
            else:
                _do_piece(act)
            act.attempts, act.next_at, act.error = 0, datetime.now(UTC), ""
            act.save()
    except Exception as error:
        if act is None:  # the database is not there: nothing can be noted
            raise
        logger.exception("a piece of the act %s failed", act.uuid)
        _note(act.id, error)
    return 1


def _take() -> Act | None:
    """The act that has waited longest, ours until the transaction ends: all of them get on."""
    waiting = (
        Act.objects.under_way()
        .select_related("project", "selection", "selection__project", "selection__touched_by")
        .filter(next_at__lte=datetime.now(UTC))
        .order_by("next_at")
    )
    return waiting.select_for_update(of=("self",), skip_locked=True).first()


def _do_piece(act: Act) -> None:
    piece = selections.piece(act.selection, after=act.cursor, limit=PIECE)
    act.changed += kind_of(act).do(act, piece.ids) if piece.ids else 0
    act.done += len(piece.ids)
    act.cursor = piece.end
    act.state = Act.State.RUNNING
    if piece.end is None:
        _finish(act, Act.State.DONE)


def _undo_piece(act: Act) -> None:
    ids = undo_log.last(act, act.cursor, PIECE)
    if ids:
        back = kind_of(act).undo(act, ids)
        act.undone += back
        act.left += len(ids) - back
        act.cursor = ids[-1]
    if len(ids) < PIECE:
        _finish(act, Act.State.UNDONE)


def _finish(act: Act, state: Act.State) -> None:
    """Say in the act, and in its event in the audit log, how it ended."""
    act.state = state
    if state == Act.State.DONE:
        act.finished_at = datetime.now(UTC)
        verb, counts = f"act.{act.kind}", {"of_them": act.done, "changed": act.changed}
    else:
        verb, counts = "act.undone", {"undone": act.undone, "left": act.left}
    event = Event.objects.in_project(act.project).filter(verb=verb, subject=str(act.uuid)).last()
    if event is not None:
        event.details |= counts
        event.save(update_fields=["details"])


def _note(act_id: int, error: Exception) -> None:
    """Let it rest for a while that doubles; after some attempts it has failed."""
    with transaction.atomic():
        act = Act.objects.under_way().select_for_update().filter(id=act_id).first()
        if act is None:
            return
        act.attempts += 1
        act.error = f"{type(error).__name__}: {error}"[:1000]
        act.next_at = datetime.now(UTC) + timedelta(seconds=2**act.attempts / 2)
        if act.attempts >= ATTEMPTS:
            act.state = Act.State.FAILED
        act.save()


def _total(selection: Selection) -> int | None:
    """How many it will be, for the progress; None when counting takes long."""
    try:
        with time_limit(_COUNT_LIMIT_MS):
            return selections.count(selection, is_exact=True).n
    except TookTooLong:
        return None


def _wake() -> None:
    """Tell the workers, once this is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
