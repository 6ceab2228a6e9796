"""The calendar from which the days of a filter's time are picked."""

from calendar import Calendar as Weeks
from calendar import month_name
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.ids import EPOCH, time_of
from interactions.filters.notation import LATEST_TIME
from interactions.filters.query.spelling import spell_time
from interactions.filters.sql import queries
from interactions.web.filtering.filtered_page import FilteredPage
from projects.web.requests import ProjectRequest, in_project, project_page

_DAY = timedelta(days=1)
NEWEST_MATCH_LIMIT_MS = 500
FIRST_DAY, LAST_DAY = EPOCH.date(), LATEST_TIME.date()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar with the link that picks that day."""

    date: date
    link: str
    is_in_month: bool
    is_in_span: bool
    is_first: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks of days; `picked` is the first day of a span whose last is to come.

    A first pick leads to this page again, a second one to the rows between the two.
    """

    filtered: FilteredPage
    start: date
    picked: date | None

    @property
    def name(self) -> str:
        """Month and year."""
        return f"{month_name[self.start.month]} {self.start.year}"

    @property
    def end(self) -> date:
        """The first day of the next month."""
        return (self.start.replace(day=1) + timedelta(days=32)).replace(day=1)

    @property
    def whole(self) -> str:
        """The rows of the whole month."""
        return self._rows(self.start, self.end)

    @property
    def only(self) -> str:
        """The rows of the picked day alone."""
        return self._rows(self.picked, self.picked + _DAY) if self.picked else ""

    @property
    def earlier(self) -> str:
        """The calendar of the month before."""
        before = self.start - _DAY
        return self._at(before.replace(day=1)) if before >= FIRST_DAY else ""

    @property
    def later(self) -> str:
        """The calendar of the month after."""
        return self._at(self.end) if self.end < LAST_DAY else ""

    @property
    def year_earlier(self) -> str:
        """The calendar of the same month of the year before."""
        year = self.start.year - 1
        return self._at(self.start.replace(year=year)) if year >= FIRST_DAY.year else ""

    @property
    def weeks(self) -> list[list[Day]]:
        """Monday to Sunday."""
        dates = Weeks().monthdatescalendar(self.start.year, self.start.month)
        return [[self._day(one) for one in week] for week in dates]

    def _day(self, one: date) -> Day:
        span = self.filtered.time.term.condition(datetime.now(UTC))
        start, end = (span.start, span.end) if span else (None, None)
        is_in_span = (
            span is not None
            and (start is None or timezone.localdate(start) <= one)
            and (end is None or _midnight(one) < end)
        )
        if self.picked is None:
            link = self._at(self.start, one)
        else:
            link = self._rows(min(one, self.picked), max(one, self.picked) + _DAY)
        return Day(
            one,
            link,
            one.month == self.start.month,
            one == self.picked if self.picked else is_in_span,
            one == self.picked,
            one == timezone.localdate(),
        )

    def _rows(self, start: date, end: date) -> str:
        links = self.filtered.links
        return links.path + links.page.between(
            *(spell_time(_midnight(day)) for day in (start, end))
        )

    def _at(self, month: date, picked: date | None = None) -> str:
        picked = picked or self.picked
        first = {"first": str(picked)} if picked else {}
        return self.filtered.links.calendar(month=f"{month:%Y-%m}", **first)


@dataclass
class CalendarPage(FilteredPage):
    """A month, or what is wrong with the filter whose time it shows."""

    month: Month | None = None

    def read(self, month: str, first: str) -> "CalendarPage":
        """The month of this name (`2024-02`), else that in which the time begins."""
        if self.filter.is_valid():
            start = _date(f"{month}-01", "month") if month else self._beginning()
            self.month = Month(self, start, _date(first, "first") if first else None)
        return self

    def _beginning(self) -> date:
        span = self.time.term.condition(datetime.now(UTC))
        at = (span.start or span.end) if span else None
        return timezone.localdate(at or self._newest()).replace(day=1)

    def _newest(self) -> datetime:
        """When the newest match was made; of a filter that takes long, today."""
        try:
            with time_limit(NEWEST_MATCH_LIMIT_MS):
                ids = queries.page(self.project, self.tree, limit=1).ids
        except TookTooLong:
            ids = []
        return time_of(ids[0]) if ids else datetime.now(UTC)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def calendar(request: ProjectRequest) -> HttpResponse:
    """A month, which `month` names, else the one the filter's time begins in."""
    address = request.GET.copy()
    month, first = (address.pop(name, [""])[-1].strip() for name in ("month", "first"))
    page = CalendarPage.part_of(request, address).read(month, first)
    return project_page(request, "interactions/calendar.html", {"page": page})


def _midnight(day: date) -> datetime:
    """When a day begins, of the zone of whoever asks."""
    at = datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
    return min(max(EPOCH, at.astimezone(UTC)), LATEST_TIME)


def _date(text: str, name: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("expected a month such as 2024-02", field=name) from error
    if not FIRST_DAY <= found < LAST_DAY:
        raise Invalid("expected a time from 1970 to 3000", field=name)
    return found
