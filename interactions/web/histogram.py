"""Interactions over time, as bars that are links."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.ids import EPOCH, first_id_at, time_of
from adaptive_site.lib.limits import TookTooLong, time_limit
from interactions.filters import compile
from interactions.filters.conditions import Contains
from interactions.filters.form import canonical
from interactions.filters.terms import LATEST
from interactions.filters.tree import And, Tree
from interactions.services import rollups
from projects.web.requests import ProjectRequest, in_project, project_page

from .listing import Listing

LIMIT_MS = 3_000
NEWEST = 50_000  # matches counted when the roll-up cannot answer
MOST_BARS = 72
_MILLISECOND = timedelta(milliseconds=1)
SHORTEST = timedelta(hours=1)  # what is shorter is drawn within its hour
WIDTH, HEIGHT = 1440, 44
_STEPS = [timedelta(**step) for step in (
    {"minutes": 1}, {"minutes": 5}, {"minutes": 15}, {"hours": 1}, {"hours": 3}, {"hours": 6},
    {"hours": 12}, {"days": 1}, {"days": 2}, {"days": 7}, {"days": 14}, {"days": 28},
    {"days": 91}, {"days": 364},
)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of time: where it is drawn, what it counts, and the link that narrows to it."""

    x: float
    width: float
    height: float
    n: int
    start: datetime
    end: datetime
    link: str

    @property
    def y(self) -> float:
        """From the top."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, and what they leave out."""

    bars: list[Bar]
    is_bounded: bool
    start: datetime
    end: datetime

    width, height, newest = WIDTH, HEIGHT, NEWEST

    @property
    def total(self) -> int:
        """Interactions in all bars."""
        return sum(bar.n for bar in self.bars)

    @property
    def most(self) -> Bar:
        """The highest bar."""
        return max(self.bars, key=lambda bar: bar.n)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def histogram(request: ProjectRequest) -> HttpResponse:
    """The chart of the filter in the address."""
    listing = Listing(request.caller, request.project, canonical(request.GET))
    chart, is_late = None, False
    if listing.filter.is_valid():
        try:
            with time_limit(LIMIT_MS):
                chart = _chart(listing)
        except TookTooLong:
            is_late = True
    context = {"listing": listing, "chart": chart, "is_late": is_late}
    return project_page(request, "interactions/histogram.html", context)


def _chart(listing: Listing) -> Chart | None:
    if (span := _span(listing)) is None:
        return None
    start, end = span
    edges, step = _edges(start, end)
    first = edges[0]
    label = rollups.counted_label(listing.project, listing.tree)
    if label is not None and step >= timedelta(hours=1):
        hours = rollups.by_hour(listing.project, label, edges[0], edges[-1])
        counts = [0] * (len(edges) - 1)
        for hour, n in hours:
            if first <= hour < edges[-1]:
                counts[(hour - first) // step] += n
        return Chart(_bars(listing, edges, counts), False, start, end)
    ids = [first_id_at(edge) for edge in edges]
    counts = compile.histogram(listing.project, listing.tree, ids, cap=NEWEST)
    return Chart(_bars(listing, edges, counts), sum(counts) >= NEWEST, start, end)


def _edges(start: datetime, end: datetime) -> tuple[list[datetime], timedelta]:
    """Where the bars begin and end, and how long each of them is."""
    longest = _STEPS[-1] * ceil((end - start) / (_STEPS[-1] * MOST_BARS))
    step = next((s for s in _STEPS if (end - start) / s <= MOST_BARS), longest)
    edges = [EPOCH + (start - EPOCH) // step * step]
    while edges[-1] < end:
        edges.append(min(edges[-1] + step, LATEST))
    return edges, step


def _span(listing: Listing) -> tuple[datetime, datetime] | None:
    """From the filter's own ends, or where they are open, from its oldest match to its newest."""
    now = datetime.now(UTC)
    asked = listing.filter.time_term().condition(now)
    start, end = (asked.start, asked.end) if asked else (None, None)
    quick = _without_text(listing.tree)
    if start is None:
        oldest = compile.page(listing.project, quick, limit=1, after=UUID(int=0)).ids
        start = time_of(oldest[0]) if oldest else None
    if end is None and start is not None:
        newest = compile.page(listing.project, quick, limit=1).ids
        is_up_to_now = listing.filter.time_term().span is not None
        last = min(time_of(newest[0]) if newest else start, LATEST - _MILLISECOND)
        end = now if is_up_to_now else last + _MILLISECOND
        if asked is None or asked.start is None:
            start = min(start, end - SHORTEST)
    return (start, end) if start is not None and end is not None and start < end else None


def _without_text(tree: Tree) -> Tree:
    """The filter without its text, whose oldest match would be searched for by reading all."""
    children = tree.children if isinstance(tree, And) else (tree,)
    return And(tuple(child for child in children if not isinstance(child, Contains)))


def _bars(listing: Listing, edges: list[datetime], counts: list[int]) -> list[Bar]:
    most = max(counts, default=0) or 1
    width = WIDTH / len(counts)
    return [
        Bar(
            x=round(number * width, 1),
            width=round(width - 1.5, 1),
            height=round(max(2.0, n / most * HEIGHT), 1) if n else 0,
            n=n,
            start=edges[number],
            end=edges[number + 1],
            link=_narrowed(listing, edges[number], edges[number + 1]),
        )
        for number, n in enumerate(counts)
    ]


def _narrowed(listing: Listing, start: datetime, end: datetime) -> str:
    return listing.address.between(f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")
