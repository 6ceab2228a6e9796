"""The comparisons and siblings that the page of an interaction links to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from interactions.models import Comparison, Interaction


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """A comparison seen from one of its two sides: `symbol` and `words` say how it did."""

    comparison: Comparison
    other: Interaction
    link: str
    symbol: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another answer to the same prompt."""

    interaction: Interaction
    link: str


def comparisons_of(
    id: UUID, comparisons: Iterable[Comparison], link: Callable[[UUID], str]
) -> list[ShownComparison]:
    """The comparisons as seen from the interaction `id`; `link` gives the other's page."""
    return [_shown(id, one, link) for one in comparisons]


def _shown(id: UUID, one: Comparison, link: Callable[[UUID], str]) -> ShownComparison:
    is_preferred = one.preferred_id == id
    other = one.other if is_preferred else one.preferred
    page = link(other.id)
    if one.tied:
        tone = "good" if one.tied == Comparison.Tied.GOOD else "bad"
        return ShownComparison(one, other, page, "=", f"{one.get_tied_display()}, like", tone)
    if is_preferred:
        return ShownComparison(one, other, page, "▲", "better than", "good")
    return ShownComparison(one, other, page, "▼", "worse than", "bad")
