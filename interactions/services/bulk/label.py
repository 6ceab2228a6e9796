"""Setting one label on many interactions, or taking a key away from them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid
from interactions.models import BulkAction
from interactions.services.bulk import undo_log
from interactions.services.bulk.preview import Preview, Previewed
from interactions.services.editing.labels import LabelChange, change_together
from interactions.services.holds import held
from interactions.services.recording.drafts import MAX_LABELS, check_labels
from interactions.services.recording.labels import label_ids
from interactions.services.recording.masking import Masking
from projects.models import Project, User
from projects.services.access import LABEL, MANAGE, Caller

PERMISSION = LABEL
REQUIRED = "key"


def check(project: Project, given: Mapping[str, Any], *, caller: Caller) -> dict[str, Any]:
    """`key` and `value`; for taking a key away `value` is not there. Raises Invalid."""
    key = str(given.get("key", "")).strip()
    if not key:
        raise Invalid("expected a key, such as env", field="key")
    value = given.get("value")
    if "\0" in key + (value or ""):
        raise Invalid("expected text without the character NUL", field="key")
    try:
        check_labels({key: value or ""})
    except Invalid as error:
        name, _, message = str(error).partition(": ")
        raise Invalid(message, field="key" if name == "labels" else "value") from error
    if value is None:
        return {"key": key}
    ((key, value),) = Masking().labels(project, {key: str(value)}).items()
    return {"key": key, "value": value}


def preview(picked: Previewed, arguments: Mapping[str, Any], *, by: User) -> Preview:
    """How many have another value of the key, or this one."""
    seen = picked.preview()
    rows = fetch(
        Sql(
            "SELECT l.value, count(*) FROM (" + picked.rows.text + ") p"
            " JOIN interaction i ON i.id = p.id CROSS JOIN LATERAL unnest(i.label_ids) x(id)"
            " JOIN label l ON l.id = x.id AND l.key = %s WHERE i.project_id = %s"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
            (*picked.rows.params, arguments["key"], picked.project_id),
        )
    )
    seen.split([(value, n, value == arguments.get("value")) for value, n in rows])
    if "value" not in arguments:  # nothing has it afterwards; the rest is as it will be
        seen.same = seen.looked_at - seen.replaced
    return seen


def prepare(action: BulkAction) -> None:
    """Make the labels in a transaction of their own, so that no other writer waits for a piece."""
    _ids(action)


def sentence(arguments: Mapping[str, Any]) -> str:
    """What is done, in words."""
    if "value" in arguments:
        return f"Label {arguments['key']} = {arguments['value'] or '(empty)'}"
    return f"Remove label {arguments['key']}"


def result(arguments: Mapping[str, Any], counted: str) -> str:
    """What was done, in words."""
    if "value" in arguments:
        return f"{counted} labelled {arguments['key']}:{arguments['value'] or '(empty)'}"
    return f"Label {arguments['key']} removed from {counted}"


def do(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Give all of `ids` the label in place of any value it had; returns how many changed.

    One that has as many labels as there may be is left as it is, and one whose label is a legal
    hold, where who began this may not lift it.
    """
    key_id, after = _ids(action)
    rows = undo_log.lock(action, ids)
    had = _had(action, rows)
    holds = _holds(action, action.created_by)
    changed = [
        LabelChange(id, created_at, had.get(id), after)
        for id, (created_at, labels) in rows.items()
        if had.get(id) != after
        and not held.lifts(holds, key_id=key_id, before=had.get(id), after=after)
        and (id in had or after is None or len(labels) < MAX_LABELS)
    ]
    undo_log.keep(action, {one.id: {"label": one.before} for one in changed})
    change_together(action.project, changed, key_id=key_id)
    return len(changed)


def undo(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Put the label before back, where nobody has changed the label since."""
    key_id, after = _ids(action)
    rows = undo_log.lock(action, ids)
    had = _had(action, rows)
    before = undo_log.read(action, ids)
    holds = _holds(action, action.undone_by or action.created_by)
    changed = [
        LabelChange(id, created_at, after, before[id]["label"])
        for id, (created_at, labels) in rows.items()
        if had.get(id) == after
        and not held.lifts(holds, key_id=key_id, before=after, after=before[id]["label"])
        and (after is not None or len(labels) < MAX_LABELS)
    ]
    change_together(action.project, changed, key_id=key_id)
    undo_log.forget(action, [one.id for one in changed])
    return len(changed)


def _holds(action: BulkAction, by: User) -> list[int]:
    """The labels that hold and that this person may not take away."""
    key = action.key if by.id == action.created_by_id else None
    may_lift = Caller(by, key).may(MANAGE, action.project)
    return [] if may_lift else held.held_labels(action.project)


def _ids(action: BulkAction) -> tuple[int, int | None]:
    """The label of the key alone, and the one to be set; None to take it away."""
    key, value = action.arguments["key"], action.arguments.get("value")
    found = label_ids(action.project, [(key, None)] + ([] if value is None else [(key, value)]))
    return found[key, None], None if value is None else found[key, value]


def _had(action: BulkAction, rows: undo_log.Locked) -> dict[UUID, int]:
    """The labels of the key that they have now."""
    carried = {label for _, labels in rows.values() for label in labels}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM label WHERE project_id = %s AND id = ANY(%s) AND key = %s",
            [action.project_id, list(carried), action.arguments["key"]],
        )
        of_key = {id for (id,) in cursor.fetchall()}
    return {id: label for id, (_, labels) in rows.items() for label in labels if label in of_key}
