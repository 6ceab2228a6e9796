"""How feedback is written, everywhere: `helpful: no`, `csat: 4`, `csat: < 3`, `csat: any`.

A value is yes or no where its metric is, else a number, and stands behind its metric's key and a
colon, as the query bar has it. ▲ marks what is good, ▼ what is bad. Rows, chips, facets, groups,
charts, titles and the query bar's text (`spelling.py`) all come from here.
"""

from collections.abc import Collection
from typing import TypeAlias

from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.notation import spell_number
from projects.models import Metric

YesNo: TypeAlias = Collection[str]  # the keys of the metrics whose values are yes and no
ANY_VALUE, NO_FEEDBACK = "any", "none"  # feedback of whatever value, and no feedback
ANY_METRIC_NAME = "feedback"
MARKS = {"good": "▲", "bad": "▼", "none": "·"}
_SHORT = 8  # characters of a number where there is little room


def value(number_given: float, *, is_yes_no: bool, is_short: bool = False) -> str:
    """`yes`, `no` or a number; any other number of a yes-or-no metric, as a filter may ask for."""
    if is_yes_no and number_given in (0, 1):
        return "yes" if number_given else "no"
    return number(number_given, is_short=is_short)


def number(given: float, *, is_short: bool = False) -> str:
    """The shortest text that reads back as this number; `is_short` cuts it to four digits."""
    text = spell_number(given)
    return f"{given:.4g}" if is_short and len(text) > _SHORT else text


def value_of(metric: Metric, given: float, *, is_short: bool = False) -> str:
    """A value as its metric says it: `no`, `4`; cut short only where it still says good or bad."""
    short = value(given, is_yes_no=metric.is_yes_no, is_short=is_short)
    if not is_short or metric.is_yes_no or metric.tone(float(short)) == metric.tone(given):
        return short
    return number(given)


def mark(metric: Metric, given: float) -> str:
    """▲ of a good value, ▼ of a bad one, · of a number that is neither."""
    return MARKS[metric.tone(given)]


def with_metric(metric: Metric, given: float, *, is_short: bool = False) -> str:
    """A value with its metric: `helpful: no`."""
    return f"{metric.key}: {value_of(metric, given, is_short=is_short)}"


def subject(metric: str | None) -> str:
    """What stands before the value in a condition: `helpful:`."""
    return f"{ANY_METRIC_NAME if metric is None else metric}:"


def compared(condition: HasFeedback, yes_no: YesNo = ()) -> str:
    """What a condition asks of the value: `no`, `< 3`, `≥ 3 and < 5`, `any`."""
    is_yes_no = condition.metric in yes_no
    parts = [
        _compared(comparator, value(one, is_yes_no=is_yes_no))
        for comparator, one in condition.comparisons
    ]
    return " and ".join(parts) or ANY_VALUE


def _compared(comparator: Comparator, text: str) -> str:
    return text if comparator == Comparator.EQUAL else f"{comparator.sign} {text}"


def good(metric: Metric) -> HasFeedback | None:
    """The condition that asks for good values of a metric; None where no value is good or bad."""
    return _beyond(metric, is_bad=False)


def bad(metric: Metric) -> HasFeedback | None:
    """The condition that asks for bad values of a metric; None where no value is good or bad."""
    return _beyond(metric, is_bad=True)


def _beyond(metric: Metric, *, is_bad: bool) -> HasFeedback | None:
    limit = metric.limit
    if limit is None:
        return None
    if metric.is_yes_no:
        wanted = float(metric.is_low_better is is_bad)
        return HasFeedback(metric.key, Comparator.EQUAL, wanted)
    comparators = {
        (False, False): Comparator.AT_LEAST,
        (False, True): Comparator.LESS,
        (True, False): Comparator.AT_MOST,
        (True, True): Comparator.MORE,
    }
    return HasFeedback(metric.key, comparators[metric.is_low_better, is_bad], limit)
