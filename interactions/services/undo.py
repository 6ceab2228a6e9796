"""Undoing the last thing a person changed on the site: a label, feedback, records of a dataset, or
a bulk action.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.filters import feedback_text
from interactions.models import BulkAction, Feedback, Interaction, Job, Label, UndoEntry
from interactions.services.bulk import actions as bulk_actions
from interactions.services.datasets.changing import change_job
from interactions.services.editing import labels
from interactions.services.jobs import changes, queue
from interactions.services.judging import feedback
from projects.models import Metric, Project
from projects.services.access import EDIT_DATASETS, GIVE_FEEDBACK, LABEL, MANAGE, Caller


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone, as a sentence; with the bulk action or the job that may be under way."""

    words: str
    action: BulkAction | None = None
    job: Job | None = None
    entry: UndoEntry | None = None


def undo_last(project: Project, *, caller: Caller) -> Undone | None:
    """Undo the caller's last change in the project within a day; None when there is none.

    What is as it was before already, such as feedback withdrawn on the review page, is passed
    over. Raises Forbidden to whom the permission was taken since.
    """
    since = datetime.now(UTC) - UndoEntry.KEPT
    action = bulk_actions.last_of(project, caller=caller, since=since)
    job = _running(project, caller)
    while True:  # each time one entry fewer
        with transaction.atomic():
            began = [one.created_at for one in (action, job) if one is not None]
            entry = _newest(project, caller, since=max(began, default=since))
            if entry is None:
                break
            undone = _undo(entry, caller)
        if undone is not None:
            return undone
    if job is not None and (action is None or job.created_at > action.created_at):
        queue.cancel(job, by=caller.user)
        return Undone(f"Being cancelled: {change_job.sentence(job)}.", job=job)
    return _of_bulk_action(action, caller) if action else None


def _running(project: Project, caller: Caller) -> Job | None:
    """The caller's newest change of many records of a dataset that is under way, not an undoing."""
    mine = Job.objects.in_project(project).under_way().filter(kind=Job.Kind.CHANGE)
    mine = mine.filter(created_by=caller.user, cancelled_by=None, arguments__entry=None)
    found = mine.newest_first().first()
    if found is not None:
        found.project = project
    return found


@transaction.atomic
def undo_entry(project: Project, id: int, *, caller: Caller) -> Undone:
    """Undo one change of the caller's that is kept. Raises NotFound when it is not, any more."""
    mine = UndoEntry.objects.in_project(project).filter(created_by=caller.user, id=id)
    entry = mine.select_for_update(of=("self",)).first()
    if entry is None:
        raise NotFound("this was undone already, or is too old to be undone")
    entry.project = project
    return _undo(entry, caller) or Undone("Nothing was undone: it is as it was before already.")


def _undo(entry: UndoEntry, caller: Caller) -> Undone | None:
    """Undo what is kept and forget it; None when there is nothing to do."""
    if entry.kind == UndoEntry.Kind.DATASET:
        return _of_dataset(entry, caller)
    words = _UNDO[UndoEntry.Kind(entry.kind)](entry, caller)
    entry.delete()
    return Undone(words) if words else None


def _of_dataset(entry: UndoEntry, caller: Caller) -> Undone | None:
    """Undo a change of a dataset's records, many of them by a job; what came after it stays."""
    caller.check_may(EDIT_DATASETS, entry.project)
    dataset, words = entry.dataset, entry.before["words"]
    if dataset is None or dataset.deleted_at is not None:
        entry.delete()
        return Undone("Nothing was undone: the dataset was deleted since.")
    done = changes.undo(entry, by=caller.user)
    lowered = words[:1].lower() + words[1:]
    if isinstance(done, Job):
        return Undone(f"Being undone in “{dataset.name}”: {lowered}.", job=done, entry=entry)
    n = done if isinstance(done, int) else done.n
    if not n:
        return Undone(f"Nothing was undone in “{dataset.name}”: it was changed since.", entry=entry)
    return Undone(f"Undone in “{dataset.name}”: {lowered}.", entry=entry)


def _newest(project: Project, caller: Caller, *, since: datetime) -> UndoEntry | None:
    """The caller's newest entry, locked; one that another request is undoing is passed over."""
    mine = UndoEntry.objects.in_project(project).filter(created_by=caller.user)
    newest = (
        mine.select_for_update(skip_locked=True, of=("self",))
        .order_by("-created_at", "-id")
        .first()
    )
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
    id = _interaction_of(entry)
    key, before, after = (entry.before[name] for name in ("key", "value", "after"))
    now = _label_of(entry.project, id, key)
    if now == before:
        return ""
    if now != after:
        return f"Nothing was undone: the label {key} was changed by somebody since."
    known = {"project": entry.project, "interaction_id": id, "key": key}
    may_lift = caller.may(MANAGE, entry.project)
    try:
        if before is None:
            labels.remove_label(**known, by=caller.user, may_lift=may_lift)
            return f"Undone: label {key}:{after or '(empty)'}."
        labels.set_label(**known, value=before, by=caller.user, may_lift=may_lift)
    except (Forbidden, Invalid, NotFound) as error:
        return f"Nothing was undone: {error}."
    return f"Undone: the label {key} is {before or '(empty)'} again."


def _interaction_of(entry: UndoEntry) -> UUID:
    assert entry.interaction_id is not None
    return entry.interaction_id


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
    id = _interaction_of(entry)
    said = []
    try:
        feedback.lock(project, id)  # first, as whoever gives feedback does
        if given is not None:
            if not Feedback.objects.in_project(project).filter(id=given).exists():
                return ""
            gone = feedback.withdraw(project, UUID(given), by=caller.user, any_author=False)
            said.append(f"feedback {feedback_text.with_metric(gone.metric, gone.value)}")
        back = feedback.put_back(project, id, rows, by=caller.user)
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
