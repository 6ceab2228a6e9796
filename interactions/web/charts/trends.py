"""The feedback page: how what was judged went over time, metric by metric."""

from collections.abc import Callable
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
from interactions.filters.notation import parse_label, spell_feedback, spell_label
from interactions.filters.query import english
from interactions.filters.tree import And, without
from interactions.services.analysis import metric_usage, trends
from interactions.services.analysis.confidence_intervals import ValueSample
from interactions.services.analysis.feedback_counts import FeedbackOnMatches, feedback_on
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.services.analysis.trends import Period, Trend, TrendPart, midnight
from interactions.services.rollups import counts
from interactions.web.charts import numbers, trend_buckets
from interactions.web.charts.trend_curves import Curve, Drawing
from interactions.web.filtering.filtered_page import Look
from interactions.web.filtering.group_links import Opening, within
from interactions.web.filtering.page_parameters import is_sent_by_form, separate
from interactions.web.go_to.ids import opens_ids
from projects.models import Metric
from projects.web.requests import ProjectRequest, in_project, project_page

OWN = ("metric", "by", "split")
USUAL = 3  # metrics
MOST_METRICS = 6
JUDGED_LIMIT_MS = 1_500
KEYS = 200
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Chart:
    """A metric over time: all of it, and its parts where it is split; or why not.

    `again` asks once more when it took too long.
    """

    metric: Metric
    again: str
    whole: Curve | None = None
    parts: list[Curve] = field(default_factory=list)
    trend: Trend | None = None
    period: Period | None = None
    step: str = ""
    is_coarser: bool = False  # than was asked for, which would be too many points
    is_late: bool = False
    compared: str = ""  # what it is compared with, in words
    judged: FeedbackOnMatches | None = (
        None  # of numbers with a threshold: how many are good and bad
    )

    @property
    def good(self) -> str:
        """Which values are good: `yes`, `≥ 0.5`; "" where none is."""
        condition = feedback_text.good(self.metric)
        return feedback_text.compared(condition) if condition else ""


@dataclass
class TrendsPage(Look):
    """Charts of metrics under the filter."""

    controls = ("metric",)

    charts: list[Chart] = field(default_factory=list)

    @cached_property
    def split(self) -> Grouping | None:
        """What each chart is split by."""
        name = self.own.get("split", "none")
        if name == "none":
            return None
        if name in ("model", "source"):
            return Grouping(GroupKind(name))
        if name.startswith("label:"):
            key, value = parse_label(name.removeprefix("label:"))
            if value is None and key in self.label_keys:
                return Grouping(GroupKind.LABEL, key)
        raise ValueError("expected none, model, source, or label: and a key that the project has")

    @cached_property
    def uses(self) -> list[tuple[Metric, int]]:
        """The metrics with feedback, and how much was ever given, most first."""
        uses = metric_usage.feedback_uses(self.project)
        found = [(metric, uses[metric.id].n) for metric in self.metrics if metric.id in uses]
        return sorted(found, key=lambda one: (-one[1], one[0].key))

    @cached_property
    def chosen(self) -> list[Metric]:
        """The metrics that are shown: those that the address names, else the most used."""
        keys = self.own.getlist("metric")
        if not keys:
            return [metric for metric, _ in self.uses[:USUAL]]
        known = {metric.key: metric for metric in self.metrics}
        if missing := next((key for key in keys if key not in known), None):
            raise ValueError(f"“{missing[:100]}” is no metric of this project")
        if len(keys) > MOST_METRICS:
            raise ValueError(f"expected at most {MOST_METRICS}")
        return [known[key] for key in keys]

    @property
    def by(self) -> str:
        """The step that was asked for, or "" for what suits the time."""
        return self.own.get("by", "")

    def read(self) -> "TrendsPage":
        """Draw the charts, or say what is wrong with the address."""
        if not self.checked():
            return self
        if self.by not in ("", *trend_buckets.STEPS):
            self.blame("by", f"expected one of {', '.join(trend_buckets.STEPS)}")
        for name, what in (("split", "split"), ("metric", "chosen")):
            try:
                getattr(self, what)
            except ValueError as error:
                self.blame(name, str(error))
        if not self.faults:
            self.charts = [self._chart(metric) for metric in self.chosen]
        return self

    @property
    def steps(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each step."""
        named = [
            ("Automatic", None, ""),
            *((f"{s.capitalize()}s", s, s) for s in trend_buckets.STEPS),
        ]
        return [(name, self.having(by=value), self.by == now) for name, value, now in named]

    @property
    def splits(self) -> list[tuple[str, str, bool]]:
        """Likewise of each way to split but labels."""
        now = self.split.kind if self.split else ""
        named = (("All together", None, ""), ("Model", "model", "model"),
                 ("Source", "source", "source"))  # fmt: skip
        return [(name, self.having(split=value), now == one) for name, value, one in named]

    @cached_property
    def keys(self) -> list[tuple[str, str, bool]]:
        """Likewise of label keys."""
        return [
            (
                key,
                self.having(split=f"label:{spell_label(key)}"),
                self.split == Grouping(GroupKind.LABEL, key),
            )
            for key in counts.keys(self.project)[:KEYS]
        ]

    @property
    def choices(self) -> list[tuple[Metric, int, bool, str]]:
        """The metrics to show, how much was ever given, whether each is shown, and the page with
        it alone.
        """
        shown = {metric.id for metric in self.chosen}
        return [(m, n, m.id in shown, self.having(metric=m.key)) for m, n in self.uses]

    def _chart(self, metric: Metric) -> Chart:
        chart = Chart(metric, self.address.filter)
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
                split=self.split,
            )
        except TookTooLong:
            chart.is_late = True
            return chart
        if not metric.is_yes_no and metric.limit is not None:
            chart.judged = self._judged(metric, start, end)
        if chart.trend.all.now.total is not None:
            chart.compared = english.span(_days(end - start)) if chart.trend.has_before else ""
            self._draw(chart, chart.trend, chart.period)
        return chart

    def _judged(self, metric: Metric, start: datetime, end: datetime) -> FeedbackOnMatches | None:
        """How many are good and bad in the time; None when that takes too long."""
        timeless = without(self.tree, CreatedIn).children
        try:
            with time_limit(JUDGED_LIMIT_MS):
                tree = And((*timeless, CreatedIn(start, end)))
                return feedback_on(self.project, tree, metric)
        except TookTooLong:
            return None

    def _span(self, metric: Metric) -> tuple[datetime, datetime, bool] | None:
        """From the filter's own ends, else from the first and to the last that was judged, by
        whole days; and whether there is a time before it to compare with.
        """
        term = self.filter.time_term()
        asked = term.condition(now := datetime.now(UTC))
        start, end = (asked.start, asked.end) if asked else (None, None)
        if term.span is not None:
            end = now
        has_before = start is not None
        if start is None or end is None:
            known = trends.limited_span(self.project, self.tree, metric)
            if known is None:
                return None
            start, end = start or midnight(known[0]), end or midnight(known[1]) + _DAY
        has_before = has_before and start - (end - start) >= EPOCH
        return (start, end, has_before) if start < end else None

    def _draw(self, chart: Chart, trend: Trend, period: Period) -> None:
        is_share = chart.metric.kind == Metric.Kind.BOOL
        drawn = [trend.all, *trend.parts]
        samples = [one for part in drawn for one in self._samples(part, trend)]
        given = None if is_share else trends.ends(chart.metric)
        scale = numbers.scale_of(samples, is_share=is_share, within=given)
        drawing = Drawing(chart.metric, period, chart.step, scale, trend.has_before)
        chart.whole = drawing.curve(trend.all, partial(self._link, chart.metric))
        for part in trend.parts:
            name = "all others" if part.is_others else part.name
            chart.parts.append(
                drawing.curve(part, self._link_of(chart.metric, part), name=name or "none")
            )

    @staticmethod
    def _samples(part: TrendPart, trend: Trend) -> list[ValueSample]:
        courses = [part.now, part.before] if trend.has_before else [part.now]
        return [one for course in courses for one in course.buckets if one]

    def _link(self, metric: Metric, start: datetime, end: datetime) -> str:
        term = ("feedback", spell_feedback(HasFeedback(metric.key)))
        return self.listing + within(self, start, end, term)

    def _link_of(self, metric: Metric, part: TrendPart) -> Callable[[datetime, datetime], str]:
        """Links to the rows of a part; the others together, no filter asks for."""
        if part.is_others or self.split is None:
            return lambda start, end: ""
        opening = Opening(self, self.split)
        one = HasFeedback(metric.key)
        return lambda start, end: opening.link_within(part.name, start, end, one)


def _days(length: timedelta) -> timedelta:
    """To whole days, where it is longer than one."""
    return timedelta(days=round(length / timedelta(days=1))) if length.days else length


@require_GET
@vary_on_headers("HX-Request")
@in_project()
@opens_ids
def feedback(request: ProjectRequest) -> HttpResponse:
    """The page."""
    filter, own = separate(request.GET, OWN)
    look = TrendsPage(request.caller, request.project, filter, page="feedback", own=own)
    if is_sent_by_form(request.GET):
        return HttpResponseRedirect(look.having())
    context = {"look": look.read(), "heading": "Feedback"}
    return project_page(request, "interactions/trends.html", context, tab="feedback")
