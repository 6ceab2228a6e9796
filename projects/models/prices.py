"""What the tokens of a model cost."""

from dataclasses import dataclass
from decimal import Decimal

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """US dollars for a million tokens that are read, read from the provider's cache, and written.

    Without a price of their own (`cached` is None), cached tokens cost what others do.
    """

    prompt: Decimal
    completion: Decimal
    cached: Decimal | None = None

    def cost(
        self, prompt_tokens: int | None, completion_tokens: int | None, cached_tokens: int | None
    ) -> Decimal | None:
        """The US dollars of one answer, exactly; None where the provider counted no tokens.

        `cached_tokens` are among those of the prompt; None when the provider did not say.

        >>> TokenPrices(Decimal(2), Decimal(8), Decimal("0.5")).cost(1000, 100, 600)
        Decimal('0.0019')
        """
        if prompt_tokens is None or completion_tokens is None:
            return None
        cached = min(cached_tokens or 0, prompt_tokens)
        micro_dollars = (
            (prompt_tokens - cached) * self.prompt
            + cached * (self.prompt if self.cached is None else self.cached)
            + completion_tokens * self.completion
        )
        return micro_dollars / MILLION


def spelled_price(price: Decimal) -> str:
    """A price without the zeros that its column ends in.

    >>> spelled_price(Decimal("2.500000")), spelled_price(Decimal("10.000000"))
    ('2.5', '10')
    """
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
