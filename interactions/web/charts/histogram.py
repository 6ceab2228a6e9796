"""The histogram of the list: interactions over time, as bars that are links."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.ids import EPOCH, first_id_at, time_of
from interactions.filters.conditions import Contains, CreatedIn
from interactions.filters.notation import LATEST_TIME
from interactions.filters.sql import queries
from interactions.filters.tree import without
from interactions.services.analysis import good_and_bad
from interactions.services.analysis.good_and_bad import FeedbackTally, Tallies
from interactions.services.rollups import counts as rollup_counts
from interactions.web.charts.histogram_buckets import (
    HistogramChart,
    bars_of,
    edges_of,
    span_links,
)
from interactions.web.charts.histogram_scale import top_of
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.page_parameters import TIME_PARAMETERS
from projects.web.requests import ProjectRequest, in_project, project_page

HISTOGRAM_LIMIT_MS = 3_000
FEEDBACK_LIMIT_MS = 1_500  # for the feedback, without which the bars are drawn all the same
MOST_MATCHES_COUNTED = 50_000  # when the roll-up cannot answer
_MILLISECOND = timedelta(milliseconds=1)
SHORT_SPAN = timedelta(hours=1)  # a shorter one gets a margin, so that it is seen in the chart
LEAST_MARGIN = timedelta(minutes=5)


@dataclass
class HistogramPage(FilteredPage):
    """The chart of a filter; None when it cannot be read, matches nothing, or took too long."""

    chart: HistogramChart | None = None
    is_late: bool = False

    def read(self) -> "HistogramPage":
        """Count and draw."""
        if self.filter.is_valid():
            try:
                with time_limit(HISTOGRAM_LIMIT_MS):
                    self.chart = _chart(self)
            except TookTooLong:
                self.is_late = True
        return self

    @property
    def any_time(self) -> str:
        """The filter without its time, to which the script adds a span."""
        return self.links.page.dropping(*TIME_PARAMETERS)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def histogram(request: ProjectRequest) -> HttpResponse:
    """The chart of the filter in the address."""
    page = HistogramPage.part_of(request).read()
    return project_page(request, "interactions/histogram.html", {"page": page})


def _chart(page: FilteredPage) -> HistogramChart | None:
    asked = page.time.term.condition(datetime.now(UTC)) or CreatedIn()
    if (span := _span(page, asked)) is None:
        return None
    edges = edges_of(*span)
    ids = [first_id_at(edge) for edge in edges]
    counts = _counted(page, edges, asked)
    feedback, newest = _feedback(page, ids, None if counts is None else sum(counts)), 0
    if counts is None:
        if feedback is None:
            counts = queries.histogram(page.project, page.tree, ids, cap=MOST_MATCHES_COUNTED)
        else:
            counts = [tally.n for tally in feedback.spans]
        cap = queries.MOST_TEXTS_COUNTED if page.wanted else MOST_MATCHES_COUNTED
        newest = cap if sum(counts) >= cap else 0
    given = feedback.spans if feedback is not None else [FeedbackTally()] * len(counts)
    tallies = [FeedbackTally(n, one.bad, one.good) for n, one in zip(counts, given, strict=True)]
    since = feedback.since if feedback is not None else None

    def has_feedback_counted(start: datetime) -> bool:
        return feedback is not None and (since is None or start >= since)

    top = top_of(counts)
    bars = bars_of(page.links.page, edges, tallies, top, has_feedback_counted)
    links = span_links(page.links.page, *span)
    return HistogramChart(bars, top, newest, *span, links, since, feedback is not None)


def _feedback(page: FilteredPage, ids: list[UUID], n: int | None) -> Tallies | None:
    """Good and bad feedback in each span, of `n` matches; None when counting takes too long."""
    try:
        with time_limit(FEEDBACK_LIMIT_MS):
            found = None if n is None else good_and_bad.of_feedback(page.project, page.tree, ids)
            return found or good_and_bad.of_matches(
                page.project, page.tree, ids, cap=MOST_MATCHES_COUNTED, n=n
            )
    except TookTooLong:
        return None


def _counted(page: FilteredPage, edges: list[datetime], asked: CreatedIn) -> list[int] | None:
    """The numbers of the bars by the roll-up, where it holds them."""
    label = rollup_counts.counted_label(page.project, without(page.tree, CreatedIn))
    if label is None:
        return None
    # Where the filter is open, nothing lies beyond the bars, and whole days are quicker to read.
    first = max(asked.start or edges[0], edges[0])
    last = min(asked.end or edges[-1], edges[-1])
    return rollup_counts.spans(page.project, label, [first, *edges[1:-1], last])


def _span(page: FilteredPage, asked: CreatedIn) -> tuple[datetime, datetime] | None:
    """From the filter's own ends, or where they are open, from its oldest match to its newest."""
    start, end = asked.start, asked.end
    # Without its text, whose oldest match would be looked for in all there is.
    quick = without(page.tree, Contains)
    if start is None:
        oldest = queries.page(page.project, quick, limit=1, after=UUID(int=0)).ids
        start = time_of(oldest[0]) if oldest else None
    if end is None and start is not None:
        newest = queries.page(page.project, quick, limit=1).ids
        is_up_to_now = page.time.term.span is not None
        last = min(time_of(newest[0]) if newest else start, LATEST_TIME - _MILLISECOND)
        end = datetime.now(UTC) if is_up_to_now else last + _MILLISECOND
        if not is_up_to_now and end - start < SHORT_SPAN:
            margin = max(LEAST_MARGIN, (end - start) / 8)
            start = max(EPOCH, start - margin) if asked.start is None else start
            end = min(LATEST_TIME, end + margin)
    return (start, end) if start is not None and end is not None and start < end else None
