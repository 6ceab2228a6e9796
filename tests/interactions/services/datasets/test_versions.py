"""Versions, what changed between them, and that none ever changes."""

import random
from collections.abc import Callable
from uuid import UUID

import pytest

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import batches, create, edits, figures, versions
from interactions.services.datasets.edits import Edit
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.source import DatasetSource
from interactions.services.datasets.version_diff import ChangeKind, diff
from interactions.services.training.record import TrainingRecord
from projects.models import Project, User
from tests.interactions.services.datasets.making import add, draft_of, make_dataset, record


@pytest.fixture
def dataset(project: Project, bob: User) -> Dataset:
    return make_dataset(project, bob, [record("one"), record("two"), record("three")])


def test_a_version_has_number_author_digest_and_figures(dataset: Dataset, bob: User) -> None:
    made = versions.make(dataset, by=bob, note=" first ")
    assert (made.number, made.records, made.note, made.created_by) == (1, 3, "first", bob)
    assert dataset.head == 1
    assert versions.digest_of(dataset, 1) == (3, made.digest)
    assert figures.of_version(versions.known(dataset, 1)) == figures.of(dataset, 1)
    assert versions.newest(dataset) == made
    source = DatasetSource(dataset, 1)
    assert (source.title, source.name) == ("Trees v1", "trees-v1")
    assert source.as_of == made.created_at
    assert source.count() == 3


def test_equal_records_have_one_digest(dataset: Dataset, project: Project, bob: User) -> None:
    other = make_dataset(project, bob, [record("one"), record("two"), record("three")])
    assert versions.digest_of(other) == versions.digest_of(dataset)
    edits.set_split(other, ItemFilter(), "test", by=bob)
    assert versions.digest_of(other) != versions.digest_of(dataset)


def test_a_version_without_a_change_is_refused(dataset: Dataset, bob: User) -> None:
    versions.make(dataset, by=bob)
    assert not versions.is_changed(dataset)
    with pytest.raises(Invalid, match="nothing has changed since version 1"):
        versions.make(dataset, by=bob)
    undo = edits.set_split(dataset, ItemFilter(), "test", by=bob)
    assert versions.is_changed(dataset)
    edits.undo(dataset, undo, by=bob)
    with pytest.raises(Invalid, match="nothing has changed since version 1"):
        versions.make(dataset, by=bob)


def test_of_nothing_there_is_no_version(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob)
    with pytest.raises(Invalid, match="there are no records"):
        versions.make(dataset, by=bob)
    with pytest.raises(NotFound, match="trees has no version 1"):
        DatasetSource(dataset, 1)
    with pytest.raises(NotFound, match="trees has no version 1"):
        versions.known(dataset, 1)


def test_a_deleted_dataset_has_no_new_version(dataset: Dataset, bob: User) -> None:
    create.delete(dataset, by=bob)
    with pytest.raises(NotFound):
        versions.make(dataset, by=bob)


def test_what_changed(dataset: Dataset, bob: User) -> None:
    versions.make(dataset, by=bob)
    one, two, three = (row.item for row in draft_of(dataset))
    edits.correct(dataset, one, "corrected", by=bob)
    edits.set_review(dataset, [two], DatasetItem.Review.REJECTED, by=bob)
    edits.set_review(dataset, [three], DatasetItem.Review.APPROVED, by=bob)  # in it all the same
    add(dataset, [record("four"), record("five")])
    found = diff(dataset, 1)
    assert found.counts == {
        ChangeKind.ADDED: 2, ChangeKind.REMOVED: 1, ChangeKind.CHANGED: 1
    }  # fmt: skip
    assert [(change.kind, change.position) for change in found.changes] == [
        ("changed", 1), ("removed", 2), ("added", 4), ("added", 5)
    ]  # fmt: skip
    changed = found.changes[0]
    assert changed.before and changed.after
    assert (changed.before.correction, changed.after.correction) == (None, "corrected")
    first = diff(dataset, 1, limit=3)
    assert first.next == 4
    assert [change.position for change in diff(dataset, 1, after=4).changes] == [5]
    assert diff(dataset, 1, kind=ChangeKind.REMOVED).changes[0].position == 2
    versions.make(dataset, by=bob)
    assert diff(dataset, 1, 2).counts == found.counts
    back = diff(dataset, 2, 1).counts
    assert (back[ChangeKind.ADDED], back[ChangeKind.REMOVED]) == (1, 2)
    assert diff(dataset, 0, 2).counts[ChangeKind.ADDED] == 4
    assert diff(dataset, 2).n == diff(dataset, 2, 2).n == 0
    with pytest.raises(NotFound):
        diff(dataset, 1, 7)


@pytest.mark.parametrize("seed", range(6))
def test_no_version_ever_changes(project: Project, bob: User, seed: int) -> None:
    """Whatever is done, each version's records and digest stay, and so does the count."""
    chance = random.Random(seed)
    dataset = make_dataset(project, bob, [record(str(n), id_of(n)) for n in range(8)])
    made: dict[int, tuple[str, list[TrainingRecord]]] = {}
    changed: list[Edit] = []

    def some() -> list[UUID]:
        rows = list(DatasetItem.objects.filter(dataset=dataset))
        return [one.item for one in chance.sample(rows, min(len(rows), 3))]

    def edit(change: Callable[[], edits.Edit]) -> None:
        changed.append(change())

    def freeze() -> None:
        try:
            version = versions.make(dataset, by=bob)
        except Invalid:
            return
        made[version.number] = (
            version.digest,
            list(DatasetSource(dataset, version.number).records()),
        )

    def correct() -> None:
        if rows := draft_of(dataset):
            text = chance.choice([None, "", "x", "y"])
            edit(lambda: edits.correct(dataset, chance.choice(rows).item, text, by=bob))

    def turn_batch() -> None:
        batch = chance.choice(batches.of(dataset))
        (batches.redo if batch.undone_at else batches.undo)(batch, by=bob)

    def undo() -> None:
        if changed:
            edit(lambda: edits.undo(dataset, chance.choice(changed), by=bob))

    acts = [
        lambda: edit(lambda: edits.set_review(dataset, some(), chance.choice(reviews), by=bob)),
        lambda: edit(lambda: edits.set_split(dataset, some(), chance.choice(splits), by=bob)),
        lambda: edit(lambda: edits.remove(dataset, some(), by=bob)),
        lambda: edit(lambda: edits.put_back(dataset, some(), by=bob)),
        lambda: add(dataset, [record("new", id_of(chance.random()))]),
        correct, turn_batch, undo, undo, freeze,
    ]  # fmt: skip
    reviews, splits = DatasetItem.Review.values, DatasetItem.Split.values
    for _ in range(60):
        chance.choice(acts)()
        dataset = create.known(project, dataset.id)
        assert dataset.records == len(list(DatasetSource(dataset).records()))
        rows = draft_of(dataset)
        assert len({row.item for row in rows}) == len({row.position for row in rows}) == len(rows)
    assert made
    for number, (digest, records) in made.items():
        assert versions.digest_of(dataset, number) == (len(records), digest)
        assert list(DatasetSource(dataset, number).records()) == records


def id_of(n: object) -> str:
    return f"answer {n}"
