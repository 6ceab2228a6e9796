"""Records in each order, page by page, onwards and back."""

import pytest

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset
from interactions.services.datasets import edits, item_pages
from interactions.services.datasets.finding.item_facets import facets
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.finding.item_order import ORDERS
from projects.models import Project, User
from tests.interactions.services.datasets.making import draft_of, make_dataset, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def lengths(project: Project, bob: User) -> Dataset:
    """Seven records, of which some are as long as others; the third was changed last."""
    made = make_dataset(project, bob, [record("Q" * n) for n in (40, 8, 400, 8, 80, 40, 8)])
    for at in (5, 2):
        edits.set_split(made, [draft_of(made)[at].item], "test", by=bob)
    return made


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("last", [7, 6, 5, 4, 3, 2, 1]),
        ("longest", [3, 5, 6, 1, 7, 4, 2]),
        ("shortest", [2, 4, 7, 1, 6, 5, 3]),
        ("changed", [3, 6, 7, 5, 4, 2, 1]),
    ],
)
def test_pages_of_an_order_join(lengths: Dataset, name: str, places: list[int]) -> None:
    order = ORDERS[name]
    seen, pages, place = [], [], ""
    while True:
        page = item_pages.page(lengths, order=order, after=place, limit=2)
        seen += page.items
        pages.append(page)
        if page.after is None:
            break
        place = page.after
    assert [one.position for one in seen] == places
    back = item_pages.page(lengths, order=order, before=pages[-1].before or "", limit=2)
    assert [one.position for one in back.items] == places[4:6]
    for at in (0, 3, 6):
        before, after = item_pages.neighbours(seen[at], order=order)
        assert before == (seen[at - 1].item if at else None)
        assert after == (seen[at + 1].item if at < 6 else None)


@pytest.mark.parametrize("place", ["x", "4.x", "4", "4.5.6", "-1.2", "9" * 19 + ".1"])
def test_a_place_that_is_none_is_told(place: str) -> None:
    with pytest.raises(Invalid, match="expected a whole number"):
        ORDERS["longest"].beyond(place, is_back=False)


def test_facets_count_what_the_filter_leaves(mixed: Dataset) -> None:
    found = facets(mixed, None, ItemFilter(query="env:*"))
    assert found.n == 3 and found.is_whole
    said = {(one.kind, one.key): one.top for one in found.facets}
    assert said == {
        ("model", ""): [("gpt-4o", 2), ("llama", 1)],
        ("metric", "csat"): [("2.0", 1), ("4.5", 1)],
        ("metric", "helpful"): [("false", 1), ("true", 1)],
        ("label", "env"): [("prod", 2), ("dev", 1)],
        ("label", "lang"): [("de", 1), ("fr", 1)],
    }
