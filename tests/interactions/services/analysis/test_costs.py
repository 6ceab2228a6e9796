"""What interactions cost, as Python says it of one and SQL of many; and percentiles."""

from decimal import Decimal
from typing import Any

import pytest

from adaptive_site.lib.database.sql import fetch
from interactions.filters.conditions import HasLabel
from interactions.filters.tree import EVERYTHING, And
from interactions.services.analysis import costs, percentiles, sample_sizes
from interactions.services.analysis.percentiles import Percentiles
from interactions.services.browsing import list_rows
from projects.models import Llm, Project, ProjectLlm, TokenPrices
from tests import make

pytestmark = pytest.mark.django_db
PRICES = TokenPrices(Decimal("2.5"), Decimal(10), Decimal("0.625"))


def priced(project: Project, key: str = "gpt-4o", prices: TokenPrices = PRICES) -> Llm:
    """A model with prices in the project."""
    llm = make.make_llm(project, key)
    ProjectLlm.objects.in_project(project).filter(llm=llm).update(
        prompt_price=prices.prompt, completion_price=prices.completion, cached_price=prices.cached
    )
    return llm


def usage(prompt: int | None, completion: int | None, cached: object = None) -> dict[str, Any]:
    said: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": completion}
    if cached is not None:
        said["prompt_tokens_details"] = {"cached_tokens": cached}
    return {name: value for name, value in said.items() if value is not None}


@pytest.mark.parametrize(
    ("given", "cost"),
    [
        (usage(1000, 100), "0.0035"),
        (usage(1000, 100, 600), "0.002375"),  # 400 × 2.5 + 600 × 0.625 + 100 × 10, a millionth
        (usage(1000, 100, 5000), "0.001625"),  # more are not read than were sent
        (usage(1000, 100, "600"), "0.0035"),
        (usage(1000, 100, -1), "0.0035"),
        (usage(0, 0), "0"),
        (usage(1, 0), "0.0000025"),
        (usage(1000, None), None),
        (usage(None, 100), None),
        ({}, None),
    ],
)
def test_python_and_sql_say_the_same_cost(
    project: Project, given: dict[str, Any], cost: str | None
) -> None:
    one = make.make_interaction(project, llm=priced(project), usage=given)
    wanted = None if cost is None else Decimal(cost)
    assert costs.of_one(project, one) == wanted
    (row,) = list_rows.rows(project, [one.id])
    list_rows.add_costs(project, [row])
    assert row.interaction.cost == wanted
    query, _ = percentiles.matches_query(project, EVERYTHING, 10)
    assert fetch(query)[0][-2] == wanted


def test_cached_tokens_cost_what_others_do_without_a_price_of_their_own(project: Project) -> None:
    llm = priced(project, prices=TokenPrices(Decimal(1), Decimal(2)))
    one = make.make_interaction(project, llm=llm, usage=usage(1000, 10, 900))
    assert costs.of_one(project, one) == Decimal("0.00102")
    numbers, _ = percentiles.of_matches(project, EVERYTHING)
    assert numbers.cost == Decimal("0.00102")


def test_without_a_price_there_is_no_cost_and_none_is_summed(project: Project) -> None:
    free = priced(project, "free", TokenPrices(Decimal(0), Decimal(0)))
    for llm in (make.make_llm(project, "unpriced"), None):
        one = make.make_interaction(project, llm=llm, usage=usage(5, 5))
        assert costs.of_one(project, one) is None
    numbers, _ = percentiles.of_matches(project, EVERYTHING)
    assert (numbers.cost, numbers.priced) == (None, 0)
    make.make_interaction(project, llm=free, usage=usage(5, 5))
    numbers, _ = percentiles.of_matches(project, EVERYTHING)
    assert (numbers.cost, numbers.priced, numbers.of) == (Decimal(0), 1, 3)


def test_prices_of_another_project_do_not_count(project: Project) -> None:
    other = make.make_project("oak")
    llm = priced(other)
    one = make.make_interaction(project, llm=make.make_llm(project), usage=usage(5, 5))
    assert one.llm == llm
    assert costs.of_one(project, one) is None
    assert percentiles.of_matches(project, EVERYTHING)[0].cost is None


def test_percentiles_are_values_that_so_many_do_not_exceed(project: Project) -> None:
    for latency in range(1, 101):
        make.make_interaction(
            project,
            latency_ms=latency,
            usage=usage(latency, 1),
            labels={"half": "upper"} if latency > 50 else {},
        )
    make.make_interaction(project)
    numbers, is_cut = percentiles.of_matches(project, EVERYTHING)
    assert numbers.latency == Percentiles(100, 50, 95, 99)
    assert numbers.tokens == Percentiles(100, 51, 96, 100)
    assert (numbers.of, is_cut) == (101, False)
    numbers, _ = percentiles.of_matches(project, And((HasLabel("half", ("upper",)),)))
    assert numbers.latency == Percentiles(50, 75, 98, 100)
    nothing, _ = percentiles.of_matches(project, And((HasLabel("half", ("lower",)),)))
    assert (nothing.of, nothing.latency, nothing.tokens) == (0, None, None)


def test_a_sample_says_that_it_is_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_interactions(project, 6, latency_ms=5)
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 4)
    numbers, is_cut = percentiles.of_matches(project, EVERYTHING)
    assert (numbers.of, is_cut) == (4, True)
