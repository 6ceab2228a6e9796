"""Figures of a dataset: how long its records are, and what they are made up of."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from interactions.models import DatasetItem
from interactions.services.datasets import figures as counting
from interactions.services.datasets import versions
from interactions.services.datasets.figures import BARS, DatasetFigures, TokenFigures
from interactions.web.charts import numbers
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import ItemAddress
from projects.web.requests import ProjectRequest, in_project, project_page

HEIGHT, BAR_WIDTH, GAP = 120, 56, 4  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class TokenBar:
    """A bar of the histogram: how many records have up to so many tokens."""

    label: str
    n: int
    x: int
    y: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class PartShare:
    """A part of the records, with its share of all of them."""

    name: str
    n: int
    share: str
    width: float
    values: str = ""


def token_bars(tokens: TokenFigures) -> list[TokenBar]:
    """The histogram's bars, up to the last that is not empty."""
    last = max((at for at, n in enumerate(tokens.bars) if n), default=0)
    first = min((at for at, n in enumerate(tokens.bars) if n), default=0)
    most = max(tokens.bars, default=0) or 1
    made = []
    for place, at in enumerate(range(first, last + 1)):
        n = tokens.bars[at]
        height = round(HEIGHT * n / most, 2)
        if n:
            height = max(height, 1.0)
        made.append(
            TokenBar(
                _up_to(at), n, place * (BAR_WIDTH + GAP), HEIGHT - height, height, _words(at, n)
            )
        )
    return made


def _up_to(at: int) -> str:
    return f"≤ {BARS[at]:,}" if at < len(BARS) else f"> {BARS[-1]:,}"


def _words(at: int, n: int) -> str:
    low = BARS[at - 1] + 1 if at else 0
    end = f"{low:,} to {BARS[at]:,}" if at < len(BARS) else f"more than {BARS[-1]:,}"
    return f"{n:,} record{'' if n == 1 else 's'} with {end} tokens"


@dataclass
class FiguresPage(DatasetFrame):
    """The figures of a version, or of the draft."""

    view = "dataset-figures"

    number: int | None = None

    @cached_property
    def figures(self) -> DatasetFigures:
        """Of a version as they were counted then; of the draft, now."""
        if self.number is None:
            return counting.of(self.dataset)
        return counting.of_version(versions.known(self.dataset, self.number))

    @cached_property
    def bars(self) -> list[TokenBar]:
        """The histogram of token counts."""
        return token_bars(self.figures.tokens) if self.figures.tokens else []

    @property
    def width(self) -> int:
        """The width of the drawing."""
        return len(self.bars) * (BAR_WIDTH + GAP) - GAP

    @property
    def over(self) -> list[tuple[str, int, str]]:
        """Lengths that people train with, how many records are longer, and their share."""
        tokens = self.figures.tokens
        if tokens is None:
            return []
        return [
            (f"{int(line):,}", n, numbers.share(n / self.figures.records))
            for line, n in tokens.over.items()
            if n
        ]

    @property
    def splits(self) -> list[PartShare]:
        """The splits."""
        found = self.figures.by_split
        return self._parts(
            (name, found[name]) for name in DatasetItem.Split.values if name in found
        )

    @property
    def reviews(self) -> list[PartShare]:
        """What was decided, of those too that are in no file."""
        names = {"": "not reviewed", "waiting": "waiting for review"}
        found = self.figures.by_review
        total = sum(found.values())
        return [_part(names.get(name, name), n, total) for name, n in found.items()]

    @property
    def models(self) -> list[PartShare]:
        """The models, of a preference those of the preferred answers."""
        return self._parts((name or "no model", n) for name, n in self.figures.models.items())

    @property
    def labels(self) -> list[PartShare]:
        """The labels, each with its most frequent values."""
        found = self.figures.make_up.labels if self.figures.make_up else []
        made = []
        for one in found:
            values = ", ".join(f"{value or '(empty)'} {n:,}" for value, n in one.top)
            rest = one.values - len(one.top)
            more = f" and {rest:,} more values" if rest > 0 else ""
            made.append(_part(one.key, one.records, self.figures.records, values + more))
        return made

    @property
    def metrics(self) -> list[PartShare]:
        """The metrics, with their means."""
        found = self.figures.make_up.metrics if self.figures.make_up else []
        made = []
        for one in found:
            mean = numbers.figure(one.mean, is_share=one.is_bool)
            said = f"{mean} {'yes' if one.is_bool else 'on average'}"
            made.append(_part(one.key, one.records, self.figures.records, said))
        return made

    @property
    def compared(self) -> list[PartShare]:
        """Of a preference, the metrics it was preferred under."""
        found = self.figures.make_up.compared if self.figures.make_up else {}
        return self._parts((name or "no metric", n) for name, n in found.items())

    @property
    def groups(self) -> list[tuple[str, str, list[PartShare]]]:
        """What it is made up of: a heading, what else its rows say, and the rows."""
        found = [
            ("Splits", "", self.splits),
            ("Review", "", self.reviews),
            ("Models", "", self.models),
            ("Preferred under", "", self.compared),
            ("Metrics", "Mean", self.metrics),
            ("Labels", "Most frequent values", self.labels),
        ]
        return [group for group in found if group[2]]

    def _parts(self, found: Iterable[tuple[str, int]]) -> list[PartShare]:
        return [_part(name, n, self.figures.records) for name, n in found]


def _part(name: str, n: int, total: int, values: str = "") -> PartShare:
    part = n / total if total else 0.0
    return PartShare(name, n, numbers.share(part), round(100 * min(part, 1), 2), values)


@require_GET
@in_project()
def figures(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page."""
    number = ItemAddress.of(request.GET).number
    found = dataset_of(request, dataset)
    page = FiguresPage(request.caller, request.project, found, number=number)
    return project_page(request, "datasets/figures.html", {"page": page}, tab="datasets")
