"""Sorted pages, against sorting the same rows in plain Python."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest

from interactions.filters.conditions import HasLabel, HasSource
from interactions.filters.tree import EVERYTHING, And, Not, Tree
from interactions.models import Interaction
from interactions.services.analysis import sample_sizes, sorted_matches
from interactions.services.analysis.sorted_matches import RowNumber, RowOrder
from projects.models import Metric, Project, ProjectLlm, TokenPrices
from tests import make
from tests.interactions.evaluator import Fact, holds
from tests.interactions.worlds import World, make_world

pytestmark = pytest.mark.django_db
PRICES = {"gpt-4o": TokenPrices(Decimal("2.5"), Decimal(10), Decimal("1.25"))}
TREES: dict[str, Tree] = {
    "everything": EVERYTHING,
    "a label": And((HasLabel("env"),)),
    "not a source": And((Not(HasSource(("LIVE",))),)),
}
Number = float | Decimal | None


def tokens(fact: Fact) -> int | None:
    asked, said = fact.measures["prompt_tokens"], fact.measures["completion_tokens"]
    return None if asked is None or said is None else asked + said


def cost(fact: Fact) -> Decimal | None:
    prices, said = PRICES.get(fact.llm or ""), fact.measures
    if prices is None:
        return None
    return prices.cost(said["prompt_tokens"], said["completion_tokens"], None)


def most_or_least(key: str, *, most: bool) -> Callable[[Fact], Number]:
    def of(fact: Fact) -> Number:
        values = [given.value for given in fact.feedback if given.metric == key]
        return (max if most else min)(values, default=None)

    return of


def expected(world: World, tree: Tree, of: Callable[[Fact], Number], *, down: bool) -> list[UUID]:
    """By number, the newest of equal ones first, those without the number last."""
    facts = [fact for fact in world.facts if holds(tree, fact)]
    known = [(number, fact.id) for fact in facts if (number := of(fact)) is not None]
    known.sort(key=lambda one: one[1], reverse=True)
    known.sort(key=lambda one: one[0], reverse=down)
    return [id for _, id in known] + [fact.id for fact in facts if of(fact) is None]


def walked(project: Project, tree: Tree, order: RowOrder) -> list[UUID]:
    """All pages, forwards; each page back from the next is the one that led there."""
    page = sorted_matches.page(project, tree, order, limit=7)
    found = list(page.ids)
    while page.has_next:
        left = page.ids
        page = sorted_matches.page(project, tree, order, limit=7, after=left[-1])
        back = sorted_matches.page(project, tree, order, limit=7, before=page.ids[0])
        assert back.ids == left
        assert page.has_previous
        found += page.ids
    return found


def world_with_prices(seed: int) -> World:
    world = make_world(seed)
    for key, prices in PRICES.items():
        ProjectLlm.objects.in_project(world.project).filter(llm__key=key).update(
            prompt_price=prices.prompt,
            completion_price=prices.completion,
            cached_price=prices.cached,
        )
    return world


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("name", TREES)
def test_pages_are_what_plain_python_sorts(name: str, down: bool) -> None:
    for seed in (3, 4):
        world = world_with_prices(seed)
        metric = Metric.objects.in_project(world.project).get(key="csat")
        numbers: dict[RowNumber, Callable[[Fact], Number]] = {
            RowNumber.LATENCY: lambda fact: fact.measures["latency"],
            RowNumber.TTFT: lambda fact: fact.measures["ttft"],
            RowNumber.TOKENS: tokens,
            RowNumber.COST: cost,
            RowNumber.METRIC: most_or_least("csat", most=down),
        }
        for by, of in numbers.items():
            order = RowOrder(by, metric.id if by == RowNumber.METRIC else None, down)
            wanted = expected(world, TREES[name], of, down=down)
            assert walked(world.project, TREES[name], order) == wanted, (seed, by)
            page = sorted_matches.page(world.project, TREES[name], order, limit=7)
            facts = [fact for fact in world.facts if holds(TREES[name], fact)]
            assert page.of == len(facts)
            assert page.known == sum(of(fact) is not None for fact in facts)
            assert not page.is_cut


def test_only_the_newest_matches_are_sorted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = make.make_interactions(project, 12)
    for number, id in enumerate(ids):  # the oldest took longest
        Interaction.objects.in_project(project).with_ids([id]).update(latency_ms=1000 - number)
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 5)
    page = sorted_matches.page(project, EVERYTHING, RowOrder(RowNumber.LATENCY), limit=3)
    assert page.ids == ids[7:10]
    assert (page.of, page.is_cut, page.has_next) == (5, True, True)


def test_neighbours_are_those_of_the_order(project: Project) -> None:
    ids = [
        make.make_interaction(project, latency_ms=latency).id for latency in (5, None, 9, 7, None)
    ]
    order = RowOrder(RowNumber.LATENCY)
    assert sorted_matches.neighbours(project, EVERYTHING, order, ids[3]) == ([ids[0]], [ids[2]])
    assert sorted_matches.neighbours(project, EVERYTHING, order, ids[2]) == ([ids[3]], [])
    (nexts, _) = sorted_matches.neighbours(project, EVERYTHING, order, ids[0])
    assert nexts in ([ids[1]], [ids[4]])  # made within one millisecond, the newer id is first


def test_a_page_after_what_is_gone_is_empty(project: Project) -> None:
    make.make_interactions(project, 3)
    order = RowOrder(RowNumber.LATENCY)
    page = sorted_matches.page(project, EVERYTHING, order, limit=2, after=UUID(int=5))
    assert page.ids == []
    page = sorted_matches.page(project, EVERYTHING, order, limit=2, before=UUID(int=5))
    assert len(page.ids) == 2
