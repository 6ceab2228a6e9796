"""The feedback page: how the values of metrics went over time."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.ids import EPOCH
from interactions.filters import feedback_text
from interactions.filters.conditions import CreatedIn, HasFeedback
from interactions.filters.notation import spell_feedback
from interactions.filters.query import english
from interactions.filters.tree import And, without
from interactions.services.analysis import trends
from interactions.services.analysis.confidence_intervals import ValueSample
from interactions.services.analysis.feedback_counts import FeedbackOnMatches, feedback_on
from interactions.services.analysis.group_queries import Grouping
from interactions.services.analysis.trends import Period, Trend, TrendPart, midnight
from interactions.web.charts import numbers, trend_buckets
from interactions.web.charts.trend_buckets import BUCKET_STEPS
from interactions.web.charts.trend_chart import TrendDrawing, TrendSeries
from interactions.web.filtering.feedback_analysis import METRICS_SHOWN, FeedbackAnalysis
from interactions.web.filtering.group_links import GroupLinks, rows_within
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls
from interactions.web.filtering.searched import note_search
from projects.models import Metric
from projects.web.requests import ProjectRequest, in_project, project_page

THRESHOLD_LIMIT_MS = 1_500
SPLITS = {"none": "All together", "model": "Model", "source": "Source"}


@dataclass(slots=True)
class TrendChart:
    """A metric over time: all of its feedback, and its parts where the page is split.

    `again` is the link that asks once more, when it took too long.
    """

    metric: Metric
    again: str
    whole: TrendSeries | None = None
    parts: list[TrendSeries] = field(default_factory=list)
    trend: Trend | None = None
    period: Period | None = None
    step: str = ""
    is_coarser: bool = False  # than was asked for, which would be too many points
    is_late: bool = False
    compared: str = ""  # what it is compared with, in words
    feedback: FeedbackOnMatches | None = None  # of numbers with a threshold

    @property
    def good(self) -> str:
        """Which values are good: `yes`, `≥ 0.5`; "" where none is."""
        condition = feedback_text.good(self.metric)
        return feedback_text.compared(condition) if condition else ""


@dataclass
class TrendsPage(FeedbackAnalysis):
    """Charts of metrics under the filter."""

    heading = "Feedback"
    option_names = ("metric", "by", "split")

    url_name: str = "feedback"
    charts: list[TrendChart] = field(default_factory=list)

    @cached_property
    def grouping(self) -> Grouping | None:
        """What each chart is split by."""
        name = self.options.get("split", "none")
        return None if name == "none" else self.grouping_named(name, SPLITS)

    @property
    def shown_metrics(self) -> Collection[Metric]:
        """The metrics that the address names, else the most used."""
        return self.chosen or [metric for metric, _ in self.uses[:METRICS_SHOWN]]

    @property
    def by(self) -> str:
        """The step that was asked for, or "" for what suits the time."""
        return self.options.get("by", "")

    def read(self) -> "TrendsPage":
        """Draw the charts, or say what is wrong with the address."""
        readers = {
            "by": self._check_step,
            "split": lambda: self.grouping,
            "metric": lambda: self.chosen,
        }
        if self.can_be_read(readers):
            self.charts = [self._chart(metric) for metric in self.shown_metrics]
        return self

    def _check_step(self) -> None:
        if self.by not in ("", *BUCKET_STEPS):
            raise ValueError(f"expected one of {', '.join(BUCKET_STEPS)}")

    @property
    def steps(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each step."""
        names = {"": "Automatic", **{step: f"{step.capitalize()}s" for step in BUCKET_STEPS}}
        return [(name, self.links.changing(by=by), self.by == by) for by, name in names.items()]

    @property
    def splits(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each way to split but labels."""
        now = self.grouping.kind if self.grouping else "none"
        return [(name, self.grouped_by(kind), now == kind) for kind, name in SPLITS.items()]

    def grouped_by(self, name: str) -> str:
        """The page with its charts split so."""
        return self.links.changing(split="" if name == "none" else name)

    def _chart(self, metric: Metric) -> TrendChart:
        chart = TrendChart(metric, str(self.links.page))
        try:
            if (span := self._span(metric)) is None:
                return chart
            start, end, has_before = span
            chart.step = trend_buckets.step_for(start, end, self.by)
            chart.is_coarser = self.by not in ("", chart.step)
            chart.period = trend_buckets.period(start, end, chart.step)
            chart.trend = trends.trend(
                self.project,
                self.tree,
                metric,
                chart.period,
                has_before=has_before,
                split=self.grouping,
            )
        except TookTooLong:
            chart.is_late = True
            return chart
        if not metric.is_yes_no and metric.limit is not None:
            chart.feedback = self._feedback(metric, start, end)
        if chart.trend.all.now.total is not None:
            chart.compared = english.span(_days(end - start)) if chart.trend.has_before else ""
            self._draw(chart, chart.trend, chart.period)
        return chart

    def _feedback(self, metric: Metric, start: datetime, end: datetime) -> FeedbackOnMatches | None:
        """How many values are good and bad in the time; None when that takes too long."""
        timeless = without(self.tree, CreatedIn).children
        try:
            with time_limit(THRESHOLD_LIMIT_MS):
                tree = And((*timeless, CreatedIn(start, end)))
                return feedback_on(self.project, tree, metric)
        except TookTooLong:
            return None

    def _span(self, metric: Metric) -> tuple[datetime, datetime, bool] | None:
        """From the filter's own ends, else from the first feedback to the last, by
        whole days; and whether there is a time before it to compare with.
        """
        term = self.time.term
        asked = term.condition(now := datetime.now(UTC))
        start, end = (asked.start, asked.end) if asked else (None, None)
        if term.span is not None:
            end = now
        has_before = start is not None
        if start is None or end is None:
            known = trends.limited_span(self.project, self.tree, metric)
            if known is None:
                return None
            start, end = start or midnight(known[0]), end or midnight(known[1]) + timedelta(days=1)
        has_before = has_before and start - (end - start) >= EPOCH
        return (start, end, has_before) if start < end else None

    def _draw(self, chart: TrendChart, trend: Trend, period: Period) -> None:
        is_share = chart.metric.kind == Metric.Kind.BOOL
        drawn = [trend.all, *trend.parts]
        samples = [one for part in drawn for one in self._samples(part, trend)]
        given = None if is_share else trends.ends(chart.metric)
        scale = numbers.scale_of(samples, is_share=is_share, within=given)
        drawing = TrendDrawing(chart.metric, period, chart.step, scale, trend.has_before)
        chart.whole = drawing.series(trend.all, partial(self._link, chart.metric))
        for part in trend.parts:
            name = "all others" if part.is_others else part.name
            chart.parts.append(
                drawing.series(part, self._link_of(chart.metric, part), name=name or "none")
            )

    @staticmethod
    def _samples(part: TrendPart, trend: Trend) -> list[ValueSample]:
        courses = [part.now, part.before] if trend.has_before else [part.now]
        return [one for course in courses for one in course.buckets if one]

    def _link(self, metric: Metric, start: datetime, end: datetime) -> str:
        term = ("feedback", spell_feedback(HasFeedback(metric.key)))
        return rows_within(self, start, end, term)

    def _link_of(self, metric: Metric, part: TrendPart) -> Callable[[datetime, datetime], str]:
        """Links to the rows of a part; the others together, no filter asks for."""
        if part.is_others or self.grouping is None:
            return lambda start, end: ""
        links = GroupLinks(self, self.grouping)
        one = HasFeedback(metric.key)
        return lambda start, end: links.link_within(part.name, start, end, one)


def _days(length: timedelta) -> timedelta:
    """To whole days, where it is longer than one."""
    return timedelta(days=round(length / timedelta(days=1))) if length.days else length


@require_GET
@vary_on_headers("HX-Request")
@in_project()
@opens_ids
def feedback(request: ProjectRequest) -> HttpResponse:
    """The page."""
    page = TrendsPage.of(request)
    if has_form_controls(request.GET):
        return HttpResponseRedirect(page.links.changing())
    note_search(page)
    return project_page(request, "interactions/trends.html", {"page": page.read()}, tab="feedback")
