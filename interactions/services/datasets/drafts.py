"""How the rows of a draft change, while those of versions stay as they were.

Whoever changes a dataset's rows has locked the dataset first, so no two do it at once, nor while
a version is made.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from adaptive_site.lib.database.sql import Sql, fetch, joined
from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Dataset, DatasetBatch, DatasetItem, Job
from projects.models import User

# Of a row that is copied, all but `id`, `since` and `until`.
COPIED = (
    "item", "project_id", "dataset_id", "batch_id", "position", "interaction_id", "other_id",
    "split", "review", "prompt_hash", "session_id", "answer_digest", "model", "tokens", "content",
    "correction", "changed_by_id", "changed_at",
)  # fmt: skip

FREEZING = "making the version"  # the stage of a job within which nothing may change
# What is said while a job of a kind is at a dataset.
BUSY = {
    Job.Kind.BUILD: "records are being added to this dataset",
    Job.Kind.UPLOAD: "records are being added to this dataset",
    Job.Kind.IMPORT: "records are being added to this dataset",
    Job.Kind.CHANGE: "many records of this dataset are being changed",
    Job.Kind.VERSION: "a version of this dataset is being made",
}


def lock(dataset: Dataset) -> Dataset:
    """The dataset as it is now, locked till the transaction ends. Raises NotFound if deleted."""
    mine = Dataset.objects.in_project(dataset.project).present().filter(id=dataset.id)
    found = mine.select_for_update().first()
    if found is None:
        raise NotFound("there is no such dataset in this project")
    found.project = dataset.project
    return found


def job_at(dataset: Dataset, *, but: Job | None = None) -> Job | None:
    """The job, another than `but`, that is adding or changing many records, or makes a version."""
    jobs = Job.objects.in_project(dataset.project).under_way().select_related("created_by")
    mine = jobs.filter(kind__in=BUSY, arguments__dataset=str(dataset.id))
    return (mine.exclude(id=but.id) if but else mine).order_by("id").first()


def check_idle(dataset: Dataset, *, but: Job | None = None) -> None:
    """Raise Invalid while a job, another than `but`, is adding or changing many records.

    Half of what comes in together is no version, cannot be taken back, and two jobs would not see
    each other's records.
    """
    if (job := job_at(dataset, but=but)) is not None:
        raise _busy(job)


def check_open(dataset: Dataset) -> None:
    """Raise Invalid while a version is made of the draft, in which nothing may change then."""
    job = job_at(dataset)
    if job is not None and (job.kind == Job.Kind.VERSION or job.stage == FREEZING):
        raise _busy(job)


def _busy(job: Job) -> Invalid:
    words = BUSY[Job.Kind(job.kind)]
    return Invalid(f"{words}: wait for that job, or cancel it", field="dataset")


def of_items(items: Iterable[UUID]) -> Sql:
    """The test whether a row is of one of these records."""
    return Sql("item = ANY(%s::uuid[])", (list(items),))


def of_batch(batch: DatasetBatch) -> Sql:
    """The test whether a row came in with the batch."""
    return Sql("batch_id = %s", (batch.id,))


def values(dataset: Dataset, test: Sql, column: str) -> list[tuple[int, Any]]:
    """Position and value of each row of the draft that passes."""
    where = _draft(dataset) & test
    query = f"SELECT position, {column} FROM dataset_item WHERE project_id = %s AND {where.text}"
    return [
        (position, value)
        for position, value in fetch(Sql(query, (dataset.project_id, *where.params)))
    ]


def close(dataset: Dataset, test: Sql) -> list[int]:
    """Take rows out of the draft; returns their positions."""
    where = _draft(dataset) & test
    found = fetch(
        Sql(
            f"UPDATE dataset_item SET until = %s WHERE project_id = %s AND {where.text}"
            " RETURNING position, review",
            (dataset.draft, dataset.project_id, *where.params),
        )
    )
    count(dataset, -_included(review for _, review in found))
    return [position for position, _ in found]


def reopen(dataset: Dataset, test: Sql, *, by: User) -> list[int]:
    """Put back what was taken out of the draft, as it was last; returns the positions."""
    project = dataset.project_id
    latest = Sql("dataset_id = %s", (dataset.id,)) & test
    last = (
        "last AS (SELECT DISTINCT ON (item) id, until FROM dataset_item"
        f" WHERE project_id = %s AND {latest.text} ORDER BY item, id DESC)"
    )
    same = Sql(
        f"WITH {last} UPDATE dataset_item SET until = NULL WHERE project_id = %s"
        " AND id IN (SELECT id FROM last WHERE until = %s) RETURNING position, review",
        (project, *latest.params, project, dataset.draft),
    )
    anew = {"changed_by_id": by.id, "changed_at": datetime.now(UTC)}
    selected, params = _selected(anew)
    copy = Sql(
        f"WITH {last} INSERT INTO dataset_item ({', '.join(COPIED)}, since)"
        f" SELECT {selected}, %s FROM dataset_item"
        " WHERE project_id = %s AND id IN (SELECT id FROM last WHERE until < %s)"
        " RETURNING position, review",
        (project, *latest.params, *params, dataset.draft, project, dataset.draft),
    )
    found = fetch(copy) + fetch(same)  # in this order: what is put back first is no copy's source
    count(dataset, _included(review for _, review in found))
    return [position for position, _ in found]


def change(dataset: Dataset, test: Sql, to: Mapping[str, Any], *, by: User) -> int:
    """Give the rows of the draft that pass other values; returns how many these are."""
    to = {**to, "changed_by_id": by.id, "changed_at": datetime.now(UTC)}
    where = _draft(dataset) & test
    if "review" in to:
        before = _included(review for _, review in values(dataset, test, "review"))
    given = joined((Sql(f"{name} = %s", (value,)) for name, value in to.items()), ", ")
    # First those of this draft: what takes the place of others is of this draft as well.
    updated = fetch(
        Sql(
            f"UPDATE dataset_item SET {given.text} WHERE project_id = %s AND {where.text}"
            " AND since = %s RETURNING id",
            (*given.params, dataset.project_id, *where.params, dataset.draft),
        )
    )
    selected, params = _selected(to)
    ends = (dataset.draft, dataset.project_id, *where.params, dataset.draft)
    copied = fetch(
        Sql(
            "WITH old AS (UPDATE dataset_item SET until = %s"
            f" WHERE project_id = %s AND {where.text} AND since < %s RETURNING *)"
            f" INSERT INTO dataset_item ({', '.join(COPIED)}, since)"
            f" SELECT {selected}, %s FROM old RETURNING id",
            (*ends, *params, dataset.draft),
        )
    )
    n = len(copied) + len(updated)
    if "review" in to:
        count(dataset, (n if to["review"] in DatasetItem.INCLUDED else 0) - before)
    return n


def count(dataset: Dataset, more: int) -> None:
    """Count so many more records of the draft that are in files."""
    if more:
        mine = Dataset.objects.in_project(dataset.project).filter(id=dataset.id)
        mine.update(records=F("records") + more)
        dataset.records += more


def _draft(dataset: Dataset) -> Sql:
    """The test whether a row is of the draft, but for the project."""
    return Sql("dataset_id = %s AND until IS NULL", (dataset.id,))


def _selected(to: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
    """The columns of a copy, with some values given anew, and those values."""
    types = {"changed_at": "timestamptz", "correction": "text"}
    names = [
        f"%s::{types[n]}" if n in to and n in types else "%s" if n in to else n for n in COPIED
    ]
    return ", ".join(names), [to[name] for name in COPIED if name in to]


def _included(reviews: Iterable[str]) -> int:
    return sum(review in DatasetItem.INCLUDED for review in reviews)
