"""Undoing the last thing a person changed on the site: a label, feedback, or a bulk action."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.filters import feedback_text
from interactions.models import BulkAction, Feedback, Interaction, Label, UndoEntry
from interactions.services.bulk import actions as bulk_actions
from interactions.services.editing import labels
from interactions.services.judging import feedback
from projects.models import Metric, Project
from projects.services.access import GIVE_FEEDBACK, LABEL, Caller


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone, as a sentence; of a bulk action with itself, which may be under way."""

    words: str
    action: BulkAction | None = None


def undo_last(project: Project, *, caller: Caller) -> Undone | None:
    """Undo the caller's last change in the project within a day; None when there is none.

    What is as it was before already, such as feedback withdrawn on the review page, is passed
    over. Raises Forbidden to whom the permission was taken since.
    """
    since = datetime.now(UTC) - UndoEntry.KEPT
    action = bulk_actions.last_of(project, caller=caller, since=since)
    while True:  # each time one entry fewer
        with transaction.atomic():
            entry = _newest(project, caller, since=action.created_at if action else since)
            if entry is None:
                break
            words = _UNDO[UndoEntry.Kind(entry.kind)](entry, caller)
            entry.delete()
        if words:
            return Undone(words)
    return _of_bulk_action(action, caller) if action else None


def _newest(project: Project, caller: Caller, *, since: datetime) -> UndoEntry | None:
    """The caller's newest entry, locked; one that another request is undoing is passed over."""
    mine = UndoEntry.objects.in_project(project).filter(created_by=caller.user)
    newest = mine.select_for_update(skip_locked=True, of=("self",)).order_by("-id").first()
    if newest is None or newest.created_at <= since:
        return None
    newest.project = project
    return newest


def _of_bulk_action(action: BulkAction, caller: Caller) -> Undone:
    undone = bulk_actions.undo(action, caller=caller)
    return Undone(bulk_actions.undone_sentence(undone), undone)


def _of_label(entry: UndoEntry, caller: Caller) -> str:
    """Put the label before back; "" when there is nothing to do."""
    caller.check_may(LABEL, entry.project)
    key, before, after = (entry.before[name] for name in ("key", "value", "after"))
    now = _label_of(entry.project, entry.interaction_id, key)
    if now == before:
        return ""
    if now != after:
        return f"Nothing was undone: the label {key} was changed by somebody since."
    known = {"project": entry.project, "interaction_id": entry.interaction_id, "key": key}
    try:
        if before is None:
            labels.remove_label(**known, by=caller.user)
            return f"Undone: label {key}:{after or '(empty)'}."
        labels.set_label(**known, value=before, by=caller.user)
    except (Invalid, NotFound) as error:
        return f"Nothing was undone: {error}."
    return f"Undone: the label {key} is {before or '(empty)'} again."


def _label_of(project: Project, id: UUID, key: str) -> str | None:
    """The value of a label of an interaction; None without one."""
    rows = Interaction.objects.in_project(project).with_ids([id]).values_list("label_ids")
    carried = [label for (ids,) in rows for label in ids]
    found = Label.objects.in_project(project).filter(id__in=carried, key=key, value__isnull=False)
    return found.values_list("value", flat=True).first()


def _of_feedback(entry: UndoEntry, caller: Caller) -> str:
    """Withdraw the value that came and put those back that went; "" when it is gone already."""
    project, given, rows = entry.project, entry.before["given"], entry.before["rows"]
    caller.check_may(GIVE_FEEDBACK, project)
    said = []
    try:
        feedback.lock(project, entry.interaction_id)  # first, as whoever gives feedback does
        if given is not None:
            if not Feedback.objects.in_project(project).filter(id=given).exists():
                return ""
            gone = feedback.withdraw(project, UUID(given), by=caller.user, any_author=False)
            said.append(f"feedback {feedback_text.with_metric(gone.metric, gone.value)}")
        back = feedback.put_back(project, entry.interaction_id, rows, by=caller.user)
    except NotFound:
        return "Nothing was undone: the interaction was deleted since."
    metrics = Metric.objects.in_project(project).in_bulk(one.metric_id for one in back)
    for one in back:
        text = feedback_text.with_metric(metrics[one.metric_id], one.value)
        said.append(f"{text} is there again")
    if not said:
        return "Nothing was undone: the author of this feedback has given a newer value."
    return f"Undone: {', '.join(said)}."


_UNDO: dict[UndoEntry.Kind, Callable[[UndoEntry, Caller], str]] = {
    UndoEntry.Kind.LABEL: _of_label,
    UndoEntry.Kind.FEEDBACK: _of_feedback,
}
