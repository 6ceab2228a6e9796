"""How long the newest matches of a filter took, how many tokens they hold, and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.filters.tree import Tree
from interactions.services.analysis.costs import COST_COLUMNS, cost_of, joined_prices
from interactions.services.analysis.sample_sizes import columns_of, counted_of
from projects.models import Project

RANKS = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The values that 50, 95 and 99 % of `n` numbers do not exceed; each is one of them."""

    n: int
    p50: int
    p95: int
    p99: int


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """Latency (ms), tokens and cost (US dollars) of `of` interactions; None where none has any.

    `priced` of them have a cost.
    """

    of: int
    latency: Percentiles | None
    tokens: Percentiles | None
    cost: Decimal | None
    priced: int


NUMBER_COLUMNS = f"latency_ms, {COST_COLUMNS}"


def figures_of(row: str) -> str:
    """The columns of `read_numbers` as SQL over rows `row`, joined with their prices."""
    tokens = f"{row}.prompt_tokens::bigint + {row}.completion_tokens"
    ranks = f"ARRAY{list(RANKS)}"
    return (
        f"count(*), count({row}.latency_ms),"
        f" percentile_disc({ranks}) WITHIN GROUP (ORDER BY {row}.latency_ms),"
        f" count({tokens}), percentile_disc({ranks}) WITHIN GROUP (ORDER BY {tokens}),"
        f" sum({cost_of(row)}), count({cost_of(row)})"
    )


def read_numbers(found: Sequence[Any]) -> RowNumbers:
    """What `figures_of` selected."""
    of, timed, latency, counted, tokens, cost, priced = found
    return RowNumbers(of, _ranked(timed, latency), _ranked(counted, tokens), cost, priced)


def _ranked(n: int, values: Sequence[int] | None) -> Percentiles | None:
    return Percentiles(n, *values) if n and values is not None else None


def of_matches(project: Project, tree: Tree) -> tuple[RowNumbers, bool]:
    """The numbers of the newest matches, and whether there may be older ones, which do not count.

    Raises TookTooLong.
    """
    query, cap = matches_query(project, tree, counted_of(project, tree))
    ((*found,),) = fetch(query)
    numbers = read_numbers(found)
    return numbers, cap is not None and numbers.of >= cap


def matches_query(project: Project, tree: Tree, cap: int) -> tuple[Sql, int | None]:
    """The numbers of the newest `cap` matches as a query, and how many these are at most."""
    rows, cap_of_text = columns_of(project, tree, NUMBER_COLUMNS, cap)
    prices = joined_prices(project, "w")
    text = f"SELECT {figures_of('w')} FROM ({rows.text}) w{prices.text}"
    return Sql(text, (*rows.params, *prices.params)), cap_of_text
