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
from interactions.filters.conditions import Condition, Contains, CreatedIn
from interactions.filters.form import canonical
from interactions.filters.terms import LATEST
from interactions.filters.tree import And, Tree
from interactions.services import rollups
from projects.web.requests import ProjectRequest, in_project, project_page

from .look import Look

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
    """The bars, and what they leave out.

    `newest` says that only so many of the newest matches were counted; 0 that all were.
    """

    bars: list[Bar]
    newest: int
    start: datetime
    end: datetime

    width, height = WIDTH, HEIGHT

    @property
    def uncounted(self) -> float:
        """Up to where it is not known how many there are, from the left."""
        return next((bar.x for bar in self.bars if bar.n), 0.0) if self.newest else 0.0

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
    look = Look(request.caller, request.project, canonical(request.GET))
    chart, is_late = None, False
    if look.filter.is_valid():
        try:
            with time_limit(LIMIT_MS):
                chart = _chart(look)
        except TookTooLong:
            is_late = True
    context = {"look": look, "chart": chart, "is_late": is_late}
    return project_page(request, "interactions/histogram.html", context)


def _chart(look: Look) -> Chart | None:
    asked = look.filter.time_term().condition(datetime.now(UTC)) or CreatedIn()
    if (span := _span(look, asked)) is None:
        return None
    edges = _edges(*span)
    newest, counts = 0, _counted(look, edges, asked)
    if counts is None:
        ids = [first_id_at(edge) for edge in edges]
        counts = compile.histogram(look.project, look.tree, ids, cap=NEWEST)
        cap = compile.TEXTS if look.wanted else NEWEST
        newest = cap if sum(counts) >= cap else 0
    return Chart(_bars(look, edges, counts), newest, *span)


def _counted(look: Look, edges: list[datetime], asked: CreatedIn) -> list[int] | None:
    """The numbers of the bars by the roll-up, where it holds them."""
    label = rollups.counted_label(look.project, _without(look.tree, CreatedIn))
    if label is None:
        return None
    # Where the filter is open, nothing lies beyond the bars, and whole days are quicker to read.
    first = max(asked.start or edges[0], edges[0])
    last = min(asked.end or edges[-1], edges[-1])
    return rollups.spans(look.project, label, [first, *edges[1:-1], last])


def _edges(start: datetime, end: datetime) -> list[datetime]:
    """Where the bars begin and end."""
    longest = _STEPS[-1] * ceil((end - start) / (_STEPS[-1] * MOST_BARS))
    step = next((s for s in _STEPS if (end - start) / s <= MOST_BARS), longest)
    edges = [EPOCH + (start - EPOCH) // step * step]
    while edges[-1] < end:
        edges.append(min(edges[-1] + step, LATEST))
    return edges


def _span(look: Look, asked: CreatedIn) -> tuple[datetime, datetime] | None:
    """From the filter's own ends, or where they are open, from its oldest match to its newest."""
    start, end = asked.start, asked.end
    # Without its text, whose oldest match would be looked for in all there is.
    quick = _without(look.tree, Contains)
    if start is None:
        oldest = compile.page(look.project, quick, limit=1, after=UUID(int=0)).ids
        start = time_of(oldest[0]) if oldest else None
    if end is None and start is not None:
        newest = compile.page(look.project, quick, limit=1).ids
        is_up_to_now = look.filter.time_term().span is not None
        last = min(time_of(newest[0]) if newest else start, LATEST - _MILLISECOND)
        end = datetime.now(UTC) if is_up_to_now else last + _MILLISECOND
        if asked.start is None:
            start = min(start, end - SHORTEST)
    return (start, end) if start is not None and end is not None and start < end else None


def _without(tree: Tree, kind: type[Condition]) -> Tree:
    children = tree.children if isinstance(tree, And) else (tree,)
    return And(tuple(child for child in children if not isinstance(child, kind)))


def _bars(look: Look, edges: list[datetime], counts: list[int]) -> list[Bar]:
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
            link=_narrowed(look, edges[number], edges[number + 1]),
        )
        for number, n in enumerate(counts)
    ]


def _narrowed(look: Look, start: datetime, end: datetime) -> str:
    return look.address.between(f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")
