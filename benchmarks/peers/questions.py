"""What is asked of both sides, chosen from the rows, and the right answers by plain Python."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from benchmarks.peers.rows import Row

T = TypeVar("T")
PAGE = 50
WAYS = 4  # a question is asked in so many ways in turn
MINUTE = 60_000
PLAIN = re.compile(r"[A-Za-z0-9_.-]+").fullmatch
# Not n, r, t, b, f or u: in JSON's escapes one of them stands where no word begins.
WORD = re.compile(r"(?<![a-z])[acdeghijklmopqsvwxyz][a-z]{3,}(?![a-z])")
# What MLflow's spans hold beside what was said, and is found there too.
AROUND = "chat_model role content system user assistant tool messages model name attributes events "
AROUND += "mlflow span inputs outputs type trace request start end time parent status message code "


@dataclass(frozen=True)
class Filter:
    """Conditions that must all hold; times are milliseconds, the second is not in it."""

    label: tuple[str, str] | None = None
    feedback: tuple[str, str, float] | None = None  # metric, `=` or `<`, value
    between: tuple[int, int] | None = None
    word: str | None = None

    def holds(self, row: Row) -> bool:
        """Whether a row is meant."""
        if self.label and row.labels.get(self.label[0]) != self.label[1]:
            return False
        if self.between and not self.between[0] <= row.ms < self.between[1]:
            return False
        if self.word and self.word not in row.said:
            return False
        return self.feedback is None or any(map(self._is_such, row.feedbacks))

    def _is_such(self, given: dict[str, object]) -> bool:
        assert self.feedback is not None
        metric, comparator, value = self.feedback
        found = given["value"]
        if given["feedback_key"] != metric or not isinstance(found, int | float):
            return False
        return found == value if comparator == "=" else found < value

    def parameters(self) -> str:
        """As our list's address says it."""
        said: dict[str, str] = {}
        if self.label:
            said["label"] = ":".join(self.label)
        if self.feedback:
            metric, comparator, value = self.feedback
            said["feedback"] = f"{metric}:{'eq' if comparator == '=' else 'lt'}:{value:g}"
        if self.between:
            said["since"], said["until"] = map(_minute, self.between)
        if self.word:
            said["text"] = self.word
        return urlencode(said)

    def expression(self) -> str:
        """As MLflow's search takes it from its own page."""
        said = []
        if self.label:
            said.append(f"tags.`{self.label[0]}` = '{self.label[1]}'")
        if self.feedback:
            metric, comparator, value = self.feedback
            wanted = f"= '{str(bool(value)).lower()}'" if comparator == "=" else f"< {value:g}"
            said.append(f"feedback.`{metric}` {wanted}")
        if self.between:
            since, until = self.between
            said += [f"trace.timestamp_ms >= {since}", f"trace.timestamp_ms < {until}"]
        if self.word:
            said.append(f"trace.text ILIKE '%{self.word}%'")
        return " AND ".join(said)


@dataclass(frozen=True)
class Question:
    """A line of the table, asked in several ways in turn, with the right answer to each."""

    name: str
    filters: Sequence[Filter]
    answers: Sequence[list[int]]  # milliseconds of the newest rows
    matching: Sequence[int]  # how many rows match each filter in all


def newest(rows: Sequence[Row], wanted: Filter) -> list[int]:
    """The right answer: milliseconds of the newest rows that match."""
    return _matching(rows, wanted)[: -PAGE - 1 : -1]


def questions(rows: Sequence[Row]) -> list[Question]:
    """All questions about lists."""
    labels = _labels(rows)
    common = labels[:WAYS]
    few = sorted(labels, key=lambda one: (abs(one[1] - max(len(rows) // 3000, 5)), one))
    latest = {pair: row.ms for row in rows for pair in row.labels.items()}
    old = sorted((pair for pair, number in labels if number >= PAGE), key=lambda pair: latest[pair])
    false = _metrics(rows, lambda value: value is False)
    scalar = _metrics(rows, lambda value: isinstance(value, float))
    between = tuple(rows[len(rows) * n // 4].ms // MINUTE * MINUTE for n in (1, 3))
    within = _most_common(
        (pair, given["feedback_key"])
        for row in rows
        if between[0] <= row.ms < between[1]
        for given in row.feedbacks
        if given["value"] is False and given["feedback_key"] in false
        for pair in row.labels.items()
        if all(map(PLAIN, pair))
    )
    rare, everyday = _words(rows)
    asked = {
        "newest 50": [Filter()],
        "common label": [Filter(label=pair) for pair, _ in common],
        "rare label": [Filter(label=pair) for pair, _ in few[:WAYS]],
        "label of old rows only": [Filter(label=pair) for pair in old[:WAYS]],
        "feedback = false": [Filter(feedback=(metric, "=", 0)) for metric in false[:WAYS]],
        "feedback < n": [
            Filter(feedback=(metric, "<", _middle(rows, metric))) for metric in scalar[:2]
        ],
        "label, feedback, time": [
            Filter(label=pair, feedback=(metric, "=", 0), between=(between[0], between[1]))
            for pair, metric in within[:WAYS]
        ],
        "rare word": [Filter(word=word) for word in rare],
        "common word": [Filter(word=word) for word in everyday],
    }
    return [_question(rows, name, filters) for name, filters in asked.items()]


def _question(rows: Sequence[Row], name: str, filters: Sequence[Filter]) -> Question:
    if not filters:
        raise SystemExit(f"{name}: these rows have nothing to ask for")
    found = [_matching(rows, one) for one in filters]
    newest_of = [all_of_it[: -PAGE - 1 : -1] for all_of_it in found]
    return Question(name, filters, newest_of, [len(all_of_it) for all_of_it in found])


def _matching(rows: Sequence[Row], wanted: Filter) -> list[int]:
    return [row.ms for row in rows if wanted.holds(row)]


def _labels(rows: Sequence[Row]) -> list[tuple[tuple[str, str], int]]:
    """Labels both sides' filters can say without quoting, the most frequent first."""
    counted = Counter(pair for row in rows for pair in row.labels.items() if all(map(PLAIN, pair)))
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _metrics(rows: Sequence[Row], is_such: Callable[[object], bool]) -> list[str]:
    """Metrics with most feedback of a kind, the most frequent first."""
    return _most_common(
        given["feedback_key"]
        for row in rows
        for given in row.feedbacks
        if is_such(given["value"]) and PLAIN(given["feedback_key"])
    )


def _most_common(found: Iterable[T]) -> list[T]:
    return [one for one, _ in Counter(found).most_common()]


def _middle(rows: Sequence[Row], metric: str) -> float:
    """Half-way between the least value and the greatest."""
    values = [g["value"] for row in rows for g in row.feedbacks if g["feedback_key"] == metric]
    return float(min(values) + max(values)) / 2


def _words(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Words in a few rows and words in most, which both sides' searches find in the same rows."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update(set(WORD.findall(row.said)))
    around = AROUND + " ".join({row.instructed + (row.model or "").lower() for row in rows})
    words = sorted(counted, key=lambda word: (-counted[word], word))
    everyday = [word for word in words[:1000] if word not in around][:WAYS]
    wanted = max(len(rows) // 3000, 5)
    seldom = sorted(words, key=lambda word: (abs(counted[word] - wanted), word))[:500]
    return [word for word in seldom if word not in around][:WAYS], everyday


def _minute(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M}"
