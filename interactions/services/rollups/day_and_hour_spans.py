"""A span of time cut into whole days and hours, as the roll-up keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adaptive_site.lib.ids import EPOCH

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GrainSpan:
    """Neighbouring days (`grain` d) or hours (h), from `start` up to `end`."""

    grain: str
    start: datetime
    end: datetime


def cut(edges: Sequence[datetime], *, hours_from: datetime) -> list[GrainSpan]:
    """Spans, one after the other, that hold all between `edges` but ragged ends.

    Days, with hours on both sides of them where they are kept, which is from `hours_from` on;
    else hours alone. None at all when the span is too short, or an edge inside it falls within
    an hour that is kept, or a day.

    From 22:30 to 1:10 two days later: the ends are ragged by 30 and 10 minutes, between them
    are two hours, two days and an hour.
    """
    inner = edges[1:-1]
    start, end = _up(edges[0], HOUR), _down(edges[-1], HOUR)
    first_day, last_day = _up(edges[0], DAY), _down(edges[-1], DAY)
    if first_day < last_day and all(_down(edge, DAY) == edge for edge in inner):
        spans = [GrainSpan("d", first_day, last_day)]
        if hours_from <= start < first_day:
            spans.insert(0, GrainSpan("h", start, first_day))
        if hours_from <= last_day < end:
            spans.append(GrainSpan("h", last_day, end))
        return spans
    if hours_from <= start < end and all(_down(edge, HOUR) == edge for edge in inner):
        return [GrainSpan("h", start, end)]
    return []


def _down(at: datetime, step: timedelta) -> datetime:
    return at - (at - EPOCH) % step


def _up(at: datetime, step: timedelta) -> datetime:
    return at + (EPOCH - at) % step
