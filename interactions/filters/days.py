"""Times as a filter writes them: in the person's zone and with the last day in, or in UTC.

In the query bar, in words and in forms a day is one of the person's zone, and `..` leads up to and
with the day that it names: `time:2026-11-23..2026-11-25` are three days. An address must mean the
same to everybody and for ever: there all is UTC and an end is not in it. `..<` and `until:<` say
that in both.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils import timezone

from interactions.filters.notation import parse_time

_CALENDAR = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Whose days are meant, and whether the last one that is named is in a span."""

    zone: tzinfo
    is_last_in: bool = True

    def span_of(self, text: str) -> tuple[datetime, datetime]:
        """The whole of a year, month or day; of a longer time, its second. Raises ValueError."""
        match = _CALENDAR.fullmatch(text)
        try:
            if match is None:
                at = self.time_of(text)
                return at, at + timedelta(seconds=1)
            year, month, day = (int(part) if part else 0 for part in match.groups())
            start = datetime(year, month or 1, day or 1)
            if day:
                days = 1
            else:
                days = monthrange(year, month)[1] if month else 365 + (monthrange(year, 2)[1] == 29)
            return self._checked(start), self._checked(start + timedelta(days=days))
        except (ValueError, OverflowError) as error:
            if "1970" in str(error):
                raise
            raise ValueError(
                "expected a span such as 36h or 7d, a date such as 2024-02 or 2024-02-21,"
                " or two with `..` between"
            ) from error

    def end_of(self, text: str) -> datetime:
        """Where a span ends of which this is the end: after the day, month or year it names."""
        is_without = text.startswith("<")
        start, end = self.span_of(text.removeprefix("<"))
        is_whole = _CALENDAR.fullmatch(text) is not None
        return end if is_whole and self.is_last_in and not is_without else start

    def time_of(self, text: str) -> datetime:
        """A date or time, in the zone when it names none. Raises ValueError."""
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            return parse_time(text)  # which says what was expected
        return parse_time(text) if at.tzinfo else self._checked(at)

    def _checked(self, at: datetime) -> datetime:
        return parse_time(at.replace(tzinfo=self.zone).astimezone(UTC).isoformat())

    def spell(self, at: datetime, *, is_end: bool = False) -> str:
        """A time as short as it can be said; as an end so that it is not taken for a day."""
        local = at.astimezone(self.zone).replace(tzinfo=None, fold=0)
        if local.replace(tzinfo=self.zone).astimezone(UTC) != at:  # the clock says it twice
            return at.astimezone(self.zone).isoformat()
        if is_midnight(local):
            said = local.date().isoformat()
            return said if not is_end else f"<{said}"
        return local.isoformat(timespec="auto" if local.second or local.microsecond else "minutes")

    def spell_end(self, at: datetime) -> str:
        """Where a span ends: the last day in it, where that is all of a day."""
        spelt = self.spell(at, is_end=True)
        if self.is_last_in and spelt.startswith("<"):
            last = self.last_day(at)
            try:
                if self.end_of(last) == at:
                    return last
            except ValueError:  # beyond the times that a filter takes
                return spelt
        return spelt

    def last_day(self, end: datetime) -> str:
        """The day that ends then."""
        return (end.astimezone(self.zone).replace(tzinfo=None) - _DAY).date().isoformat()

    def is_day(self, at: datetime) -> bool:
        """Whether a day begins then."""
        return is_midnight(at.astimezone(self.zone))

    def period(self, start: datetime, end: datetime) -> str:
        """`2023`, `2023-06` or `2023-06-12` for a whole year, month or day; "" of others."""
        if not (self.is_day(start) and self.is_day(end)):
            return ""
        first = start.astimezone(self.zone)
        day = first.date().isoformat()
        for text in (day[:4], day[:7], day):
            try:
                if self.span_of(text) == (start, end):
                    return text
            except ValueError:
                continue
        return ""


def is_midnight(at: datetime) -> bool:
    """Whether the clock says midnight."""
    return (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)


ADDRESS_DAYS = Days(UTC, is_last_in=False)  # of an address


def here() -> Days:
    """The days of the zone that the person chose; UTC where nobody chose one."""
    return Days(timezone.get_current_timezone())
