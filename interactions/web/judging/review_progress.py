"""The progress of a review and what its values show, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from interactions.services.analysis.sample_estimates import Estimate, mean, share
from interactions.services.judging.review import Queue, ReviewValue


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """So many `read` of `of`, which may be a bound (`10,000+`) or not known ("").

    `rate` is what was found among them, `interval` how surely that holds for all `population`
    interactions that a sample was drawn from; `more` would bring it to `aim`.
    """

    read: int
    of: str
    population: str = ""
    subject: str = ""
    rate: str = ""
    interval: str = ""
    ends: str = ""
    more: int = 0
    aim: str = ""


def progress_of(queue: Queue, values_given: list[ReviewValue], *, of: str) -> ReviewProgress:
    """Of a sample, with its interval; of all, newest first, only what was found: no sample."""
    sample = queue.sample
    if sample is not None:
        of = f"{len(sample.ids):,}"
    population = "" if sample is None else f"{sample.of:,}"
    is_share = queue.metric.limit is not None
    subject = "bad" if is_share else f"mean {queue.metric.key}"
    values = [one.value for one in values_given]
    size = sample.of if sample is not None else len(values)
    bad = sum(queue.metric.tone(value) == "bad" for value in values)
    found = share(bad, len(values), size) if is_share else mean(values, size)
    if found is None:
        return ReviewProgress(0, of, population, subject)
    written = _percent if is_share else _number
    if sample is None:
        return ReviewProgress(len(values), of, "", subject, written(found.value))
    return _estimated(len(values), of, population, subject, found, written=written)


def _estimated(
    read: int,
    of: str,
    population: str,
    subject: str,
    found: Estimate,
    *,
    written: Callable[[float], str],
) -> ReviewProgress:
    if not isfinite(found.interval.half):
        return ReviewProgress(read, of, population, subject, written(found.value))
    return ReviewProgress(
        read,
        of,
        population,
        subject,
        written(found.value),
        written(found.interval.half),
        f"{written(found.interval.low)} to {written(found.interval.high)}",
        found.more,
        written(found.aim) if found.aim else "",
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _number(value: float) -> str:
    return f"{value:.3g}"
