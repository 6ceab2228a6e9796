"""The job that changes many records of a dataset: reviewed, moved, removed, batches turned, undone.

Records are taken in their order, some thousand at a time, so that each is changed once; what each
was before is kept as `edits.py` has it. A cancelled or failed job takes back what it has done.
"""

import time
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset, DatasetBatch, Job, UndoEntry
from interactions.services.datasets import batches, create, drafts, edit_words, edits, spans
from interactions.services.datasets.changing import undo_entries
from interactions.services.datasets.edits import Edit, Step
from interactions.services.datasets.finding.item_filter import ItemFilter
from projects.models import User
from projects.services.access import EDIT_DATASETS

PERMISSION = EDIT_DATASETS
CHANGING = "changing records"
RECORDS_AT_ONCE = 2_000
SECONDS_A_STEP = 1.0


def arguments(
    dataset: Dataset,
    words: str,
    *,
    what: str,
    to: str | None = None,
    where: ItemFilter | None = None,
    steps: list[Step] | None = None,
    batch: int | None = None,
    entry: UndoEntry | None = None,
) -> dict[str, Any]:
    """What a job is begun with: the records that `where` leaves are changed, or `steps` undone.

    `batch` is taken back or put back by it. `entry` is what is undone; it is written again when
    the job does not come to its end.
    """
    kept = None
    if entry is not None:
        kept = {
            "before": entry.before,
            "by": entry.created_by_id,
            "at": entry.created_at.isoformat(),
        }
    return {
        "dataset": str(dataset.id),
        "name": dataset.name,
        "words": words,
        "what": what,
        "to": to,
        "where": None if where is None else asdict(where),
        "steps": steps,
        "batch": batch,
        "entry": kept,
    }


def sentence(job: Job) -> str:
    """What is done, in words."""
    return f"{job.arguments['words']} in “{job.arguments['name']}”"


def step(job: Job) -> bool:
    """Change records for a second."""
    dataset = drafts.lock(_dataset(job))
    if not job.stage:
        drafts.check_idle(dataset, but=job)
        _forget_entry(job, dataset)
        if (batch := _batch(job, dataset)) is not None:
            batches.check(batch, is_undone=job.arguments["to"] is None)
        job.stage, job.total, job.done = CHANGING, _total(job, dataset), 0
        job.cursor = {"after": 0, "step": 0, "made": [], "n": 0}
        return False
    ends = time.monotonic() + SECONDS_A_STEP
    while _piece(job, dataset):
        if time.monotonic() > ends:
            return False
    _finish(job, dataset)
    return True


def cancelled(job: Job) -> None:
    """Take back what was changed so far."""
    _take_back(job)


def failed(job: Job) -> None:
    """Take back what was changed so far; tried again it begins anew."""
    _take_back(job)
    job.stage, job.cursor, job.done = "", {}, 0


def _total(job: Job, dataset: Dataset) -> int:
    """How many records are looked at."""
    if (steps := job.arguments["steps"]) is not None:
        return sum(b - a for _, _, some in steps for a, b in spans.ranges(some))
    test = _looked_at(job, dataset)
    query = f"SELECT count(*) FROM dataset_item WHERE project_id = %s AND {test.text}"
    ((n,),) = fetch(Sql(query, (dataset.project_id, *test.params)))
    return int(n)


def _looked_at(job: Job, dataset: Dataset) -> Sql:
    """The test of the rows that are gone through: all that the filter leaves, but for its
    query and warning, which are slow to look for.
    """
    where = replace(ItemFilter(**job.arguments["where"]), query="", fault="")
    return Sql("dataset_id = %s AND until IS NULL", (dataset.id,)) & where.test()


def _piece(job: Job, dataset: Dataset) -> bool:
    """Change the next records; returns whether there were any."""
    if job.arguments["steps"] is not None:
        return _undo_piece(job, dataset)
    asked, cursor = job.arguments, job.cursor
    test = _looked_at(job, dataset) & Sql("position > %s", (cursor["after"],))
    ((n, last),) = fetch(
        Sql(
            "SELECT count(*), max(position) FROM (SELECT position FROM dataset_item"
            f" WHERE project_id = %s AND {test.text} ORDER BY position LIMIT %s) m",
            (dataset.project_id, *test.params, RECORDS_AT_ONCE),
        )
    )
    if not n:
        return False
    these = Sql("position > %s AND position <= %s", (cursor["after"], last))
    where = ItemFilter(**asked["where"]).test() & these
    _note(job, edits.apply(dataset, asked["what"], asked["to"], where, by=job.created_by))
    job.cursor["after"] = last
    job.done += n
    return True


def _undo_piece(job: Job, dataset: Dataset) -> bool:
    """Undo the next records of the present step, or of the next one."""
    steps, cursor = job.arguments["steps"], job.cursor
    while cursor["step"] < len(steps):
        before, after, positions = steps[cursor["step"]]
        some, n = spans.first_of(positions, cursor["after"], RECORDS_AT_ONCE)
        if n:
            edit = Edit(dataset, job.arguments["what"], [(before, after, some)], n)
            _note(job, edits.take_back(dataset, edit, by=job.created_by))
            cursor["after"] = spans.ranges(some)[-1][1] - 1
            job.done += n
            return True
        cursor["step"], cursor["after"] = cursor["step"] + 1, 0
    return False


def _note(job: Job, edit: Edit) -> None:
    """Keep what the records were before, with that of the pieces before."""
    made = {(before, after): some for before, after, some in job.cursor["made"]}
    for before, after, some in edit.steps:
        made[before, after] = spans.joined(made.get((before, after), "{}"), some)
    job.cursor["made"] = [[before, after, some] for (before, after), some in made.items()]
    job.cursor["n"] += edit.n


def _made(job: Job, dataset: Dataset) -> Edit:
    made = [(before, after, some) for before, after, some in job.cursor["made"]]
    return Edit(dataset, job.arguments["what"], made, job.cursor["n"])


def _finish(job: Job, dataset: Dataset) -> None:
    edit, by = _made(job, dataset), job.created_by
    is_undoing = job.arguments["entry"] is not None
    batch = _batch(job, dataset)
    if batch is None:
        edits.told(dataset, dataset, edit, by, is_undoing=is_undoing)
    elif job.arguments["steps"] is None:
        positions = next((some for _, _, some in edit.steps), "{}")
        batches.mark_undone(batch, dataset, positions, edit.n, by=by, is_undoing=is_undoing)
    else:
        batches.mark_redone(batch, dataset, edit.n, by=by, is_undoing=is_undoing)
    job.result = {
        "dataset": str(dataset.id),
        "words": f"{_said(edit, batch, is_undoing=is_undoing)}.",
        "address": f"datasets/{dataset.key}/",
        "open": "Open the dataset",
    }
    job.cursor = {}


def _said(edit: Edit, batch: DatasetBatch | None, *, is_undoing: bool) -> str:
    if batch is not None:
        way = "Put" if batch.undone_at is None else "Took"
        return f"{way} {edit_words.counted(edit.n)} back"
    if not edit.n:
        return "Nothing had to be changed"
    return f"Undone for {edit_words.counted(edit.n)}" if is_undoing else edit.words


def _take_back(job: Job) -> None:
    """Undo what was done so far, and keep what was to be undone for another try."""
    dataset = _present(job)
    if dataset is None:
        return
    if job.cursor.get("made"):
        now = drafts.lock(dataset)
        edits.take_back(now, _made(job, now), by=job.created_by)
    job.cursor = {}
    if (kept := job.arguments["entry"]) is not None:
        by = User.objects.get(id=kept["by"])
        at = datetime.fromisoformat(kept["at"])
        undo_entries.keep(dataset, kept["before"], by=by, at=at)


def _forget_entry(job: Job, dataset: Dataset) -> None:
    """What is undone is not to be undone by `z` too; it is there again where the job had failed."""
    if (kept := job.arguments["entry"]) is not None:
        mine = UndoEntry.objects.in_project(job.project).filter(dataset=dataset)
        mine.filter(created_by=kept["by"], created_at=datetime.fromisoformat(kept["at"])).delete()


def _batch(job: Job, dataset: Dataset) -> DatasetBatch | None:
    """The batch that is turned, if one is."""
    id = job.arguments["batch"]
    return None if id is None else batches.known(dataset, id)


def _present(job: Job) -> Dataset | None:
    """The dataset, unless it was deleted meanwhile."""
    try:
        return _dataset(job)
    except NotFound:
        return None


def _dataset(job: Job) -> Dataset:
    return create.known(job.project, UUID(job.arguments["dataset"]))
