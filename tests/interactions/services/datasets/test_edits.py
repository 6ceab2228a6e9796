"""What people change in a draft, and its undoing."""

from uuid import UUID, uuid4

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import batches, edits, item_pages, items, versions
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.source import DatasetSource
from interactions.services.training.record import ModelAnswer
from projects.models import Event, Project, User
from tests import make
from tests.interactions.services.datasets.making import add, draft_of, make_dataset, record, texts

REJECTED, APPROVED = DatasetItem.Review.REJECTED, DatasetItem.Review.APPROVED


@pytest.fixture
def dataset(project: Project, bob: User) -> Dataset:
    return make_dataset(project, bob, [record("one"), record("two"), record("three")])


def ids(dataset: Dataset, *numbers: int) -> list[UUID]:
    found = draft_of(dataset)
    return [found[n - 1].item for n in numbers]


def answers(dataset: Dataset, version: int | None = None) -> list[str]:
    return [one.answer.text for one in DatasetSource(dataset, version).records() if one.answer]


def test_a_rejected_record_is_in_no_file_until_that_is_undone(dataset: Dataset, bob: User) -> None:
    edit = edits.set_review(dataset, ids(dataset, 2), REJECTED, by=bob)
    assert texts(dataset) == ["one", "three"]
    assert (edit.n, dataset.records) == (1, 2)
    undone = edits.undo(dataset, edit, by=bob)
    assert texts(dataset) == ["one", "two", "three"]
    assert (undone.n, dataset.records) == (1, 3)
    edits.undo(dataset, undone, by=bob)
    assert texts(dataset) == ["one", "three"]
    item = draft_of(dataset)[1]
    assert (item.changed_by, item.review) == (bob, REJECTED)


def test_many_are_approved_by_a_filter_and_get_back_what_each_was(
    dataset: Dataset, bob: User
) -> None:
    edits.set_review(dataset, ids(dataset, 2), REJECTED, by=bob)
    edit = edits.set_review(dataset, ItemFilter(), APPROVED, by=bob)
    assert (edit.n, dataset.records) == (3, 3)
    assert edits.set_review(dataset, ItemFilter(), APPROVED, by=bob).n == 0
    edits.undo(dataset, edit, by=bob)
    assert [one.review for one in draft_of(dataset)] == ["", "rejected", ""]


def test_what_another_has_changed_since_is_left(dataset: Dataset, alice: User, bob: User) -> None:
    edit = edits.set_review(dataset, ids(dataset, 1, 2), REJECTED, by=bob)
    edits.set_review(dataset, ids(dataset, 1), APPROVED, by=alice)
    assert edits.undo(dataset, edit, by=bob).n == 1
    assert [one.review for one in draft_of(dataset)] == ["approved", "", ""]


def test_a_correction_stands_beside_the_original(dataset: Dataset, bob: User) -> None:
    (first,) = ids(dataset, 1)
    before = draft_of(dataset)[0].tokens
    edit = edits.correct(dataset, first, "A tall\r\ntree.", by=bob)
    row = draft_of(dataset)[0]
    assert answers(dataset)[0] == row.correction == "A tall\ntree."
    assert row.content["answer"]["text"] == "A tree."
    assert row.tokens > before
    edits.undo(dataset, edit, by=bob)
    row = draft_of(dataset)[0]
    assert (row.correction, row.tokens) == (None, before)
    assert edits.correct(dataset, first, "A tree.", by=bob).n == 0
    edits.correct(dataset, first, "", by=bob)
    assert answers(dataset)[0] == ""
    assert edits.correct(dataset, first, None, by=bob).n == 1


def test_of_a_preference_the_preferred_answer_is_corrected(project: Project, bob: User) -> None:
    pair = record("one", other=ModelAnswer("worse"))
    dataset = make_dataset(project, bob, [pair], kind=Dataset.Kind.PREFERENCE)
    edits.correct(dataset, ids(dataset, 1)[0], "best", by=bob)
    (made,) = DatasetSource(dataset).records()
    assert made.answer and made.other
    assert (made.answer.text, made.other.text) == ("best", "worse")


def test_a_prompt_has_nothing_to_correct(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record(answer=None)], kind=Dataset.Kind.PROMPT)
    with pytest.raises(Invalid, match="correction: there is no answer"):
        edits.correct(dataset, ids(dataset, 1)[0], "x", by=bob)
    with pytest.raises(NotFound):
        edits.correct(dataset, uuid4(), "x", by=bob)


def test_removed_and_put_back_in_its_place(dataset: Dataset, bob: User) -> None:
    (second,) = ids(dataset, 2)
    edit = edits.remove(dataset, [second], by=bob)
    assert texts(dataset) == ["one", "three"]
    assert dataset.records == 2
    gone = item_pages.page(dataset, where=ItemFilter(removed=True)).items
    assert [one.item for one in gone] == [second]
    with pytest.raises(NotFound, match="put it back first"):
        edits.correct(dataset, second, "x", by=bob)
    assert edits.put_back(dataset, [second], by=bob).n == 1
    assert edits.put_back(dataset, [second], by=bob).n == 0
    assert texts(dataset) == ["one", "two", "three"]
    assert edits.undo(dataset, edit, by=bob).n == 0  # it is there already
    assert dataset.records == 3


def test_versions_keep_what_the_draft_changes(dataset: Dataset, bob: User) -> None:
    versions.make(dataset, by=bob)
    one, two, three = ids(dataset, 1, 2, 3)
    corrected = edits.correct(dataset, one, "corrected", by=bob)
    edits.set_split(dataset, [one], "test", by=bob)
    removed = edits.remove(dataset, [two], by=bob)
    edits.set_review(dataset, [three], REJECTED, by=bob)
    assert texts(dataset, 1) == ["one", "two", "three"]
    assert answers(dataset, 1) == ["A tree."] * 3
    assert texts(dataset) == ["one"]
    assert len(item_pages.history(dataset, one)) == 2  # edits in one draft are one row
    made = versions.make(dataset, by=bob, note="fewer")
    assert (made.number, made.records) == (2, 1)
    assert edits.undo(dataset, removed, by=bob).n == 1
    assert edits.undo(dataset, corrected, by=bob).n == 1
    assert texts(dataset, 1) == ["one", "two", "three"]
    assert (texts(dataset, 2), answers(dataset, 2)) == (["one"], ["corrected"])
    assert (texts(dataset), answers(dataset)) == (["one", "two"], ["A tree."] * 2)
    assert dataset.records == 2


def test_a_batch_is_taken_back_as_a_whole_and_put_back(dataset: Dataset, bob: User) -> None:
    versions.make(dataset, by=bob)
    batch = add(dataset, [record("four"), record("five"), record("six")])
    edits.remove(dataset, ids(dataset, 5), by=bob)
    edits.correct(dataset, ids(dataset, 4)[0], "kept", by=bob)
    assert batches.undo(batch, by=bob) == 2
    assert texts(dataset) == ["one", "two", "three"]
    with pytest.raises(Invalid, match="taken back already"):
        batches.undo(batch, by=bob)
    assert batches.redo(batch, by=bob) == 2
    assert texts(dataset) == ["one", "two", "three", "four", "six"]
    assert answers(dataset)[3] == "kept"
    with pytest.raises(Invalid, match="not taken back"):
        batches.redo(batch, by=bob)


def test_a_batch_that_a_version_has_is_taken_out_of_the_draft_alone(
    dataset: Dataset, bob: User
) -> None:
    versions.make(dataset, by=bob)
    (batch,) = batches.of(dataset)
    assert batches.undo(batch, by=bob) == 3
    assert texts(dataset) == []
    assert len(texts(dataset, 1)) == 3
    empty = versions.make(dataset, by=bob)
    assert empty.records == 0
    assert batches.redo(batch, by=bob) == 3
    assert len(texts(dataset)) == 3
    assert texts(dataset, 2) == []


def test_a_batch_that_was_never_finished_is_dropped(dataset: Dataset, bob: User) -> None:
    batch = batches.begin(dataset, "builder", by=bob)
    items.add(dataset, [record("four")], batch=batch)
    batches.drop(batch)
    assert len(draft_of(dataset)) == 3
    assert len(batches.of(dataset)) == 1
    dataset.refresh_from_db()
    assert dataset.records == 3


def test_who_may_only_read_changes_nothing(
    dataset: Dataset, project: Project, charlie: User, bob: User
) -> None:
    edit = edits.set_split(dataset, ids(dataset, 1), "test", by=bob)
    make.share(project, charlie, "viewer")
    (batch,) = batches.of(dataset)
    some = ids(dataset, 1)
    for change in (
        lambda: edits.set_review(dataset, some, APPROVED, by=charlie),
        lambda: edits.set_split(dataset, some, "train", by=charlie),
        lambda: edits.correct(dataset, some[0], "x", by=charlie),
        lambda: edits.remove(dataset, some, by=charlie),
        lambda: edits.put_back(dataset, some, by=charlie),
        lambda: edits.undo(dataset, edit, by=charlie),
        lambda: batches.undo(batch, by=charlie),
        lambda: batches.redo(batch, by=charlie),
        lambda: batches.begin(dataset, "upload", by=charlie),
        lambda: versions.make(dataset, by=charlie),
    ):
        with pytest.raises(Forbidden):
            change()


def test_bad_values_are_named(dataset: Dataset, bob: User) -> None:
    with pytest.raises(Invalid, match="review: expected one of"):
        edits.set_review(dataset, ItemFilter(), "maybe", by=bob)
    with pytest.raises(Invalid, match="split: expected one of"):
        edits.set_split(dataset, ItemFilter(), "dev", by=bob)


def test_the_audit_log_says_what_was_done(dataset: Dataset, project: Project, bob: User) -> None:
    edits.set_review(dataset, ItemFilter(), APPROVED, by=bob)
    edits.set_review(dataset, ItemFilter(), APPROVED, by=bob)  # changes nothing
    told = Event.objects.filter(project=project, verb__startswith="dataset.items")
    assert [(one.verb, one.details) for one in told] == [
        ("dataset.items_reviewed", {"records": 3, "to": "approved"})
    ]
