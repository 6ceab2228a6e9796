"""The time control: usual spans, and the span before and after the one in force."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from adaptive_site.lib.ids import EPOCH
from adaptive_site.lib.time_zones import short_name
from interactions.filters.address.form import InteractionFilter
from interactions.filters.days import here
from interactions.filters.notation import LATEST_TIME, USUAL_SPANS, TimeTerm, parse_span
from interactions.filters.query import english
from interactions.filters.query.spelling import spell_time
from interactions.web.filtering.page_parameters import TIME_PARAMETERS
from interactions.web.filtering.query_string import QueryString

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class TimeControl:
    """The time that a filter asks for, in words, and the links to other times on the same page."""

    filter: InteractionFilter
    page: QueryString

    @cached_property
    def term(self) -> TimeTerm:
        """The time that is asked for; of what cannot be read, any."""
        return self.filter.time_term()

    @property
    def name(self) -> str:
        """The time in words: `Last 7 days`, `Any time`."""
        if self.term.span is not None:
            return _last(self.term.span)
        start, end = self.term.start, self.term.end
        if start and end and (whole := english.whole(start, end)):
            return whole
        return " – ".join(english.ends(start, end)) if start or end else "Any time"

    @property
    def zone(self) -> str:
        """The name of the zone that times are in."""
        return short_name()

    @property
    def since(self) -> str:
        """The start as an <input type=datetime-local> takes it."""
        return _local(self.filter.cleaned["since"])

    @property
    def until(self) -> str:
        """The end as an <input type=datetime-local> takes it."""
        return _local(self.filter.cleaned["until"])

    @property
    def usual_spans(self) -> list[tuple[str, str, bool]]:
        """Name, link and whether it is in force, of each usual span of time."""
        now = self.term.span if self.filter.is_valid() else None
        is_any = not any(map(self.filter.data.get, TIME_PARAMETERS))
        spans = [(term, parse_span(term)) for term in USUAL_SPANS]
        return [
            (
                _last(length),
                self.page.adding("time", term, instead_of=TIME_PARAMETERS),
                now == length,
            )
            for term, length in spans
        ] + [("Any time", self.page.dropping(*TIME_PARAMETERS), is_any)]

    @property
    def earlier(self) -> str:
        """The link to the span before, of the same length; "" where there is none."""
        return self._link(self._neighbours[0])

    @property
    def later(self) -> str:
        """The link to the span after, of the same length; "" where there is none."""
        return self._link(self._neighbours[1])

    @cached_property
    def _neighbours(self) -> tuple[Span | None, Span | None]:
        return neighbouring_spans(self.term) if self.filter.is_valid() else (None, None)

    def _link(self, span: Span | None) -> str:
        return self.page.between(*map(spell_time, span)) if span else ""


def neighbouring_spans(
    term: TimeTerm, now: datetime | None = None
) -> tuple[Span | None, Span | None]:
    """The spans before and after a time, of its length; None where there is none, as after now.

    A time that is open to the past has no length, one that is open to the future ends now.
    """
    now = now or datetime.now(UTC)
    span = term.condition(now)
    if span is None or span.start is None:
        return None, None
    start, end = span.start, span.end or now
    length = end - start
    if length.total_seconds() <= 0:
        return None, None
    earlier = (max(EPOCH, start - length), start) if start > EPOCH else None
    later = (end, min(LATEST_TIME, end + length)) if end < min(now, LATEST_TIME) else None
    return earlier, later


def _last(length: timedelta) -> str:
    return f"Last {english.span(length).removeprefix('1 ')}"


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(here().zone):%Y-%m-%dT%H:%M}" if at else ""
