"""Times as people read them: how long ago within a day, the time itself beyond.

`static/js/site/relative_times.js` keeps saying it right while a page is open; both say it alike.
"""

from datetime import UTC, datetime, timedelta

from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape

from adaptive_site.lib.time_zones import name_at

_DAY = timedelta(days=1)
TIME_UNITS = ((timedelta(hours=1), "h"), (timedelta(minutes=1), "min"), (timedelta(seconds=1), "s"))


def moment(at: datetime) -> SafeString:
    """`3 min ago` within a day, else `14 Nov 2026 12:04 UTC`; in full on hovering."""
    said = ago(at) or f"{date(timezone.localtime(at), 'j M Y H:i')} {name_at(at)}"
    return _time(at, said)


def row_time(at: datetime, today: str) -> SafeString:
    """Likewise for a row, with the time of day below: `3 min ago` or `14 Nov`, then `12:04:31`."""
    local = timezone.localtime(at)
    said = ago(at) or day(local, today)
    return mark_safe(f"{_time(at, said)}<small>{local:%H:%M:%S}</small>")


def ago(at: datetime) -> str:
    """`just now`, `40 s ago`, `3 min ago`, `7 h ago`; "" a day ago, or in the future."""
    since = datetime.now(UTC) - at
    if not timedelta(0) <= since < _DAY:
        return ""
    for unit, name in TIME_UNITS:
        if since >= unit:
            return f"{since // unit} {name} ago"
    return "just now"


def day(at: datetime, today: str) -> str:
    """`today`, `14 Nov`, or with the year when it is another one than that of `today`."""
    date = f"{at:%Y-%m-%d}"
    if date == today:
        return "today"
    return f"{at:%-d %b}" if date[:4] == today[:4] else f"{at:%-d %b %Y}"


def iso(at: datetime) -> str:
    """In full, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(at: datetime, said: str) -> SafeString:
    """Marked for `relative_times.js` while it is said relative."""
    exact = iso(at)
    mark = " data-ago" if said.endswith(("ago", "now")) else ""
    return mark_safe(f'<time datetime="{exact}" title="{exact}"{mark}>{escape(said)}</time>')
