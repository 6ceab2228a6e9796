"""A filter as the query bar writes it; `grammar.parse` reads it back to the same tree."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from . import notation
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
from .fields import FIELDS, NONE, PREFIXES
from .misread import JOINING
from .terms import spell_number
from .tree import And, Not, Or, Tree, normal

_WORD = re.compile(r'[^\s()":\-*][^\s()":]*')
_VALUE = re.compile(r'[^\s()"<>=≤≥≠!*][^\s()"]*')
_KEY = re.compile(r'[^\s()":\-][^\s()":]*')
_SIGNS = {
    Comparator.EQUAL: "", Comparator.NOT_EQUAL: "!=", Comparator.LESS: "<",
    Comparator.AT_MOST: "<=", Comparator.MORE: ">", Comparator.AT_LEAST: ">=",
}  # fmt: skip
_DAYS, _WEEK = 1440, 10_080  # minutes
MOST_UNITS = 99_999  # that a span may be long
_DAY = timedelta(days=1)
# Spelt as the value of a field, these would be read as something else.
_SPECIAL = (*JOINING, NONE)


def spell(tree: Tree, yes_no: Collection[str] = ()) -> str:
    """The text that `parse` reads back to the tree's normal form; `*` is everything.

    Of the metrics in `yes_no`, by key, the values are spelt `yes` and `no`.
    """
    return _spelt(normal(tree), yes_no)


def _spelt(tree: Tree, yes_no: Collection[str]) -> str:
    match tree:
        case And(()):
            return "*"
        case And(children):
            return " ".join(_ranged(children, yes_no))
        case Or(children):
            return " OR ".join(_grouped(child, yes_no, And) for child in children)
        case Not(And(()) | And() | Or() | Not() as child):
            return f"NOT {_grouped(child, yes_no, And, Or)}"
        case Not(child):
            return f"-{_spelt(child, yes_no)}"
        case HasFeedback():
            return _feedback(tree, is_yes_no=tree.metric in yes_no)
        case _:
            return _condition(tree)


def _ranged(children: tuple[Tree, ...], yes_no: Collection[str]) -> Iterator[str]:
    """Each in turn; the two ends of a measure side by side are one range."""
    rest = list(children)
    while rest:
        match rest:
            case [
                HasNumber(number, Comparator.AT_LEAST, least),
                HasNumber(other, Comparator.AT_MOST, most),
                *_,
            ] if number == other:
                yield f"{number}:{_measure(number, least)}..{_measure(number, most)}"
                rest = rest[2:]
            case [first, *_]:
                yield _grouped(first, yes_no, Or)
                rest = rest[1:]


def _grouped(tree: Tree, yes_no: Collection[str], *kinds: type[And] | type[Or]) -> str:
    needs = isinstance(tree, kinds) and tree != And()
    text = _spelt(tree, yes_no)
    return f"({text})" if needs else text


def _condition(one: Condition) -> str:
    match one:
        case HasLabel(key, None):
            return f"{spell_key(key)}:*"
        case HasLabel(key, values):
            return f"{spell_key(key)}:{_any(spell_value(value) for value in values or ())}"
        case HasLlm(keys):
            return f"model:{_any(NONE if key is None else spell_value(key) for key in keys)}"
        case HasSource(sources):
            return f"via:{_any(spell_value(source.lower()) for source in sources)}"
        case CreatedBy(users):
            return f"user:{_any(spell_value(user) for user in users)}"
        case InSession(id):
            return f"session:{id}"
        case HasId(id):
            return f"id:{id}"
        case HasPrompt(id):
            return f"prompt_hash:{id}"
        case HasNumber(number, comparator, value):
            return f"{number}:{_SIGNS[comparator]}{_measure(number, value)}"
        case CreatedWithin(length):
            return f"time:{spell_length(length)}"
        case CreatedIn(start, end):
            return _time(start, end)
        case IsCompared(metric):
            return f"compared:{'*' if metric is None else spell_value(metric)}"
        case Contains(text, Place.ANYWHERE):
            return spell_word(text)
        case Contains(text, place):
            return f"{place}:{spell_value(text)}"
        case Reads(text, place):
            return f"{'text' if place == Place.ANYWHERE else place}:={spell_value(text)}"
    raise TypeError(f"no spelling for {one!r}")


def _any(values: Iterable[str]) -> str:
    """One value, or several in parentheses."""
    spelt = list(values)
    return spelt[0] if len(spelt) == 1 else f"({' OR '.join(spelt)})"


def quoted(text: str) -> str:
    """In quotes, letter for letter."""
    spelt = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{spelt}"'


def spell_word(text: str) -> str:
    """A word or phrase to look for."""
    return text if _WORD.fullmatch(text) and text not in JOINING else quoted(text)


def spell_value(text: str) -> str:
    """A value behind a colon."""
    is_plain = _VALUE.fullmatch(text) and text not in _SPECIAL
    return text if is_plain and not text.startswith(("by:", "because:")) else quoted(text)


def spell_key(key: str) -> str:
    """A label's key, in front of a colon."""
    if _KEY.fullmatch(key):
        return f"label.{key}" if key in FIELDS or key.startswith(PREFIXES) else key
    return f"label.{quoted(key)}"


def spell_metric(metric: str | None) -> str:
    """A metric, in front of a colon; None is any."""
    if metric is None:
        return "feedback"
    return f"feedback.{metric if _KEY.fullmatch(metric) else quoted(metric)}"


def _feedback(one: HasFeedback, *, is_yes_no: bool) -> str:
    items = [
        f"{_SIGNS[sign]}{notation.value(value, is_yes_no=is_yes_no)}"
        for sign, value in one.comparisons
    ]
    match one.comparisons:
        case ((Comparator.AT_LEAST, least), (Comparator.AT_MOST, most)):
            items = [f"{spell_number(least)}..{spell_number(most)}"]
    if one.given_by is not None:
        items.append(f"by:{spell_value(one.given_by)}")
    if one.reasons is not None:
        items.append(f"because:{_any(spell_value(reason) for reason in one.reasons)}")
    is_single = len(items) == 1 and one.given_by is None and one.reasons is None
    value = "*" if not items else items[0] if is_single else f"({' '.join(items)})"
    return f"{spell_metric(one.metric)}:{value}"


def _measure(number: Number, value: float) -> str:
    if number not in (Number.LATENCY, Number.TTFT):
        return spell_number(value)
    seconds = value / 1000
    if abs(value) >= 1000 and seconds * 1000 == value and len(f"{seconds:g}") < 6:
        spelt = f"{seconds:g}"
        if float(spelt) * 1000 == value:
            return f"{spelt}s"
    return f"{spell_number(value)}ms"


def spell_length(length: timedelta) -> str:
    """`36h`, `7d`: in days from two on, as people say it, else in hours or minutes."""
    minutes = int(length.total_seconds() // 60)
    if minutes % _WEEK == 0 and minutes // _DAYS > MOST_UNITS:
        return f"{minutes // _WEEK}w"
    if minutes % _DAYS == 0 and minutes > _DAYS:
        return f"{minutes // _DAYS}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def spell_time(at: datetime) -> str:
    """A time in UTC, as short as it can be said."""
    at = at.astimezone(UTC).replace(tzinfo=None)
    if (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0):
        return at.date().isoformat()
    return at.isoformat(timespec="auto" if at.second or at.microsecond else "minutes")


def _time(start: datetime | None, end: datetime | None) -> str:
    if end is None:
        return f"since:{spell_time(start)}" if start else "*"
    if start is None:
        return f"until:{spell_time(end)}"
    return f"time:{period(start, end) or f'{spell_time(start)}..{spell_time(end)}'}"


def period(start: datetime, end: datetime) -> str:
    """`2023`, `2023-06` or `2023-06-12` for a whole year, month or day; "" of any other time."""
    first, last = spell_time(start), spell_time(end)
    if len(first) == len(last) == 10:  # days
        if end - start == _DAY:
            return first
        if first.endswith("-01-01") and last == f"{start.year + 1:04}-01-01":
            return first[:4]
        after = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        if first.endswith("-01") and end == after:
            return first[:7]
    return ""
