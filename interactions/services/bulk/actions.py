"""Bulk actions on a selection: begun, found again, undone and resumed by people.

A worker does them piece by piece (`queue.py`); those on few interactions are done at once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import BulkAction, Selection
from interactions.services import selections
from interactions.services.bulk.kinds import KINDS_OF_ACTION, kind_of
from interactions.services.bulk.preview import ROWS_PREVIEWED, Preview, Previewed
from interactions.services.bulk.queue import do_all, wake
from projects.models import Project, User
from projects.services import audit
from projects.services.access import MANAGE, Caller

UNDO_KEPT = timedelta(days=30)  # for so long a bulk action can be undone
DONE_AT_ONCE = 100  # interactions: no more are done, or undone, within a request
_COUNT_LIMIT_MS = 2_000


def begin(
    selection: Selection, kind: str, given: Mapping[str, Any], *, caller: Caller
) -> BulkAction:
    """Put a bulk action in the queue. Raises Invalid naming the argument at fault, or Forbidden."""
    action = _prepared(selection, kind, given, caller=caller)
    with transaction.atomic():
        _store(action)
        wake()
    return action


def do_now(
    selection: Selection, kind: str, given: Mapping[str, Any], *, caller: Caller
) -> BulkAction:
    """Do a bulk action on few interactions at once; it is recorded like any other.

    Raises what `begin` raises, and Invalid for a selection that `is_few` refuses.
    """
    if not is_few(selection):
        raise Invalid(f"expected at most {DONE_AT_ONCE} ticked interactions", field="id")
    action = _prepared(selection, kind, given, caller=caller)
    with transaction.atomic():
        _store(action)
        do_all(action)
    return action


def is_few(selection: Selection) -> bool:
    """Whether a selection is so small that a request may do a bulk action on all of it."""
    return selection.is_ticked and len(selection.includes) <= DONE_AT_ONCE


def _prepared(
    selection: Selection, kind: str, given: Mapping[str, Any], *, caller: Caller
) -> BulkAction:
    """A bulk action, checked and not yet stored."""
    project = selection.project
    arguments = check(project, kind, given, caller=caller)
    now = datetime.now(UTC)
    action = BulkAction(
        project=project,
        selection=selection,
        kind=kind,
        arguments=arguments,
        created_by=caller.user,
        key=caller.key,
        created_at=now,
        next_at=now,
        total=_total(selection),
    )
    KINDS_OF_ACTION[kind].prepare(action)
    return action


def _store(action: BulkAction) -> None:
    """Write a bulk action, and in the audit log that it was begun."""
    action.save()
    audit.record(
        action.project,
        actor=action.created_by,
        verb=f"bulk_action.{action.kind}",
        subject=str(action.uuid),
        what=sentence(action),
        selection=str(action.selection.uuid),
        of=selections.sentence(action.selection),
    )


def check(
    project: Project, kind: str, given: Mapping[str, Any], *, caller: Caller
) -> dict[str, Any]:
    """The arguments as they are stored. Raises Invalid, or Forbidden to whom may not do it."""
    if kind not in KINDS_OF_ACTION:
        raise NotFound(f"there is no bulk action {kind}")
    caller.check_may(KINDS_OF_ACTION[kind].PERMISSION, project)
    return KINDS_OF_ACTION[kind].check(project, given, caller=caller)


def preview(selection: Selection, kind: str, arguments: Mapping[str, Any], *, by: User) -> Preview:
    """What a bulk action by `by` would change; call within a time limit."""
    # Read once: a filter's own query may be dear, and its rows are few bytes.
    ids = selections.shown(selection, limit=ROWS_PREVIEWED + 1)
    is_all = len(ids) <= ROWS_PREVIEWED
    newest = Previewed(selection.project_id, ids[:ROWS_PREVIEWED], is_all)
    return KINDS_OF_ACTION[kind].preview(newest, arguments, by=by)


@transaction.atomic
def undo(action: BulkAction, *, caller: Caller) -> BulkAction:
    """Have a bulk action undone, also one that is still under way; few changes at once.

    Raises Forbidden to others than who did it and owners, Invalid when it cannot be undone.
    """
    if not may_undo(action, caller):
        raise Forbidden("only who did this, or an owner of the project, may undo it")
    _check_still_may(action, caller)
    action = (
        BulkAction.objects.in_project(action.project)
        .select_for_update(of=("self",))
        .get(id=action.id)
    )
    if not can_be_undone(action):
        raise Invalid(
            f"this cannot be undone: it is {action.get_state_display()}", field="bulk_action"
        )
    now = datetime.now(UTC)
    is_few = action.state == BulkAction.State.DONE and action.changed <= DONE_AT_ONCE
    action.state, action.cursor, action.error, action.attempts = (
        BulkAction.State.UNDOING,
        None,
        "",
        0,
    )
    action.left = 0
    action.undone_by, action.undone_at, action.next_at = caller.user, now, now
    action.save()
    audit.record(
        action.project,
        actor=caller.user,
        verb="bulk_action.undone",
        subject=str(action.uuid),
        what=sentence(action),
    )
    if is_few:
        do_all(action)
    else:
        wake()
    return action


@transaction.atomic
def resume(action: BulkAction, *, caller: Caller) -> BulkAction:
    """Resume a bulk action that has failed."""
    if not may_undo(action, caller):
        raise Forbidden("only who did this, or an owner of the project, may go on with it")
    _check_still_may(action, caller)
    action = (
        BulkAction.objects.in_project(action.project)
        .select_for_update(of=("self",))
        .get(id=action.id)
    )
    if action.state != BulkAction.State.FAILED or action.purged_at is not None:
        raise Invalid(
            f"expected a bulk action that failed: it is {action.get_state_display()}",
            field="bulk_action",
        )
    action.state = BulkAction.State.UNDOING if action.undone_at else BulkAction.State.RUNNING
    action.error, action.attempts, action.next_at = "", 0, datetime.now(UTC)
    action.save()
    wake()
    return action


def may_undo(action: BulkAction, caller: Caller) -> bool:
    """Whether the caller began the bulk action, or manages the project."""
    return action.created_by_id == caller.user.id or caller.may(MANAGE, action.project)


def _check_still_may(action: BulkAction, caller: Caller) -> None:
    """Raise Forbidden to whom the permission was taken since the bulk action was begun."""
    needed = {kind_of(action).PERMISSION} | ({MANAGE} if action.arguments.get("anybody") else set())
    for permission in sorted(needed):
        caller.check_may(permission, action.project)


def can_be_undone(action: BulkAction) -> bool:
    """Whether the bulk action changed something and its undo log is still there."""
    is_open = action.undone_at is None or action.state == BulkAction.State.FAILED
    return is_open and action.purged_at is None and (action.is_under_way or action.changed > 0)


def known(project: Project, uuid: UUID, *, caller: Caller) -> BulkAction:
    """The bulk action with this address, if it is the caller's to see. Raises NotFound."""
    mine = BulkAction.objects.in_project(project).select_related(
        "created_by", "undone_by", "selection", "selection__changed_by"
    )
    found = mine.filter(uuid=uuid).first()
    if found is None or not may_undo(found, caller):
        raise NotFound("there is no such bulk action in this project")
    found.project = found.selection.project = project
    return found


def listed(
    project: Project, *, caller: Caller, before: int | None = None, limit: int = 50
) -> list[BulkAction]:
    """The newest bulk actions: one's own; for owners of the project everybody's."""
    actions = BulkAction.objects.in_project(project).select_related(
        "created_by", "undone_by", "selection", "selection__changed_by"
    )
    if not caller.may(MANAGE, project):
        actions = actions.filter(created_by=caller.user)
    if before is not None:
        actions = actions.filter(id__lt=before)
    found = list(actions.newest_first()[:limit])
    for action in found:
        action.project = action.selection.project = project
    return found


def of_selection(selection: Selection) -> list[BulkAction]:
    """The newest bulk actions on a selection, whoever did them."""
    actions = BulkAction.objects.in_project(selection.project).filter(selection=selection)
    found = list(actions.select_related("created_by", "undone_by").newest_first()[:20])
    for action in found:
        action.project, action.selection = selection.project, selection
    return found


def last_of(
    project: Project, *, caller: Caller, since: datetime | None = None
) -> BulkAction | None:
    """The caller's last bulk action that can be undone, begun after `since`."""
    mine = BulkAction.objects.in_project(project).filter(created_by=caller.user, undone_at=None)
    if since is not None:
        mine = mine.filter(created_at__gt=since)
    return next((action for action in mine.newest_first()[:20] if can_be_undone(action)), None)


def sentence(action: BulkAction) -> str:
    """What is done, in words."""
    return kind_of(action).sentence(action.arguments)


def result(action: BulkAction) -> str:
    """What was done, as a sentence with the number of interactions that changed."""
    done = kind_of(action).result(action.arguments, _interactions(action.changed))
    is_deleted = action.kind == BulkAction.Kind.DELETE
    unchanged = "under legal hold, or gone before" if is_deleted else "unchanged"
    rest = f"; {action.skipped:,} {unchanged}" if action.skipped else ""
    return f"{done}{rest}."


def undone_sentence(action: BulkAction) -> str:
    """What was undone, or is being undone, as a sentence."""
    if action.is_under_way:
        return f"{sentence(action)} is being undone."
    left = f"; {action.left:,} changed since and left alone" if action.left else ""
    done = kind_of(action).result(action.arguments, _interactions(action.undone))
    return f"Undone: {done[0].lower()}{done[1:]}{left}."


def _interactions(n: int) -> str:
    return f"{n:,} interaction{'' if n == 1 else 's'}"


def _total(selection: Selection) -> int | None:
    """The number of interactions in the selection; None when counting takes long."""
    try:
        with time_limit(_COUNT_LIMIT_MS):
            return selections.count(selection, is_exact=True).n
    except TookTooLong:
        return None
