"""What interactions cost, in the prices of their project.

The arithmetic is `TokenPrices.cost`, and the same in SQL for sums and orders over many rows. An
interaction without counted tokens, or whose model has no price, has no cost, which is not zero.
"""

from collections.abc import Iterable
from decimal import Decimal

from adaptive_site.lib.database.sql import Sql
from interactions.models import Interaction
from projects.models import Project, ProjectLlm, TokenPrices

COST_COLUMNS = "llm_id, prompt_tokens, completion_tokens, cached_tokens"


def prices(project: Project, llm_keys: Iterable[str] | None = None) -> dict[str, TokenPrices]:
    """The prices of the project's models by key, of those that have some."""
    links = ProjectLlm.objects.in_project(project).exclude(prompt_price=None)
    if llm_keys is not None:
        links = links.filter(llm__key__in=set(llm_keys))
    return {link.llm.key: found for link in links.select_related("llm") if (found := link.prices)}


def of_one(project: Project, one: Interaction) -> Decimal | None:
    """What one interaction cost, in US dollars; None where that is not known."""
    if one.llm is None:
        return None
    found = prices(project, [one.llm.key]).get(one.llm.key)
    if found is None:
        return None
    return found.cost(one.prompt_tokens, one.completion_tokens, one.cached_tokens)


def joined_prices(project: Project, row: str) -> Sql:
    """A join that adds the prices `price` of the model of each `row`, which has `COST_COLUMNS`."""
    return Sql(
        " LEFT JOIN projects_projectllm price"
        f" ON price.project_id = %s AND price.llm_id = {row}.llm_id",
        (project.id,),
    )


def cost_of(row: str) -> str:
    """The US dollars of a row that was joined with its prices, as SQL; NULL where not known."""
    cached = f"least(coalesce({row}.cached_tokens, 0), {row}.prompt_tokens)"
    return (
        f"((({row}.prompt_tokens - {cached}) * price.prompt_price"
        f" + {cached} * coalesce(price.cached_price, price.prompt_price)"
        f" + {row}.completion_tokens * price.completion_price) * 0.000001)"
    )
