"""A filter as the query bar writes it; `grammar.parse` reads it back to the same tree."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

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
from interactions.filters.days import ADDRESS_DAYS, Days, here
from interactions.filters.notation import spell_number
from interactions.filters.query.errors import OPERATORS
from interactions.filters.query.fields import (
    KEY_PREFIXES,
    NO_MODEL_NAME,
    QUERY_FIELDS,
    TEXT_PLACES,
)
from interactions.filters.tree import And, Not, Or, Tree, normal
from interactions.textindex.places import Place

_WORD = re.compile(r'[^\s()":\-*][^\s()":]*')
_VALUE = re.compile(r'[^\s()"<>=≤≥≠!*][^\s()"]*')
_KEY = re.compile(r'[^\s()":\-][^\s()":]*')
_SIGNS = {
    Comparator.EQUAL: "", Comparator.NOT_EQUAL: "!=", Comparator.LESS: "<",
    Comparator.AT_MOST: "<=", Comparator.MORE: ">", Comparator.AT_LEAST: ">=",
}  # fmt: skip
_DAYS, _WEEK = 1440, 10_080  # minutes
MOST_SPAN_UNITS = 99_999  # that a span may be long
_PLACES = {place: name for name, place in TEXT_PLACES.items()}
# Spelt as the value of a field, these would be read as something else.
_SPECIAL = (*OPERATORS, NO_MODEL_NAME)


class _Style(NamedTuple):
    """Whose days times are written in, and of which metrics the values are yes and no."""

    days: Days
    yes_no: Collection[str] = ()


def spell(tree: Tree, days: Days | None = None, *, yes_no: Collection[str] = ()) -> str:
    """The text that `parse` reads back to the tree's normal form; `*` is everything.

    Of the metrics in `yes_no`, by key, the values are spelt `yes` and `no`.
    """
    return _spelt(normal(tree), _Style(days or here(), yes_no))


def spell_fixed(tree: Tree) -> str:
    """As an address has it, for `parse_fixed`."""
    return spell(tree, ADDRESS_DAYS)


def _spelt(tree: Tree, style: _Style) -> str:
    match tree:
        case And(()):
            return "*"
        case And(children):
            return " ".join(_ranged(children, style))
        case Or(children):
            return " OR ".join(_grouped(child, style, And) for child in children)
        case Not(And(()) | And() | Or() | Not() as child):
            return f"NOT {_grouped(child, style, And, Or)}"
        case Not(child):
            return f"-{_spelt(child, style)}"
        case HasFeedback():
            return _feedback(tree, is_yes_no=tree.metric in style.yes_no)
        case _:
            return _condition(tree, style.days)


def _ranged(children: tuple[Tree, ...], style: _Style) -> Iterator[str]:
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
                yield _grouped(first, style, Or)
                rest = rest[1:]


def _grouped(tree: Tree, style: _Style, *kinds: type[And] | type[Or]) -> str:
    needs = isinstance(tree, kinds) and tree != And()
    return f"({_spelt(tree, style)})" if needs else _spelt(tree, style)


def _condition(one: Condition, days: Days) -> str:
    match one:
        case HasLabel(key, None):
            return f"{spell_key(key)}:*"
        case HasLabel(key, values):
            return f"{spell_key(key)}:{_any(spell_value(value) for value in values or ())}"
        case HasLlm(keys):
            return (
                f"model:{_any(NO_MODEL_NAME if key is None else spell_value(key) for key in keys)}"
            )
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
            return _time(start, end, days)
        case IsCompared(metric):
            return f"compared:{'*' if metric is None else spell_value(metric)}"
        case Contains(text, Place.ANYWHERE):
            return spell_word(text)
        case Contains(text, place):
            return f"{_PLACES[place]}:{spell_value(text)}"
        case Reads(text, place):
            return f"{_PLACES[place]}:={spell_value(text)}"
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
    return text if _WORD.fullmatch(text) and text not in OPERATORS else quoted(text)


def spell_value(text: str) -> str:
    """A value behind a colon."""
    is_plain = _VALUE.fullmatch(text) and text not in _SPECIAL
    return text if is_plain and not text.startswith(("by:", "because:")) else quoted(text)


def spell_key(key: str) -> str:
    """A label's key, in front of a colon."""
    if _KEY.fullmatch(key):
        return f"label.{key}" if key in QUERY_FIELDS or key.startswith(KEY_PREFIXES) else key
    return f"label.{quoted(key)}"


def spell_metric(metric: str | None) -> str:
    """A metric, in front of a colon; None is any."""
    if metric is None:
        return "feedback"
    return f"feedback.{metric if _KEY.fullmatch(metric) else quoted(metric)}"


def _feedback(one: HasFeedback, *, is_yes_no: bool) -> str:
    items = [
        f"{_SIGNS[sign]}{feedback_text.value(value, is_yes_no=is_yes_no)}"
        for sign, value in one.comparisons
    ]
    match one.comparisons:
        case ((Comparator.AT_LEAST, least), (Comparator.AT_MOST, most)):
            items = [f"{spell_number(least)}..{spell_number(most)}"]
    if one.given_by is not None:
        items.append(f"by:{spell_value(one.given_by)}")
    if one.reasons is not None:
        items.append(f"because:{_any(f'={spell_value(reason)}' for reason in one.reasons)}")
    if one.because is not None:
        items.append(f"because:{_any(spell_value(part) for part in one.because)}")
    is_detailed = one.given_by is not None or one.reasons is not None or one.because is not None
    is_single = len(items) == 1 and not is_detailed
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
    if minutes % _WEEK == 0 and minutes // _DAYS > MOST_SPAN_UNITS:
        return f"{minutes // _WEEK}w"
    if minutes % _DAYS == 0 and minutes > _DAYS:
        return f"{minutes // _DAYS}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def spell_time(at: datetime) -> str:
    """A time in UTC, as short as it can be said."""
    return ADDRESS_DAYS.spell(at)


def _time(start: datetime | None, end: datetime | None, days: Days) -> str:
    if end is None:
        return f"since:{days.spell(start)}" if start else "*"
    if start is None:
        return f"until:{days.spell_end(end)}"
    return f"time:{days.period(start, end) or f'{days.spell(start)}..{days.spell_end(end)}'}"
