"""Pages of items, and which items are asked for."""

from interactions.models import Dataset
from interactions.services.datasets import create, edits, item_pages, versions
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.editing import deletion
from interactions.services.training import from_interactions
from projects.models import Project, User
from tests import make
from tests.interactions.services.datasets.making import add, draft_of, make_dataset, record


def test_pages_of_items(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record(f"n{n:02}") for n in range(10)])
    first = item_pages.page(dataset, limit=4)
    assert [one.position for one in first.items] == [1, 2, 3, 4]
    assert (first.before, first.after) == (None, "4")
    second = item_pages.page(dataset, after="4", limit=4)
    assert ([one.position for one in second.items], second.before) == ([5, 6, 7, 8], "5")
    last = item_pages.page(dataset, after="8", limit=4)
    assert ([one.position for one in last.items], last.after) == ([9, 10], None)
    back = item_pages.page(dataset, before="9", limit=4)
    assert ([one.position for one in back.items], back.before, back.after) == (
        [5, 6, 7, 8],
        "5",
        "8",
    )
    start = item_pages.page(dataset, before="5", limit=4)
    assert ([one.position for one in start.items], start.before) == ([1, 2, 3, 4], None)
    assert item_pages.neighbours(first.items[0])[0] is None
    fourth, sixth = first.items[3].item, second.items[1].item
    assert item_pages.neighbours(second.items[0]) == (fourth, sixth)


def test_items_are_asked_for(project: Project, bob: User) -> None:
    dataset = make_dataset(project, bob, [record('say "é" 100%'), record("two", split="test")])
    batch = add(dataset, [record("three")], review="waiting")
    one, two, three = (row.item for row in draft_of(dataset))
    edits.correct(dataset, two, "An odd\nanswer", by=bob)

    def found(**asked: object) -> list[str]:
        where = ItemFilter(**asked)  # type: ignore[arg-type]
        rows = item_pages.page(dataset, where=where).items
        assert item_pages.count(dataset, where=where) == (len(rows), True)
        return [row.content["messages"][0]["content"][:5] for row in rows]

    assert found(query=r'"\"É\" 100%"') == ['say "']
    assert found(query='"odd\nANS"') == ["two"]
    assert found(query="1_0") == found(query="nothing") == []
    assert found(split="test") == found(edited=True) == ["two"]
    assert found(review="waiting") == found(batch=batch.id) == ["three"]
    assert found(review="included", edited=False) == ['say "']
    assert found(review="") == ['say "', "two"]
    assert item_pages.one(dataset, one).position == 1


def test_datasets_that_hold_an_interaction(
    project: Project, alice: User, bob: User, charlies_project: Project
) -> None:
    one = make.make_interaction(project)
    chosen = [from_interactions.Chosen(one.id)]
    made = list(from_interactions.records(project, chosen, kind=Dataset.Kind.COMPLETION))
    dataset = make_dataset(project, bob, made)
    gone = make_dataset(project, bob, made)
    assert item_pages.holding(project, one.id) == [dataset, gone]
    create.delete(gone, by=bob)
    assert item_pages.holding(project, one.id) == [dataset]
    assert item_pages.holding(charlies_project, one.id) == []
    items = draft_of(dataset)
    assert item_pages.still_there(project, items) == {one.id}
    assert item_pages.still_there(charlies_project, items) == set()
    deletion.delete(project, one.id, by=alice)
    assert item_pages.still_there(project, items) == set()
    assert draft_of(dataset)[0].content["answer"]["text"] == "A tree."
    edits.remove(dataset, [items[0].item], by=bob)
    assert item_pages.holding(project, one.id) == []


def test_datasets_that_hold_an_interaction_otherwise(
    project: Project, alice: User, bob: User
) -> None:
    better, worse = (make.make_interaction(project, completion=text) for text in ("a", "b"))
    pair = [from_interactions.Chosen(better.id, worse.id)]
    made = list(from_interactions.records(project, pair, kind=Dataset.Kind.PREFERENCE))
    pairs = make_dataset(project, bob, made, kind=Dataset.Kind.PREFERENCE)
    assert item_pages.holding(project, worse.id) == [pairs]
    versions.make(pairs, by=bob)
    edits.remove(pairs, ItemFilter(), by=bob)
    assert item_pages.holding(project, better.id) == [pairs]  # a version has it
    assert item_pages.still_there(project, list(item_pages.page(pairs, 1).items)) == {
        better.id, worse.id
    }  # fmt: skip
