"""Days, weeks and months in UTC, as the buckets of a chart."""

from datetime import UTC, datetime, timedelta

from interactions.filters.notation import LATEST_TIME
from interactions.services.analysis.trends import Period

BUCKET_STEPS = ("day", "week", "month")
MOST_BUCKETS = 400  # buckets of a chart
# Up to how long a time is shown by days, and by weeks.
LONGEST_BY_DAYS, LONGEST_BY_WEEKS = timedelta(days=62), timedelta(days=750)
_SHORTEST = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=28)}


def step_for(start: datetime, end: datetime, asked: str = "") -> str:
    """The step that was asked for, unless it makes too many buckets; else what suits the time."""
    length = end - start
    longest = {"day": LONGEST_BY_DAYS, "week": LONGEST_BY_WEEKS}
    usual = next((step for step, most in longest.items() if length <= most), "month")
    if not asked:
        return usual
    wanted = BUCKET_STEPS[BUCKET_STEPS.index(asked) :]
    return next((step for step in wanted if length / _SHORTEST[step] <= MOST_BUCKETS), "month")


def period(start: datetime, end: datetime, step: str) -> Period:
    """The span in buckets; weeks begin on Monday (ISO 8601).

    The first and the last bucket hold only what lies within the span.
    """
    edge = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if step == "week":
        edge -= timedelta(days=edge.weekday())
    elif step == "month":
        edge = edge.replace(day=1)
    edges = [edge]
    while edges[-1] < end:
        edges.append(min(_next(edges[-1], step), LATEST_TIME + timedelta(days=31)))
    return Period(start, end, tuple(edges))


def _next(edge: datetime, step: str) -> datetime:
    if step == "month":
        return (edge + timedelta(days=32)).replace(day=1)
    return edge + timedelta(days=7 if step == "week" else 1)
