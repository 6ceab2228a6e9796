"""The orders that the list can stand in: the links to them, and the one in force in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from interactions.services.analysis.sorted_matches import RowNumber, SortedPage
from interactions.web.filtering.query_string import QueryString
from interactions.web.filtering.row_sort import ASCENDING, ListSort
from interactions.web.listing.columns import ListCell, ListColumn
from projects.models import Metric

_REPLACED = ("sort", "sort_order", "order")
METRICS_OFFERED = 6
# By number: its name, which ends it has (the highest first), and what they are in a sentence.
_WORDS = {
    RowNumber.LATENCY: ("Latency", ("slowest", "fastest"), ("slowest", "fastest")),
    RowNumber.TTFT: ("First token", ("latest", "earliest"), ("slowest to begin", "first to begin")),
    RowNumber.TOKENS: ("Tokens", ("most", "fewest"), ("most tokens", "fewest tokens")),
    RowNumber.COST: ("Cost", ("highest", "lowest"), ("most expensive", "cheapest")),
}
# What a row that comes last is without.
_NUMBER = {
    RowNumber.LATENCY: "a latency",
    RowNumber.TTFT: "a time to the first token",
    RowNumber.TOKENS: "counted tokens",
    RowNumber.COST: "a cost",
}


class SortLink(NamedTuple):
    """An end to begin with: its word, the link, and whether rows begin with it now."""

    word: str
    link: str
    is_on: bool


@dataclass(frozen=True)
class SortMenu:
    """Links to every order of the list, and the one in force in words.

    `sort` is None in the order of time, `is_oldest_first` says from which end. The first of the
    metrics is the project's primary one.
    """

    query: QueryString
    sort: ListSort | None
    metrics: Sequence[Metric]
    is_oldest_first: bool = False

    @property
    def newest(self) -> SortLink:
        """The newest rows first."""
        is_on = self.sort is None and not self.is_oldest_first
        return SortLink("newest", self.query.dropping(*_REPLACED), is_on)

    @property
    def oldest(self) -> SortLink:
        """The oldest rows first."""
        link = self.query.adding("order", "oldest", instead_of=_REPLACED)
        return SortLink("oldest", link, self.sort is None and self.is_oldest_first)

    @property
    def slowest(self) -> SortLink:
        """The highest latency first."""
        return self._link(ListSort(RowNumber.LATENCY), "slowest")

    @property
    def worst(self) -> SortLink | None:
        """The worst feedback first, under the first metric."""
        if not self.metrics:
            return None
        return self._worst(self.metrics[0])._replace(word=self.metrics[0].key)

    @cached_property
    def choices(self) -> list[tuple[str, list[SortLink]]]:
        """Each number that rows can be sorted by, with links to its two ends."""
        made = [("Time", [self.newest, self.oldest])]
        for by, (name, words, _) in _WORDS.items():
            ends = [ListSort(by, "", is_descending) for is_descending in (True, False)]
            made.append((name, [self._link(*one) for one in zip(ends, words, strict=True)]))
        for metric in self.metrics[:METRICS_OFFERED]:
            worst = self._worst(metric)
            best = ListSort(RowNumber.METRIC, metric.key, not metric.is_low_better)
            made.append((metric.key, [worst, self._link(best, "best")]))
        return made

    def heads(self, cell: ListCell) -> list["SortHead"]:
        """The links in the head of a cell whose numbers rows can be sorted by."""
        return [head for column in cell.columns if (head := self._head(column)) is not None]

    def _head(self, column: ListColumn) -> "SortHead | None":
        if column.kind not in list(RowNumber):
            return None
        by, key = RowNumber(column.kind), column.key
        metric = next((one for one in self.metrics if one.key == key), None)
        if by == RowNumber.METRIC and metric is None:
            return None
        is_sorted = self.sort is not None and (self.sort.by, self.sort.key) == (by, key)
        is_down = metric is None or metric.is_low_better
        if is_sorted and self.sort is not None:
            shown = "descending" if self.sort.is_descending else "ascending"
            other = ListSort(by, key, not self.sort.is_descending)
            return SortHead(column.name, self._link(other, "").link, shown, self._first(other))
        asked = ListSort(by, key, is_down)
        return SortHead(column.name, self._link(asked, "").link, "", self._first(asked))

    @property
    def words(self) -> str:
        """The order in force: `newest first`, `slowest first`."""
        if self.sort is not None:
            return self._first(self.sort)
        return f"{'oldest' if self.is_oldest_first else 'newest'} first"

    @property
    def end(self) -> str:
        """What is said after the last row."""
        if self.sort is not None:
            return "the last row is shown"
        return f"the {'newest' if self.is_oldest_first else 'oldest'} is shown"

    @property
    def time_head(self) -> str:
        """What a click on the heading over the times does."""
        if self.sort is not None:
            return "Show the newest first"
        if self.is_oldest_first:
            return "Oldest first; show the newest first"
        return "Newest first; show the oldest first"

    def told(self, page: SortedPage, total: int | None) -> str:
        """What the rows are the first of, in one sentence; `total` match, if that is known."""
        assert self.sort is not None
        if not page.is_cut or total == page.of:
            words = self._first(self.sort)
            return f"{words[:1].upper()}{words[1:]}"
        by = f" by {self.sort.key}" if self.sort.key else ""
        matches = "matches" if total is None else f"of {short(total)} matches"
        return f"The {self._end(self.sort)}{by} among the newest {page.of:,} {matches}"

    def missing(self, page: SortedPage) -> str:
        """How many rows come last, having no such number."""
        assert self.sort is not None
        if page.of == page.known:
            return ""
        without = f"without {_NUMBER.get(self.sort.by, self.sort.key)}"
        if not page.known:
            return f"all are {without}, so the newest stand first"
        return f"{page.of - page.known:,} {without} come last"

    def _worst(self, metric: Metric) -> SortLink:
        return self._link(ListSort(RowNumber.METRIC, metric.key, metric.is_low_better), "worst")

    def _link(self, sort: ListSort, word: str) -> SortLink:
        link = self.query.adding("sort", sort.term, instead_of=_REPLACED)
        if not sort.is_descending:
            link = f"{link}&sort_order={ASCENDING}"
        return SortLink(word, link, sort == self.sort)

    def _first(self, sort: ListSort) -> str:
        """The order in words: `slowest first`, `worst first, by helpful`."""
        return f"{self._end(sort)} first" + (f", by {sort.key}" if sort.key else "")

    def _end(self, sort: ListSort) -> str:
        """The end that comes first: `slowest`, `worst`."""
        if sort.by != RowNumber.METRIC:
            return _WORDS[sort.by][2][0 if sort.is_descending else 1]
        is_low_better = any(one.key == sort.key and one.is_low_better for one in self.metrics)
        return "worst" if sort.is_descending == is_low_better else "best"


class SortHead(NamedTuple):
    """The head of a column as a link: which way it is sorted (`aria-sort`), what a click shows."""

    name: str
    link: str
    aria: str
    shows: str


def short(n: int) -> str:
    """A large number as a sentence says it: `1.2 M`; exactly below a million."""
    return f"{n / 1_000_000:.1f} M" if n >= 1_000_000 else f"{n:,}"
