"""How one condition is spelt in an address: `env:prod`, `csat:lt:3`, `36h`.

A colon inside a key is written `\\:` and a backslash `\\\\`; a value is taken as it stands.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adaptive_site.lib.ids import EPOCH
from interactions.filters.conditions import (
    Comparator,
    CreatedIn,
    HasFeedback,
    HasLabel,
    HasNumber,
    Number,
)

_KEY = re.compile(r"((?:[^:\\]|\\.)+)(?::(.*))?", re.DOTALL)
_SPAN = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LETTER = r"\\[\"\\]|\\(?![\"\\])"  # a backslash, and what it makes of the next letter
_WORDS = re.compile(rf'"((?:[^"\\]|{_LETTER})*)"|((?:[^\s"\\]|{_LETTER})+)')
ANY_METRIC_TERM = "*"
MOST_SEARCH_WORDS = 20
# Spans of time up to now that pages and the query bar offer.
USUAL_SPANS = ("15m", "1h", "3h", "24h", "7d", "30d", "90d")
LATEST_TIME = datetime(3000, 1, 1, tzinfo=UTC)  # of a filter, so that charts have a span to draw


def _unescape(key: str) -> str:
    return re.sub(r"\\(.)", r"\1", key, flags=re.DOTALL)


def _escape(key: str) -> str:
    return key.replace("\\", "\\\\").replace(":", "\\:")


def parse_label(term: str) -> tuple[str, str | None]:
    r"""Key and value; None for the value when only a key is given. Raises ValueError.

    >>> parse_label("env:prod"), parse_label("env"), parse_label(r"a\:b:c:d")
    (('env', 'prod'), ('env', None), ('a:b', 'c:d'))
    """
    match = _KEY.fullmatch(term)
    if match is None:
        raise ValueError("expected key:value, or a key alone")
    return _unescape(match[1]), match[2]


def spell_label(key: str, value: str | None = None) -> str:
    """The term that `parse_label` reads back."""
    return _escape(key) if value is None else f"{_escape(key)}:{value}"


def group_labels(pairs: list[tuple[str, str | None]]) -> list[HasLabel]:
    """One condition a key: any of its values; a key alone means any value at all."""
    by_key: dict[str, list[str | None]] = {}
    for key, value in pairs:
        by_key.setdefault(key, []).append(value)
    return [
        HasLabel(key, None if None in values else tuple(v for v in values if v is not None))
        for key, values in by_key.items()
    ]


def parse_feedback(term: str) -> HasFeedback:
    """`metric`, `metric:comparator:value`, or `*` for any metric. Raises ValueError."""
    match = _KEY.fullmatch(term)
    if match is None:
        raise ValueError("expected metric:comparison:value, or a metric alone")
    metric = None if match[1] == ANY_METRIC_TERM else _unescape(match[1])
    if match[2] is None:
        return HasFeedback(metric)
    name, _, text = match[2].partition(":")
    return HasFeedback(metric, _comparator(name, f" after {match[1]}:"), parse_number(text))


def _comparator(name: str, where: str) -> Comparator:
    try:
        return Comparator(name)
    except ValueError as error:
        raise ValueError(f"expected one of {', '.join(Comparator)}{where}") from error


def parse_measure(number: Number, term: str) -> HasNumber:
    """`gte:500` as a condition of that measure. Raises ValueError."""
    name, _, text = term.strip().partition(":")
    comparator = _comparator(name, " and a number, such as gte:500")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"expected a number; got “{text}”")
    return HasNumber(number, comparator, value)


def spell_measure(condition: HasNumber) -> str:
    """The term that `parse_measure` reads back."""
    return f"{condition.comparator}:{spell_number(condition.value)}"


def parse_words(text: str) -> tuple[str, ...]:
    r"""Words and "phrases", all of which are meant. Raises ValueError.

    Between quotes a text is taken as it stands; `\"` is a quote and `\\` a backslash anywhere,
    any other backslash is itself.

    >>> parse_words('refund "next week"'), parse_words(r'say \"no\"')
    (('refund', 'next week'), ('say', '"no"'))
    """
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _WORDS.match(text, at)
        if match is None:
            raise ValueError(f"the quote at character {at + 1} has no end; expected another")
        word = match[match.lastindex or 0]
        if not word:
            raise ValueError(f"expected text between the quotes at character {at + 1}")
        found[re.sub(r'\\(["\\])', r"\1", word)] = None
        at = match.end()
    if len(found) > MOST_SEARCH_WORDS:
        raise ValueError(f"expected at most {MOST_SEARCH_WORDS} words and phrases")
    return tuple(found)


def spell_words(words: Iterable[str]) -> str:
    """The text that `parse_words` reads back."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    spelt = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{spelt}"' if any(letter.isspace() for letter in word) else spelt


def parse_number(text: str) -> float:
    """A finite number, or yes and no as 1 and 0. Raises ValueError."""
    word = text.strip().lower()
    if word in ("true", "yes"):
        return 1.0
    if word in ("false", "no"):
        return 0.0
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"expected a number, yes or no; got “{text}”")
    return number


def spell_number(number: float) -> str:
    """The shortest text that reads back as this very number: 1, 0.1, 1e+20."""
    return repr(float(number)).removesuffix(".0")


def spell_feedback(condition: HasFeedback) -> str:
    r"""The term that `parse_feedback` reads back; a metric whose key is `*` is written `\*`."""
    metric = ANY_METRIC_TERM if condition.metric is None else _escape(condition.metric)
    if condition.metric == ANY_METRIC_TERM:
        metric = f"\\{ANY_METRIC_TERM}"
    if condition.comparator is None or condition.value is None:
        return metric
    return f"{metric}:{condition.comparator}:{spell_number(condition.value)}"


def parse_span(term: str) -> timedelta:
    """A length of time such as `36h`, `7d` or `2w`. Raises ValueError."""
    match = _SPAN.fullmatch(term.strip().lower())
    if match is None or int(match[1]) == 0:
        raise ValueError("expected a number with m, h, d or w, such as 36h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def parse_time(term: str) -> datetime:
    """An ISO date or time, UTC when it names no zone. Raises ValueError."""
    try:
        at = datetime.fromisoformat(term.strip())
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            "expected a date or time such as 2024-02-21 or 2024-02-21T09:51"
        ) from error
    if not EPOCH <= at <= LATEST_TIME:
        raise ValueError("expected a time from 1970 to 3000")
    return at


@dataclass(frozen=True, slots=True)
class TimeTerm:
    """A time filter as it was asked for: a span up to now, or two ends."""

    span: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None

    def condition(self, now: datetime) -> CreatedIn | None:
        """What it means at `now`; None when it leaves everything."""
        if self.span is not None:
            return CreatedIn(max(EPOCH, now - self.span))
        if self.start is None and self.end is None:
            return None
        return CreatedIn(self.start, self.end)
