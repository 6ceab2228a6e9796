"""A filter said in English."""

from datetime import datetime, timedelta

from .conditions import (
    Comparator,
    Condition,
    Contains,
    CreatedBy,
    CreatedIn,
    CreatedWithin,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Number,
    Place,
    Reads,
)
from .days import here, is_midnight
from .terms import spell_number
from .tree import And, Not, Or, Tree

MEASURES = {
    Number.LATENCY: ("latency", " ms"),
    Number.TTFT: ("time to first token", " ms"),
    Number.TOKENS: ("tokens", ""),
    Number.PROMPT_TOKENS: ("prompt tokens", ""),
    Number.COMPLETION_TOKENS: ("completion tokens", ""),
    Number.IMAGES: ("images", ""),
}


def either(values: tuple[str, ...]) -> str:
    """`a`, `a or b`, `a, b or c`; `nothing` of no values."""
    if len(values) < 2:
        return values[0] if values else "nothing"
    return f"{', '.join(values[:-1])} or {values[-1]}"


def moment(at: datetime) -> str:
    """A time as pages write it, to the minute, or the day alone at midnight."""
    at = at.astimezone(here().zone)
    return f"{at:%Y-%m-%d}" if is_midnight(at) else f"{at:%Y-%m-%d %H:%M}"


def span(length: timedelta) -> str:
    """`36 hours`, `7 days`, in the largest unit that divides it."""
    minutes = int(length.total_seconds() // 60)
    for unit, size in (("week", 10080), ("day", 1440), ("hour", 60)):
        if minutes % size == 0 and not (unit == "week" and minutes == size):
            n = minutes // size
            return f"{n} {unit}{'s' if n != 1 else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def condition(one: Condition, *, is_not: bool = False) -> tuple[str, str, str]:
    """Subject, verb and object of a condition, such as ("env", "is not", "prod")."""
    be = "is not" if is_not else "is"
    match one:
        case HasLabel(key, None):
            return key, "is not there" if is_not else "is there", ""
        case HasLabel(key, values):
            return key, be, either(values or ())
        case HasLlm(keys):
            return "model", be, either(tuple(key or "none" for key in keys))
        case HasSource(sources):
            return "source", be, either(tuple(source.lower() for source in sources))
        case InSession(session_id):
            return "session", be, f"{str(session_id)[:8]}…"
        case HasPrompt(prompt_hash):
            return "prompt", be, f"{prompt_hash.hex[:8]}…"
        case HasId(id):
            return "id", be, f"{str(id)[:8]}…"
        case CreatedBy(users):
            return "author", be, either(users)
        case HasFeedback():
            return _feedback(one, is_not=is_not)
        case IsCompared(metric):
            return metric or "any feedback", f"{be} compared", ""
        case Contains(text, place):
            return _place(place), "lacks" if is_not else "contains", f"“{text}”"
        case Reads(text, place):
            return _place(place), be, f"“{text}”"
        case HasNumber(number, comparator, value):
            subject, unit = MEASURES[number]
            return subject, _compared(comparator, is_not=is_not), f"{spell_number(value)}{unit}"
        case CreatedIn(start, end):
            return "time", "not" if is_not else "", _between(start, end)
        case CreatedWithin(length):
            return "time", "not in the last" if is_not else "in the last", span(length)
    raise TypeError(f"no words for {one!r}")


def _quoted(text: str) -> str:
    return f"“{text}”"


def _place(place: Place) -> str:
    return {Place.ANYWHERE: "text", Place.EVERYWHERE: "text or system prompt"}.get(place, place)


def _compared(comparator: Comparator, *, is_not: bool) -> str:
    return f"not {comparator.sign}" if is_not else comparator.sign


def _feedback(one: HasFeedback, *, is_not: bool) -> tuple[str, str, str]:
    subject = one.metric or "any feedback"
    details = [f"{sign.sign} {spell_number(value)}" for sign, value in one.comparisons[1:]]
    if one.reasons is not None:
        details.append(f"because of {either(one.reasons)}")
    if one.because is not None:
        details.append(f"because of something with {either(tuple(map(_quoted, one.because)))}")
    if one.given_by is not None:
        details.append(f"by {one.given_by}")
    if not one.comparisons:
        verb, first = "is not given" if is_not else "is given", ""
    else:
        (comparator, value), *_ = one.comparisons
        verb, first = _compared(comparator, is_not=is_not), spell_number(value)
    return subject, verb, " and ".join(filter(None, [first, *details]))


def _between(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return f"since {moment(start)}" if start else f"before {moment(end)}" if end else "any"
    return whole(start, end) or " to ".join(ends(start, end))


def ends(start: datetime | None, end: datetime | None) -> tuple[str, str]:
    """Both ends of a span; of whole days the last one that is in it."""
    days = here()
    first, last = (moment(at) if at else "…" for at in (start, end))
    if end is None or not days.is_day(end):
        return first, last
    if start is None or days.is_day(start):
        return first, days.last_day(end)
    return first, f"{last} 00:00"


def whole(start: datetime, end: datetime) -> str:
    """`June 2023`, where it is that month, a day or a year; "" of any other time."""
    days = here()
    found = days.period(start, end)
    first = start.astimezone(days.zone)
    return f"{first:%B %Y}" if len(found) == len("2023-06") else found


def said(tree: Tree) -> tuple[str, str, str]:
    """Subject, verb and object of a part of a filter; a group of conditions is all subject."""
    one = tree.child if isinstance(tree, Not) else tree
    if isinstance(one, And | Or | Not):
        return sentence(tree), "", ""
    return condition(one, is_not=isinstance(tree, Not))


def sentence(tree: Tree) -> str:
    """The whole filter, such as `env is prod and helpful = 0`; "everything" when it is empty."""
    match tree:
        case And(()):
            return "everything"
        case Or(()):
            return "nothing"
        case And(children):
            return " and ".join(_nested(child) for child in children)
        case Or(children):
            return " or ".join(_nested(child) for child in children)
        case Not(child):
            if isinstance(child, And | Or | Not):
                return f"not ({sentence(child)})"
            return " ".join(filter(None, condition(child, is_not=True)))
        case _:
            return " ".join(filter(None, condition(tree)))


def _nested(tree: Tree) -> str:
    return f"({sentence(tree)})" if isinstance(tree, And | Or) and tree.children else sentence(tree)
