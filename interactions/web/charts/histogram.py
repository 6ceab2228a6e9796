"""Interactions over time, as bars that are links."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.ids import EPOCH, first_id_at, time_of
from interactions.filters.address.form import canonical
from interactions.filters.conditions import Contains, CreatedIn
from interactions.filters.notation import LATEST_TIME
from interactions.filters.sql import queries
from interactions.filters.tree import without
from interactions.services.analysis import good_and_bad
from interactions.services.analysis.good_and_bad import FeedbackTally, Tallies
from interactions.services.rollups import counts as rollup_counts
from interactions.web.charts.histogram_bars import Chart, bars_of, edges_of, steps_of
from interactions.web.filtering.filtered_page import Look
from projects.web.requests import ProjectRequest, in_project, project_page

LIMIT_MS = 3_000
JUDGED_LIMIT_MS = 1_500  # for what people said, without which the bars are drawn all the same
NEWEST = 50_000  # matches counted when the roll-up cannot answer
_MILLISECOND = timedelta(milliseconds=1)
SHORT = timedelta(hours=1)  # what is shorter gets a margin, so that it stands within the chart
MARGIN = timedelta(minutes=5)  # the least of one


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
    any_time = look.address.dropping("time", "since", "until")
    context = {"look": look, "chart": chart, "is_late": is_late, "any_time": any_time}
    return project_page(request, "interactions/histogram.html", context)


def _chart(look: Look) -> Chart | None:
    asked = look.filter.time_term().condition(datetime.now(UTC)) or CreatedIn()
    if (span := _span(look, asked)) is None:
        return None
    edges = edges_of(*span)
    ids = [first_id_at(edge) for edge in edges]
    counts = _counted(look, edges, asked)
    judged, newest = _judged(look, ids, are_counted=counts is not None), 0
    if counts is None:
        if judged is None:
            counts = queries.histogram(look.project, look.tree, ids, cap=NEWEST)
        else:
            counts = [tally.n for tally in judged.spans]
        cap = queries.MOST_TEXTS_COUNTED if look.wanted else NEWEST
        newest = cap if sum(counts) >= cap else 0
    said = judged.spans if judged is not None else [FeedbackTally()] * len(counts)
    tallies = [FeedbackTally(n, one.bad, one.good) for n, one in zip(counts, said, strict=True)]
    since = judged.since if judged is not None else None

    def is_judged(start: datetime) -> bool:
        return judged is not None and (since is None or start >= since)

    bars = bars_of(look.address, edges, tallies, is_judged)
    steps = steps_of(look.address, *span)
    return Chart(bars, newest, *span, steps, since, judged is not None)


def _judged(look: Look, ids: list[UUID], *, are_counted: bool) -> Tallies | None:
    """What people said in each span; None when that takes too long."""
    try:
        with time_limit(JUDGED_LIMIT_MS):
            found = good_and_bad.of_feedback(look.project, look.tree, ids) if are_counted else None
            return found or good_and_bad.of_matches(look.project, look.tree, ids, cap=NEWEST)
    except TookTooLong:
        return None


def _counted(look: Look, edges: list[datetime], asked: CreatedIn) -> list[int] | None:
    """The numbers of the bars by the roll-up, where it holds them."""
    label = rollup_counts.counted_label(look.project, without(look.tree, CreatedIn))
    if label is None:
        return None
    # Where the filter is open, nothing lies beyond the bars, and whole days are quicker to read.
    first = max(asked.start or edges[0], edges[0])
    last = min(asked.end or edges[-1], edges[-1])
    return rollup_counts.spans(look.project, label, [first, *edges[1:-1], last])


def _span(look: Look, asked: CreatedIn) -> tuple[datetime, datetime] | None:
    """From the filter's own ends, or where they are open, from its oldest match to its newest."""
    start, end = asked.start, asked.end
    # Without its text, whose oldest match would be looked for in all there is.
    quick = without(look.tree, Contains)
    if start is None:
        oldest = queries.page(look.project, quick, limit=1, after=UUID(int=0)).ids
        start = time_of(oldest[0]) if oldest else None
    if end is None and start is not None:
        newest = queries.page(look.project, quick, limit=1).ids
        is_up_to_now = look.filter.time_term().span is not None
        last = min(time_of(newest[0]) if newest else start, LATEST_TIME - _MILLISECOND)
        end = datetime.now(UTC) if is_up_to_now else last + _MILLISECOND
        if not is_up_to_now and end - start < SHORT:
            margin = max(MARGIN, (end - start) / 8)
            start = max(EPOCH, start - margin) if asked.start is None else start
            end = min(LATEST_TIME, end + margin)
    return (start, end) if start is not None and end is not None and start < end else None
