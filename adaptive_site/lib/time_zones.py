"""The time zone of whoever asks, which their browser remembers; UTC where none was chosen.

Pages alone have one. What programs read and write is UTC.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

COOKIE = "time_zone"
UTC_NAME = "UTC"


def zone_named(name: str | None) -> ZoneInfo:
    """The zone with a name such as `Europe/Berlin`; UTC for what is none."""
    if not name or len(name) > 64 or name not in available_timezones():
        return ZoneInfo(UTC_NAME)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(UTC_NAME)


def short_name() -> str:
    """What the zone in force is called in a heading: `UTC`, or its place: `Berlin`."""
    return str(timezone.get_current_timezone()).rpartition("/")[2].replace("_", " ")


def name_at(at: datetime) -> str:
    """What the clock in force is called at some time: `UTC`, `CEST`, `UTC+05`."""
    name = timezone.localtime(at).tzname() or UTC_NAME
    return f"UTC{name}" if name[:1] in "+-" else name


def clock(request: HttpRequest) -> dict[str, str]:
    """For templates: the name of the zone of the page, short and whole."""
    return {"zone": short_name(), "zone_name": str(timezone.get_current_timezone())}


def in_zone(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer pages in the zone of the browser's cookie."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        is_page = not request.path.startswith("/api/")
        with timezone.override(zone_named(request.COOKIES.get(COOKIE) if is_page else None)):
            return answer(request)

    return answered
