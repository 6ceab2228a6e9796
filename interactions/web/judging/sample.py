"""A page about a random sample of a filter, which the address alone defines."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from interactions.filters.notation import parse_time
from interactions.filters.tree import Tree
from interactions.services.judging import review
from interactions.services.judging.review import LARGEST_SAMPLE, Sample
from interactions.web.filtering.filtered_page import FilteredPage
from projects.models import Metric


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


@dataclass
class SampledPage(FilteredPage):
    """`sample` is how many are drawn, `seed` which, `upto` from what there was at that time."""

    def check_sample(self, metric: Metric | None) -> None:
        """Blame what cannot be drawn; values are given under `metric`."""
        if "sample" not in self.options:
            for name in self.options.keys() & {"seed", "upto"}:
                self.blame(name, "goes with sample; expected that too")
            return
        size = self.options.get("sample", "")
        if not _is_number(size) or not 1 <= int(size) <= LARGEST_SAMPLE:
            self.blame("sample", f"expected a number from 1 to {LARGEST_SAMPLE:,}")
        if not _is_number(self.options.get("seed", "0")):
            self.blame("seed", "expected a number of at most nine digits")
        try:
            _ = self.upto
        except ValueError as error:
            self.blame("upto", str(error))
        if not self.faults and metric is not None and review.asks_for(self.now_tree, metric):
            self.blame(
                "sample",
                f"the filter asks for {metric.key} itself, so each value would change what the"
                " sample is drawn from; expected a filter without it, or all, newest first",
            )

    @property
    def upto(self) -> datetime | None:
        """When the sample was drawn; raises ValueError."""
        return parse_time(upto) if (upto := self.options.get("upto")) else None

    @cached_property
    def now_tree(self) -> Tree:
        """The filter; of a sample, the last 7 days are those before it was drawn."""
        return self.filter.tree(self.upto)

    @cached_property
    def sample(self) -> Sample | None:
        """What is drawn, when a sample is asked for."""
        if not (size := self.options.get("sample")):
            return None
        return review.draw(
            self.project,
            self.now_tree,
            int(size),
            seed=int(self.options.get("seed", "0")),
            until=self.upto or datetime.now(UTC),
            spelled=str(self.links.filter),
        )
