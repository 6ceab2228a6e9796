"""The spans of time before and after another, of the same length."""

from datetime import UTC, datetime

from adaptive_site.lib.ids import EPOCH
from interactions.filters.notation import LATEST_TIME, TimeTerm

Span = tuple[datetime, datetime]


def around(term: TimeTerm, now: datetime | None = None) -> tuple[Span | None, Span | None]:
    """The earlier and the later span; None where there is none, such as after now.

    A filter that is open to the past has no length, one open to the future ends now.
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
