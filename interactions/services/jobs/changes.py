"""Changes of datasets: those of few records at once, those of many by a job."""

from dataclasses import replace

from django.db import transaction

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, DatasetBatch, DatasetVersion, Job, UndoEntry
from interactions.services.datasets import batches, drafts, edit_words, edits, versions
from interactions.services.datasets.changing import change_job, undo_entries, version_job
from interactions.services.datasets.edit_words import REMOVED
from interactions.services.datasets.edits import Edit, Which
from interactions.services.datasets.finding.faults import FAULTS
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.jobs.begin import begin
from projects.models import User
from projects.services.access import EDIT_DATASETS, Caller

# Records that are changed, or frozen, while a person waits: measured in decision 090.
CHANGED_AT_ONCE = 2_000
FROZEN_AT_ONCE = 5_000


def change(dataset: Dataset, what: str, to: str | None, which: Which, *, by: User) -> Edit | Job:
    """Do what `edits.change` does; what a filter leaves, if it is much, by a job."""
    if not isinstance(which, ItemFilter):
        which = list(which)
        if len(which) > CHANGED_AT_ONCE:
            said = f"expected at most {CHANGED_AT_ONCE:,} ticked records, or all of a filter"
            raise Invalid(said, field="item")
        return edits.change(dataset, what, to, which, by=by)
    edits.check(what, to)
    n = _looked_at(dataset, which)
    if n <= CHANGED_AT_ONCE:
        return edits.change(dataset, what, to, which, by=by)
    asked = [f"“{one}”" for one in (which.query, FAULTS.get(which.fault, "")) if one]
    subject = f"the records with {' and '.join(asked)}" if asked else edit_words.counted(n)
    words = edit_words.to_do(what, to, subject)
    return _begin(dataset, words, by=by, what=what, to=to, where=which)


def undo(entry: UndoEntry, *, by: User) -> Edit | Job | int:
    """Undo a change of a dataset that is kept: at once, or by a job if it was of many records.

    The entry is gone then. An int is of how many records a batch was turned.
    """
    dataset = entry.dataset
    assert dataset is not None
    dataset.project = entry.project
    before = entry.before
    if before["what"] == undo_entries.TURNED_BATCH:
        batch = batches.known(dataset, before["batch"])
        done: Edit | Job | int = turn_batch(batch, by=by, entry=entry)
    elif before["n"] <= CHANGED_AT_ONCE:
        done = edits.undo(dataset, Edit.of(dataset, before), by=by)
    else:
        steps = Edit.of(dataset, before).steps
        words = f"Undo “{before['words']}”"
        done = _begin(dataset, words, by=by, what=before["what"], steps=steps, entry=entry)
    entry.delete()
    return done


def turn_batch(batch: DatasetBatch, *, by: User, entry: UndoEntry | None = None) -> int | Job:
    """Take a batch back, or put one back that was; `entry` is what is undone by that."""
    dataset, is_undone = batch.dataset, batch.undone_at is not None
    if entry is not None:
        batches.check(batch, is_undone=entry.before["undone"])
    if is_undone:
        steps = [(None, REMOVED, batches.taken_out(batch))]
        if batch.records > CHANGED_AT_ONCE:
            words = f"Put a batch of {edit_words.counted(batch.records)} back"
            return _begin(
                dataset, words, by=by, what=REMOVED, steps=steps, batch=batch.id, entry=entry
            )
        return batches.redo(batch, by=by, is_undoing=entry is not None)
    if batch.records > CHANGED_AT_ONCE:
        words = f"Take a batch of {edit_words.counted(batch.records)} back"
        where = ItemFilter(batch=batch.id)
        return _begin(
            dataset, words, by=by, what=REMOVED, to=REMOVED, where=where, batch=batch.id,
            entry=entry,
        )  # fmt: skip
    return batches.undo(batch, by=by, is_undoing=entry is not None)


@transaction.atomic
def make_version(dataset: Dataset, *, by: User, note: str = "") -> DatasetVersion | Job:
    """Freeze the draft as `versions.make` does, many records by a job."""
    if dataset.records <= FROZEN_AT_ONCE:
        return versions.make(dataset, by=by, note=note)
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    locked = drafts.lock(dataset)
    drafts.check_idle(locked)
    if locked.head and not versions.is_changed(locked):
        raise Invalid(f"nothing has changed since version {locked.head}")
    arguments = version_job.arguments(locked, note)
    return begin(dataset.project, Job.Kind.VERSION, arguments, caller=Caller(by))


@transaction.atomic
def _begin(dataset: Dataset, words: str, *, by: User, **asked: object) -> Job:
    """Begin the job. The dataset is locked, so that whoever changes it has ended, or will see it.

    Raises Forbidden to who may not write, and Invalid while another job is at the dataset.
    """
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    drafts.check_idle(drafts.lock(dataset))
    arguments = change_job.arguments(dataset, words, **asked)  # type: ignore[arg-type]
    return begin(dataset.project, Job.Kind.CHANGE, arguments, caller=Caller(by))


def _looked_at(dataset: Dataset, where: ItemFilter) -> int:
    """How many records a change goes through; of a query or a warning more than have it, since the
    looking takes its time too.
    """
    test = replace(where, query="", fault="").test()
    ((n,),) = fetch(
        Sql(
            "SELECT count(*) FROM dataset_item WHERE project_id = %s AND dataset_id = %s"
            f" AND until IS NULL AND {test.text}",
            (dataset.project_id, dataset.id, *test.params),
        )
    )
    return int(n)
