"""Which records a filter leaves, by each condition, and what an address may say."""

import pytest
from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset
from interactions.services.datasets import edits, item_pages
from interactions.services.datasets.finding.item_filter import ItemFilter
from projects.models import User
from tests.interactions.services.datasets.finding.conftest import SESSION
from tests.interactions.services.datasets.making import draft_of

pytestmark = pytest.mark.django_db
NAMES = {1: "maple", 2: "oak", 3: "fern", 4: "moss"}


def found(dataset: Dataset, query: str) -> str:
    """The names of the records that the query string leaves, in order; as many as are counted."""
    where = ItemFilter.of(QueryDict(query))
    rows = item_pages.page(dataset, where=where).items
    assert item_pages.count(dataset, where=where) == (len(rows), True)
    return " ".join(NAMES[row.position] for row in rows)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("env:prod", "maple oak"),
        ("env:(prod OR dev) lang:*", "oak fern"),
        ("-env:prod", "fern moss"),
        ("label:lang", "oak fern"),
        ("model:llama", "oak"),
        ("model:none", "moss"),
        ("model:*", "maple oak fern"),
        ("feedback.helpful:yes", "maple"),
        ("feedback.helpful:no", "oak"),
        ("feedback.csat:>2", "maple"),
        ("feedback.csat:2..4.5", "maple oak"),
        ("feedback.csat:none", "fern moss"),
        ("feedback:*", "maple oak"),
        ("tokens:<9", "maple"),
        ("images:0", "maple oak fern moss"),
        (f"session:{SESSION}", "maple"),
        ("TREE", "maple oak"),
        ('"lives long"', "oak"),
        ('"old tree"', ""),
        ("completion:plant", "fern"),
        ("prompt:fern", "fern"),
        ("know", ""),
        ("text.system:know", "fern"),
        ("text.all:know OR prompt.all:oak", "oak fern"),
        (r'"\\"100 % green\\""', "moss"),
        ('text:="A tree."', "maple"),
        ('prompt:="What is moss?"', "moss"),
        ("compared:*", ""),
        ("env:prod tree -feedback.helpful:no", "maple"),
        ("NOT (env:* OR moss)", ""),
    ],
)
def test_a_query_asks_records_what_they_know(mixed: Dataset, query: str, names: str) -> None:
    asked = QueryDict(mutable=True)
    asked["q"] = query.replace("\\\\", "\\")
    assert found(mixed, asked.urlencode()) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("split=test", "oak"),
        ("edited=yes", "oak"),
        ("edited=no", "maple fern moss"),
        ("review=approved", "fern"),
        ("review=none", "maple oak"),
        ("review=included", "maple oak fern"),
        ("review=rejected", "moss"),
        ("review=none&q=env:prod&split=train", "maple"),
        ("", "maple oak fern moss"),
    ],
)
def test_parameters_ask_for_what_the_dataset_says(
    mixed: Dataset, bob: User, query: str, names: str
) -> None:
    rows = draft_of(mixed)
    edits.set_review(mixed, [rows[2].item], "approved", by=bob)
    edits.set_review(mixed, [rows[3].item], "rejected", by=bob)
    assert found(mixed, query) == names


def test_preferences_are_asked_for_both_answers(pairs: Dataset) -> None:
    asked = {
        "model:llama": 2, "model:gpt-4o": 2, "compared:better": 1, "compared:*": 2, "bush": 2,
        "model:mistral": 0,
    }  # fmt: skip
    for query, n in asked.items():
        assert item_pages.count(pairs, where=ItemFilter(query=query)) == (n, True), query


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("q=latency:>5s", "q", "does not keep its latency"),
        ("q=time:7d", "q", "does not keep its time"),
        ("q=via:live", "q", "does not keep where it came from"),
        ('q=feedback.helpful:(no by:"ann@maple.org")', "q", "not who gave it or why"),
        ("q=(env:prod", "q", "expected `)`"),
        ("split=x", "split", "expected one of train"),
        ("warning=x", "warning", "expected one of empty"),
        ("batch=-1", "batch", "expected a whole number"),
        ("edited=maybe", "edited", "expected one of yes, no"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_name(query: str, field: str, said: str) -> None:
    with pytest.raises(Invalid, match=".*") as caught:
        ItemFilter.of(QueryDict(query))
    assert caught.value.field == field and said in str(caught.value)


def test_a_filter_is_a_selection(mixed: Dataset, bob: User) -> None:
    edit = edits.set_review(mixed, ItemFilter(query="env:prod", edited=False), "approved", by=bob)
    assert edit.n == 1
    edits.remove(mixed, ItemFilter(query="moss"), by=bob)
    assert [row.review for row in draft_of(mixed)] == ["approved", "", ""]
