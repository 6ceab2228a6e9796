"""The text in the query bar: the whole filter, or what was typed with its error marked."""

from collections.abc import Collection
from dataclasses import dataclass

from interactions.filters.address.form import InteractionFilter
from interactions.filters.query.errors import QueryError
from interactions.filters.query.grammar import parse
from interactions.filters.query.spelling import spell
from interactions.filters.tree import EVERYTHING


@dataclass(frozen=True, slots=True)
class MarkedError:
    """A query that cannot be read, cut around the place, and what was expected there."""

    before: str
    wrong: str
    after: str
    expected: str
    at: int  # the character, from 1


@dataclass(frozen=True, slots=True)
class QueryBar:
    """The text in the bar, and the mark when it cannot be read."""

    text: str
    mark: MarkedError | None = None


def query_bar_of(form: InteractionFilter, yes_no: Collection[str] = ()) -> QueryBar:
    """The bar of a filter; of one with other faults, what can be read of it.

    Of the metrics in `yes_no` the values are spelt `yes` and `no`.
    """
    typed = form.data.get("typed", "")
    if typed:
        return QueryBar(typed, marked(typed))
    if not form.is_valid():
        left = form.data.copy()
        for name, _ in form.faults:
            left.pop(name, None)
        form = InteractionFilter(left)
    asked = form.asked() if form.is_valid() else EVERYTHING
    return QueryBar("" if asked == EVERYTHING else spell(asked, yes_no=yes_no))


def marked(text: str) -> MarkedError | None:
    """The place at which a query cannot be read; None when it can be."""
    try:
        parse(text)
    except QueryError as error:
        start, end = error.start, error.end
        return MarkedError(text[:start], text[start:end], text[end:], error.expected, start + 1)
    return None
