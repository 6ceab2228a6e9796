"""What a field of the query bar means: `latency:>500ms` becomes the condition of that number."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

from interactions.filters.conditions import (
    Comparator,
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
)
from interactions.filters.conditions import Contains as ContainsText
from interactions.filters.conditions import Reads as ReadsText
from interactions.filters.days import Days, here
from interactions.filters.notation import parse_number, parse_span
from interactions.filters.tree import And, Not, Or, Tree
from interactions.models import Source
from interactions.textindex.places import Place

NO_MODEL_NAME = "none"  # as a model's name: no model
COMPARISON_SIGNS = {
    "": Comparator.EQUAL, "=": Comparator.EQUAL, "!=": Comparator.NOT_EQUAL,
    "≠": Comparator.NOT_EQUAL, "<": Comparator.LESS, "<=": Comparator.AT_MOST,
    "≤": Comparator.AT_MOST, ">": Comparator.MORE, ">=": Comparator.AT_LEAST,
    "≥": Comparator.AT_LEAST,
}  # fmt: skip
_TIMED = (Number.LATENCY, Number.TTFT)
_UNITS = {"": 1, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_MEASURE = re.compile(r"([+-]?[\d.]+(?:e[+-]?\d+)?)(ms|s|m|h)?", re.IGNORECASE)
TEXT_PLACES = {
    "text": Place.ANYWHERE, "prompt": Place.PROMPT, "completion": Place.COMPLETION,
    "text.system": Place.SYSTEM, "prompt.all": Place.ALL_OF_PROMPT, "text.all": Place.EVERYWHERE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value as it was asked for: with a sign before it or not, in quotes or not."""

    text: str
    sign: str = ""
    is_quoted: bool = False
    days: Days = field(default_factory=here)

    @property
    def is_any(self) -> bool:
        """Whether it stands for any value at all."""
        return self.is_word("*")

    def is_word(self, word: str) -> bool:
        """Whether it is this word, which stands for something else than itself."""
        return self.text == word and not self.is_quoted and self.sign in ("", "=")


def _plain(asked: FieldValue) -> str:
    """Its text, where only being equal makes sense."""
    if asked.sign not in ("", "="):
        raise ValueError(f"expected a value without `{asked.sign}`, or quotes around all of it")
    return asked.text


def _not_if_unequal(tree: Tree, asked: FieldValue) -> Tree:
    return Not(tree) if COMPARISON_SIGNS[asked.sign] == Comparator.NOT_EQUAL else tree


def _positive(asked: FieldValue) -> FieldValue:
    return (
        replace(asked, sign="") if COMPARISON_SIGNS[asked.sign] == Comparator.NOT_EQUAL else asked
    )


def _labelled(key: str, asked: FieldValue) -> Tree:
    text = _plain(_positive(asked))
    is_any = replace(asked, sign="").is_any
    return _not_if_unequal(HasLabel(key, None if is_any else (text,)), asked)


def _has_key(asked: FieldValue) -> Tree:
    return HasLabel(_plain(asked))


def _answered(asked: FieldValue) -> Tree:
    if asked.is_any:
        return Not(HasLlm((None,)))
    text = _plain(_positive(asked))
    is_none = text == NO_MODEL_NAME and not asked.is_quoted
    return _not_if_unequal(HasLlm((None if is_none else text,)), asked)


def _came(asked: FieldValue) -> Tree:
    text = _plain(_positive(asked))
    if text.upper() not in Source.values:
        known = ", ".join(value.lower() for value in Source.values)
        raise ValueError(f"expected one of {known}")
    return _not_if_unequal(HasSource((text.upper(),)), asked)


def _sent(asked: FieldValue) -> Tree:
    return _not_if_unequal(CreatedBy((_plain(_positive(asked)),)), asked)


def _uuid(asked: FieldValue) -> UUID:
    try:
        return UUID(_plain(asked))
    except ValueError as error:
        raise ValueError("expected a UUID, 32 digits of 0-9 and a-f") from error


def _compared(asked: FieldValue) -> Tree:
    return IsCompared(None if asked.is_any else _plain(asked))


def _said(place: Place, asked: FieldValue) -> Tree:
    if asked.sign == "":
        return ContainsText(asked.text, place)
    return _not_if_unequal(ReadsText(_plain(_positive(asked)), place), asked)


def measure(number: Number, text: str) -> float:
    """`1.5s` as the number it is compared with, times in milliseconds. Raises ValueError."""
    match = _MEASURE.fullmatch(text)
    unit = (match[2] or "").lower() if match else ""
    if match and (number in _TIMED or not unit):
        try:
            value = float(match[1]) * _UNITS[unit]
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
    example = "a time such as 500ms or 1.5s" if number in _TIMED else "a number"
    raise ValueError(f"expected {example}, with `<` or `>` before it, or two with `..` between")


def _measured(number: Number, asked: FieldValue) -> Tree:
    least, dots, most = asked.text.partition("..")
    if dots and asked.sign == "":
        return And(
            (
                HasNumber(number, Comparator.AT_LEAST, measure(number, least)),
                HasNumber(number, Comparator.AT_MOST, measure(number, most)),
            )
        )
    return HasNumber(number, COMPARISON_SIGNS[asked.sign], measure(number, asked.text))


def _judged(metric: str | None, asked: FieldValue) -> Tree:
    if asked.is_any or asked.is_word("any"):
        return HasFeedback(metric)
    if asked.is_word(NO_MODEL_NAME):
        return Not(HasFeedback(metric))
    least, dots, most = asked.text.partition("..")
    if dots and asked.sign == "":
        upper = (Comparator.AT_MOST, parse_number(most))
        return HasFeedback(metric, Comparator.AT_LEAST, parse_number(least), (upper,))
    return HasFeedback(metric, COMPARISON_SIGNS[asked.sign], parse_number(asked.text))


def judged(metric: str | None, comparisons: Sequence[FieldValue], by: str | None,
           because: Sequence[FieldValue]) -> HasFeedback:  # fmt: skip
    """Feedback of which all this is true at once; `because:=late` is the reason to the letter."""
    made: list[tuple[Comparator, float]] = []
    for asked in comparisons:
        one = _judged(metric, asked)
        made += one.comparisons if isinstance(one, HasFeedback) else ()
    first, value = made[0] if made else (None, None)
    reasons = tuple(asked.text for asked in because if asked.sign) or None
    parts = tuple(asked.text for asked in because if not asked.sign) or None
    return HasFeedback(metric, first, value, tuple(made[1:]), reasons, by, parts)


def _time(asked: FieldValue) -> Tree:
    text = _plain(asked)
    first, dots, last = text.partition("..")
    if dots:
        if not first and not last.strip("<"):
            raise ValueError("expected a date on either side of `..`")
        start = asked.days.span_of(first)[0] if first else None
        end = asked.days.end_of(last) if last else None
        if start is not None and end is not None and end < start:
            raise ValueError("expected a span that ends after it begins")
        return CreatedIn(start, end)
    try:
        return CreatedWithin(parse_span(text))
    except ValueError:
        return CreatedIn(*asked.days.span_of(text))


def _until(asked: FieldValue) -> Tree:
    """`until:2024-02-21` is with that day, `until:<2024-02-21` before it."""
    without = "<" if asked.sign == "<" else ""
    text = asked.text if without else _plain(asked)
    return CreatedIn(None, asked.days.end_of(without + text))


# Words that are no label key by themselves; `label.model:x` asks for a label called so.
QUERY_FIELDS: dict[str, Callable[[FieldValue], Tree]] = {
    "label": _has_key,
    "feedback": lambda asked: _judged(None, asked),
    "compared": _compared,
    "model": _answered,
    "via": _came,
    "session": lambda asked: InSession(_uuid(asked)),
    "user": _sent,
    "id": lambda asked: HasId(_uuid(asked)),
    "prompt_hash": lambda asked: HasPrompt(_uuid(asked)),
    **{name: partial(_said, place) for name, place in TEXT_PLACES.items()},
    **{number.value: partial(_measured, number) for number in Number},
    "time": _time,
    "since": lambda asked: CreatedIn(asked.days.span_of(_plain(asked))[0]),
    "until": _until,
}
KEY_PREFIXES = ("label.", "feedback.")


@dataclass(frozen=True, slots=True)
class Field:
    """A word before a colon: a reserved one, a label's key, or a metric's."""

    kind: str
    key: str = ""

    def meaning(self, asked: FieldValue) -> Tree:
        """The condition that a value makes. Raises ValueError saying what was expected."""
        if self.kind == "label.":
            return _labelled(self.key, asked)
        if self.kind == "feedback.":
            return _judged(self.key, asked)
        return QUERY_FIELDS[self.kind](asked)

    @property
    def is_feedback(self) -> bool:
        """Whether its parentheses may hold who gave it and why."""
        return self.kind in ("feedback", "feedback.")


def any_of(parts: Sequence[Tree]) -> Tree:
    """At least one of several values: one condition where a condition can say that."""
    match parts:
        case [HasLabel(key, (_,)), *_] if all(isinstance(p, HasLabel) and p.values for p in parts):
            return HasLabel(key, tuple(v for p in parts for v in p.values or ()))  # type: ignore[union-attr]
        case [HasLlm(), *_] if all(isinstance(p, HasLlm) for p in parts):
            return HasLlm(tuple(k for p in parts for k in p.keys))  # type: ignore[union-attr]
        case [HasSource(), *_] if all(isinstance(p, HasSource) for p in parts):
            return HasSource(tuple(s for p in parts for s in p.sources))  # type: ignore[union-attr]
        case [CreatedBy(), *_] if all(isinstance(p, CreatedBy) for p in parts):
            return CreatedBy(tuple(u for p in parts for u in p.users))  # type: ignore[union-attr]
    return Or(tuple(parts))
