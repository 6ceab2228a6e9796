"""A filter in English."""

from datetime import datetime, timedelta

from interactions.filters import feedback_text
from interactions.filters.conditions import (
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
    Reads,
)
from interactions.filters.days import here, is_midnight
from interactions.filters.feedback_text import YesNo
from interactions.filters.notation import spell_number
from interactions.filters.tree import And, Not, Or, Tree
from interactions.textindex.places import Place

MEASURE_WORDS = {
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
    """`36 hours`, `7 days`, in the largest unit that divides it at least twice, or in hours."""
    minutes = int(length.total_seconds() // 60)
    for unit, size in (("week", 10080), ("day", 1440), ("hour", 60)):
        if minutes % size == 0 and not (unit != "hour" and minutes == size):
            n = minutes // size
            return f"{n} {unit}{'s' if n != 1 else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def condition(one: Condition, *, is_not: bool = False, yes_no: YesNo = ()) -> tuple[str, str, str]:
    """Subject, verb and object of a condition, such as ("env", "is not", "prod").

    `yes_no` are the keys of the metrics whose values are yes and no.
    """
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
            return _feedback(one, is_not=is_not, yes_no=yes_no)
        case IsCompared(metric):
            return metric or "any feedback", f"{be} compared", ""
        case Contains(text, place):
            return _place(place), "lacks" if is_not else "contains", f"“{text}”"
        case Reads(text, place):
            return _place(place), be, f"“{text}”"
        case HasNumber(number, comparator, value):
            subject, unit = MEASURE_WORDS[number]
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


def _feedback(one: HasFeedback, *, is_not: bool, yes_no: YesNo) -> tuple[str, str, str]:
    subject, details = feedback_text.subject(one.metric), []
    if one.reasons is not None:
        details.append(
            "with no reason given" if one.reasons == ("",) else f"because of {either(one.reasons)}"
        )
    if one.because is not None:
        details.append(f"because of something with {either(tuple(map(_quoted, one.because)))}")
    if one.given_by is not None:
        details.append(f"by {one.given_by}")
    said = feedback_text.compared(one, yes_no)
    if is_not and said == feedback_text.ANY_VALUE and not details:
        return subject, "", feedback_text.NO_FEEDBACK
    return subject, "not" if is_not else "", " ".join([said, " and ".join(details)]).strip()


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


def said(tree: Tree, yes_no: YesNo = ()) -> tuple[str, str, str]:
    """Subject, verb and object of a part of a filter; a group of conditions is all subject."""
    one = tree.child if isinstance(tree, Not) else tree
    if isinstance(one, And | Or | Not):
        return sentence(tree, yes_no), "", ""
    return condition(one, is_not=isinstance(tree, Not), yes_no=yes_no)


def sentence(tree: Tree, yes_no: YesNo = ()) -> str:
    """The whole filter, such as `env is prod and helpful: no`; "everything" when it is empty.

    `yes_no` as in `condition`.
    """
    match tree:
        case And(()):
            return "everything"
        case Or(()):
            return "nothing"
        case And(children):
            return " and ".join(_nested(child, yes_no) for child in children)
        case Or(children):
            return " or ".join(_nested(child, yes_no) for child in children)
        case Not(child):
            if isinstance(child, And | Or | Not):
                return f"not ({sentence(child, yes_no)})"
            return " ".join(filter(None, condition(child, is_not=True, yes_no=yes_no)))
        case _:
            return " ".join(filter(None, condition(tree, yes_no=yes_no)))


def _nested(tree: Tree, yes_no: YesNo) -> str:
    text = sentence(tree, yes_no)
    return f"({text})" if isinstance(tree, And | Or) and tree.children else text
