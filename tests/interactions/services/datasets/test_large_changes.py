"""Changes of many records: jobs in pieces, once each, cancelled, failed, undone."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.models import Dataset, DatasetItem, DatasetVersion, Job, UndoEntry
from interactions.services import undo
from interactions.services.datasets import batches, edits, growing, versions
from interactions.services.datasets.changing import change_job, version_job
from interactions.services.datasets.edits import Edit
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.jobs import changes, queue
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.services.datasets.making import add, draft_of, make_dataset, record, texts

APPROVED, REJECTED = DatasetItem.Review.APPROVED, DatasetItem.Review.REJECTED


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four records are many; two are changed at once, and one piece a step."""
    monkeypatch.setattr(changes, "CHANGED_AT_ONCE", 3)
    monkeypatch.setattr(changes, "FROZEN_AT_ONCE", 3)
    monkeypatch.setattr(change_job, "RECORDS_AT_ONCE", 2)
    monkeypatch.setattr(change_job, "SECONDS_A_STEP", 0.0)
    monkeypatch.setattr(versions, "READ_AT_ONCE", 2)


@pytest.fixture
def dataset(project: Project, bob: User) -> Dataset:
    return make_dataset(project, bob, [record(f"number {n}") for n in range(1, 6)])


def reviews(dataset: Dataset) -> list[str]:
    return [one.review for one in draft_of(dataset)]


def approve(dataset: Dataset, by: User, **where: str) -> Job:
    job = changes.change(dataset, "review", APPROVED, ItemFilter(**where), by=by)  # type: ignore[arg-type]
    assert isinstance(job, Job)
    return job


def now(job: Job) -> Job:
    found = Job.objects.in_project(job.project).get(id=job.id)
    found.project = job.project
    return found


def steps(job: Job, n: int) -> None:
    for _ in range(n):
        Job.objects.under_way().update(next_at=datetime.now(UTC))
        assert queue.do_some() == 1


def test_few_records_are_changed_at_once(dataset: Dataset, bob: User) -> None:
    edits.set_split(dataset, [draft_of(dataset)[0].item], "test", by=bob)
    done = changes.change(dataset, "review", APPROVED, ItemFilter(split="test"), by=bob)
    assert isinstance(done, Edit)
    assert (done.n, done.words) == (1, "Approved 1 record")
    assert not Job.objects.exists()


def test_many_are_changed_by_a_job_in_pieces_with_progress(dataset: Dataset, bob: User) -> None:
    edits.set_review(dataset, [draft_of(dataset)[2].item], REJECTED, by=bob)
    dataset.refresh_from_db()
    job = approve(dataset, bob)
    assert change_job.sentence(job) == "Approve 5 records in “Trees”"
    assert reviews(dataset) == ["", "", "rejected", "", ""]
    steps(job, 2)
    assert (now(job).done, now(job).total) == (2, 5)
    assert reviews(dataset) == ["approved", "approved", "rejected", "", ""]
    job = queue.do_all(now(job))
    assert (job.state, job.error, job.result["words"]) == ("done", "", "Approved 5 records.")
    assert reviews(dataset) == ["approved"] * 5
    dataset.refresh_from_db()
    assert dataset.records == 5
    undone = undo.undo_last(dataset.project, caller=Caller(bob))
    assert undone and undone.job
    assert undone.words == "Being undone in “Trees”: approved 5 records."
    assert queue.do_all(undone.job).result["words"] == "Undone for 5 records."
    assert reviews(dataset) == ["", "", "rejected", "", ""]
    undone = undo.undo_last(dataset.project, caller=Caller(bob))
    assert undone and undone.words == "Undone in “Trees”: rejected record 3."
    assert undo.undo_last(dataset.project, caller=Caller(bob)) is None


def test_a_text_is_looked_for_by_the_job_alone(dataset: Dataset, bob: User) -> None:
    job = queue.do_all(approve(dataset, bob, query="number 4"))
    assert job.result["words"] == "Approved 1 record."
    assert reviews(dataset) == ["", "", "", "approved", ""]


def test_so_is_a_warning(dataset: Dataset, bob: User) -> None:
    edits.correct(dataset, draft_of(dataset)[1].item, "number 2: ann@maple.io", by=bob)
    job = approve(dataset, bob, query="number", fault="email")
    said = "Approve the records with “number” and “e-mail addresses” in “Trees”"
    assert change_job.sentence(job) == said
    job = queue.do_all(job)
    assert (job.total, job.result["words"]) == (5, "Approved 1 record.")
    assert reviews(dataset) == ["", "approved", "", "", ""]


def test_a_step_that_fails_is_done_again_and_nothing_twice(dataset: Dataset, bob: User) -> None:
    versions.make(dataset, by=bob)
    job = approve(dataset, bob)
    steps(job, 2)
    with patch.object(edits, "apply", side_effect=OSError("gone")):
        steps(job, 1)
    assert "OSError" in now(job).error
    queue.do_all(now(job))
    assert reviews(dataset) == ["approved"] * 5
    assert DatasetItem.objects.filter(dataset=dataset).count() == 10  # of each one copy
    assert UndoEntry.objects.count() == 1


def test_a_cancelled_change_leaves_all_as_it_was(dataset: Dataset, bob: User) -> None:
    job = approve(dataset, bob)
    steps(job, 2)
    undone = undo.undo_last(dataset.project, caller=Caller(bob))  # what z does meanwhile
    assert undone and undone.words == "Being cancelled: Approve 5 records in “Trees”."
    assert queue.do_all(now(job)).state == Job.State.CANCELLED
    assert reviews(dataset) == [""] * 5
    assert not UndoEntry.objects.exists()


def test_a_cancelled_undoing_can_be_undone_once_more(dataset: Dataset, bob: User) -> None:
    queue.do_all(approve(dataset, bob))
    undone = undo.undo_last(dataset.project, caller=Caller(bob))
    assert undone and undone.job
    steps(undone.job, 2)
    queue.cancel(undone.job, by=bob)
    queue.do_all(now(undone.job))
    assert reviews(dataset) == ["approved"] * 5
    again = undo.undo_last(dataset.project, caller=Caller(bob))
    assert again and again.job
    queue.do_all(again.job)
    assert reviews(dataset) == [""] * 5


def test_the_right_is_looked_for_at_every_step(dataset: Dataset, bob: User) -> None:
    job = approve(dataset, bob)
    steps(job, 2)
    User.objects.filter(id=bob.id).update(is_active=False)
    job = queue.do_all(now(job))
    assert (job.state, reviews(dataset)) == (Job.State.FAILED, [""] * 5)


def test_what_may_not_be_done_is_not_begun(
    dataset: Dataset, project: Project, charlie: User, bob: User
) -> None:
    make.share(project, charlie, "viewer")
    with pytest.raises(Forbidden):
        approve(dataset, charlie)
    with pytest.raises(Forbidden):
        changes.make_version(dataset, by=charlie)
    with pytest.raises(Invalid, match="review: expected one of"):
        changes.change(dataset, "review", "maybe", ItemFilter(), by=bob)
    with pytest.raises(Invalid, match="item: expected at most 3"):
        changes.change(dataset, "review", APPROVED, [one.item for one in draft_of(dataset)], by=bob)
    assert not Job.objects.exists()


def test_while_many_are_changed_no_version_is_made_and_nothing_grows(
    dataset: Dataset, bob: User
) -> None:
    job = approve(dataset, bob)
    for act in (
        lambda: changes.make_version(dataset, by=bob),
        lambda: approve(dataset, bob),
        lambda: versions.make(dataset, by=bob),
        lambda: batches.undo(batches.of(dataset)[0], by=bob),
    ):
        with pytest.raises(Invalid, match="many records of this dataset are being changed"):
            act()
    Dataset.objects.update(grows_next_at=datetime.now(UTC), growth={})
    assert growing.grow_some() == 1  # which waits
    edits.set_split(dataset, [draft_of(dataset)[4].item], "test", by=bob)  # one record may change
    queue.do_all(job)
    assert draft_of(dataset)[4].split == "test"


def test_a_batch_is_taken_back_and_put_back_by_jobs(dataset: Dataset, bob: User) -> None:
    batch = add(dataset, [record(f"more {n}") for n in range(4)])
    edits.remove(dataset, [draft_of(dataset)[8].item], by=bob)
    dataset.refresh_from_db()
    batch = batches.known(dataset, batch.id)
    job = changes.turn_batch(batch, by=bob)
    assert isinstance(job, Job)
    assert queue.do_all(job).result["words"] == "Took 3 records back."
    assert len(draft_of(dataset)) == 5
    undone = undo.undo_last(dataset.project, caller=Caller(bob))
    assert undone and undone.job
    assert queue.do_all(undone.job).result["words"] == "Put 3 records back."
    assert len(draft_of(dataset)) == 8
    batch = batches.known(dataset, batch.id)
    assert (batch.undone_at, [step["step"] for step in batch.steps]) == (None, [])
    dataset.refresh_from_db()
    assert dataset.records == 8


def test_a_version_of_many_is_made_by_a_job_as_it_is_made_at_once(
    dataset: Dataset, project: Project, bob: User
) -> None:
    twin = make_dataset(project, bob, [record(f"number {n}") for n in range(1, 6)], name="Twin")
    job = changes.make_version(dataset, by=bob, note="first")
    assert isinstance(job, Job)
    steps(job, 1)
    with pytest.raises(Invalid, match="a version of this dataset is being made: wait"):
        edits.set_split(dataset, [draft_of(dataset)[0].item], "test", by=bob)
    job = queue.do_all(now(job))
    assert (job.state, job.error) == ("done", "")
    made = DatasetVersion.objects.get(dataset=dataset)
    assert (made.number, made.note, made.records) == (1, "first", 5)
    assert made.digest == versions.make(twin, by=bob).digest
    assert len(texts(dataset, 1)) == 5
    with pytest.raises(Invalid, match="nothing has changed since version 1"):
        dataset.refresh_from_db()
        changes.make_version(dataset, by=bob)


def test_a_cancelled_version_leaves_none(dataset: Dataset, bob: User) -> None:
    job = changes.make_version(dataset, by=bob)
    assert isinstance(job, Job)
    steps(job, 1)

    def cancel_then(at: Job) -> Dataset:
        queue.cancel(at, by=bob)  # after the step has begun
        return dataset

    with patch.object(version_job, "_dataset", cancel_then):
        steps(job, 1)
    assert queue.do_all(now(job)).state == Job.State.CANCELLED
    assert not DatasetVersion.objects.exists()
    edits.set_split(dataset, [draft_of(dataset)[0].item], "test", by=bob)
