"""Records added to a dataset."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, DatasetImage, DatasetItem
from interactions.services.datasets import batches, edits, items, versions
from interactions.services.datasets.source import DatasetSource
from interactions.services.recording.log import prompt_hash
from interactions.services.training import from_interactions
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User
from tests import make
from tests.interactions.services.datasets.making import add, draft_of, make_dataset, record, texts


def test_records_come_back_as_they_went_in(project: Project, bob: User) -> None:
    given = [
        record(
            "a\tb\\n\n\u2028 ü",
            "1",
            labels={"a": "b"},
            metadata={"n": Decimal("18446744073709551616")},
        ),
        record("two", "", split="test", interaction_id=UUID(int=1), session_id="s"),
        record("three", "x", tools=[{"type": "function"}], feedback={"good": True, "score": 0.5}),
    ]
    dataset = make_dataset(project, bob, given)
    source = DatasetSource(dataset)
    assert list(source.records()) == given
    assert list(source.records(start=2)) == given[2:]
    assert list(source.records(start=3)) == []
    assert source.count() == dataset.records == 3
    first = draft_of(dataset)[0]
    assert (first.position, first.since, first.until, first.model) == (1, 1, None, "gpt-4o")
    assert first.prompt_hash == prompt_hash(given[0].messages)
    assert first.tokens > 0


def test_positions_go_on_after_the_last(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record("one"), record("two")])
    batch = add(dataset, [record("three")])
    assert [one.position for one in draft_of(dataset)] == [1, 2, 3]
    assert texts(dataset) == ["one", "two", "three"]
    assert batch.records == 1
    assert dataset.records == 3


def test_many_are_read_piece_by_piece(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record(str(n)) for n in range(1201)])
    said = [one.messages[0]["content"] for one in DatasetSource(dataset).records()]
    assert said == [str(n) for n in range(1201)]
    rest = DatasetSource(dataset).records(start=1000)
    assert next(rest).messages[0]["content"] == "1000"


def test_records_that_wait_for_review_are_not_in_files(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record("one")])
    add(dataset, [record("two")], review=DatasetItem.Review.WAITING)
    assert texts(dataset) == ["one"]
    assert dataset.records == 1
    assert len(draft_of(dataset)) == 2


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Dataset.Kind.PROMPT, record(), "records.2: expected no completion"),
        (Dataset.Kind.COMPLETION, record(answer=None), "records.2: expected a completion"),
        (Dataset.Kind.PREFERENCE, record(), "records.2: expected a preferred completion and"),
    ],
)
def test_a_record_of_another_kind_is_refused_and_nothing_is_added(
    project: Project, bob: User, kind: str, given: object, message: str
) -> None:
    fitting = {
        Dataset.Kind.PROMPT: record(answer=None),
        Dataset.Kind.COMPLETION: record(),
        Dataset.Kind.PREFERENCE: record(other=ModelAnswer("worse")),
    }
    dataset = make_dataset(project, bob, kind=kind)
    with pytest.raises(Invalid, match=message):
        add(dataset, [fitting[Dataset.Kind(kind)], given])  # type: ignore[list-item]
    assert draft_of(dataset) == []


def test_nul_is_replaced_and_a_backslash_before_u0000_is_not(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record("a\0b"), record("\\u0000")])
    assert texts(dataset) == ["a\ufffdb", "\\u0000"]
    assert draft_of(dataset)[0].prompt_hash == prompt_hash(record("a\ufffdb").messages)


@pytest.mark.usefixtures("empty_storage")
def test_images_are_held_but_not_those_of_other_projects(
    project: Project, bob: User, charlies_project: Project
) -> None:
    for place in (project, charlies_project):
        uri = make.data_uri(make.make_image(colour=(1, 2, place.id % 250)))
        one = make.make_interaction(place, messages=[make.image_message(uri, uri)])
        chosen = [from_interactions.Chosen(one.id)]
        (made,) = from_interactions.records(place, chosen, kind=Dataset.Kind.COMPLETION)
        dataset = make_dataset(project, bob, [made, made], key=place.key)
        held = DatasetImage.objects.filter(dataset=dataset)
        assert held.count() == (1 if place == project else 0)


def test_the_source_says_what_it_is(project: Project, bob: User) -> None:
    source = DatasetSource(make_dataset(project, bob))
    assert (source.kind, source.title) == (Dataset.Kind.COMPLETION, "Trees draft")
    assert source.project == project
    assert source.as_of and source.as_of <= datetime.now(UTC)


def test_a_version_is_read_from_any_place(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record(str(n)) for n in range(700)])
    edits.remove(dataset, [draft_of(dataset)[n].item for n in (3, 250, 699)], by=bob)
    versions.make(dataset, by=bob)
    whole = list(DatasetSource(dataset, 1).records())
    assert len(whole) == 697
    for start, stop in ((0, 5), (200, 210), (201, 450), (400, 402), (650, None), (697, None)):
        assert list(DatasetSource(dataset, 1).records(start=start, stop=stop)) == whole[start:stop]
    other = DatasetSource(dataset)
    edits.remove(dataset, [draft_of(dataset)[0].item], by=bob)
    assert list(other.records(start=300, stop=302)) == whole[301:303]


@pytest.mark.usefixtures("empty_storage")
def test_a_batch_that_is_given_up_leaves_no_image_that_it_alone_has(
    project: Project, bob: User
) -> None:
    made: list[TrainingRecord] = []
    for colour in ((1, 2, 3), (4, 5, 6)):
        uri = make.data_uri(make.make_image(colour=colour))
        one = make.make_interaction(project, messages=[make.image_message(uri)])
        chosen = [from_interactions.Chosen(one.id)]
        made += from_interactions.records(project, chosen, kind=Dataset.Kind.COMPLETION)
    dataset = make_dataset(project, bob, made[:1])
    held = DatasetImage.objects.filter(dataset=dataset)
    (before,) = held.values_list("image_id", flat=True)
    batch = batches.begin(dataset, "builder", by=bob)
    items.add(dataset, made, batch=batch)
    assert held.count() == 2
    batches.drop(batch)
    assert [one.image_id for one in held] == [before]
