"""Counts over the real data by plain Python: no database, no Django, none of our filters.

`python tests/scale/oracle.py` prints the answer to every question.
"""

import gzip
import json
import operator
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DIRECTORY = Path(
    os.environ.get("TEST_DATA_DIR") or Path(__file__).resolve().parents[3] / "shared" / "data"
)
INTERACTIONS = ["interactions.jsonl.gz", "interactions_multimodal.jsonl.gz"]
PREFERENCES = "preferences.jsonl.gz"
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "eq": operator.eq, "neq": operator.ne, "lt": operator.lt, "lte": operator.le,
    "gt": operator.gt, "gte": operator.ge,
}  # fmt: skip
# What an interaction without a time gets is the time of the import.
LATER = datetime.max.replace(tzinfo=UTC)


def files() -> list[str]:
    """All files of the data, interactions first."""
    return [str(DIRECTORY / name) for name in (*INTERACTIONS, PREFERENCES)]


@dataclass(frozen=True)
class Feedback:
    """Some feedback under `key`, whose value compares so; None for any value, any key."""

    key: str | None = None
    comparator: str | None = None
    value: float = 0


@dataclass(frozen=True)
class Question:
    """All of these must hold. Labels: any of the values, or with None the key at all."""

    labels: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    none_of: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    has: tuple[Feedback, ...] = ()
    has_not: tuple[Feedback, ...] = ()


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DIRECTORY / name) as file:
        for line in file:  # binary: ends at \n alone
            yield json.loads(line)


def at(text: str) -> datetime:
    """An ISO time; one without a zone is in UTC."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def rows() -> list[dict[str, Any]]:
    """What the data should be once imported: labels, feedback, model and time of each row."""
    found = []
    said = set()
    for name in INTERACTIONS:
        for line in _lines(name):
            said.add((json.dumps(line["messages"]), line["model"], line["completion"]))
            given = [
                (one["feedback_key"], float(one["value"])) for one in line.get("feedbacks", [])
            ]
            time = at(line["created_at"]) if line.get("created_at") else LATER
            found.append(
                {"labels": line["labels"], "model": line["model"], "given": given, "time": time}
            )
    for line in _lines(PREFERENCES):
        for side in (line["preferred"], line["other"]):
            one = (json.dumps(line["messages"]), side["model"], side["text"])
            if one not in said:  # an answer that is only in the preferences is logged for them
                said.add(one)
                found.append({"labels": {}, "model": side["model"], "given": [], "time": LATER})
    return found


def matches(question: Question, row: dict[str, Any]) -> bool:
    """Whether `row` is in the answer."""
    return (
        all(_labelled(row, key, values) for key, values in question.labels.items())
        and not any(_labelled(row, key, values) for key, values in question.none_of.items())
        and (not question.models or row["model"] in question.models)
        and (not question.start or row["time"] >= at(question.start))
        and (not question.end or row["time"] < at(question.end))
        and all(_given(row, feedback) for feedback in question.has)
        and not any(_given(row, feedback) for feedback in question.has_not)
    )


def _labelled(row: dict[str, Any], key: str, values: tuple[str, ...] | None) -> bool:
    return key in row["labels"] and (values is None or row["labels"][key] in values)


def _given(row: dict[str, Any], wanted: Feedback) -> bool:
    return any(
        (wanted.key is None or key == wanted.key)
        and (wanted.comparator is None or COMPARE[wanted.comparator](value, wanted.value))
        for key, value in row["given"]
    )


def _is(key: str, *values: str) -> dict[str, tuple[str, ...] | None]:
    return {key: values or None}


_CODE = _is("source", "can-ai-code")
_JAPANESE = _is("lang", "ja")
QUESTIONS = {
    "everything": Question(),
    "one label": Question(_CODE),
    "two labels": Question(_CODE | _is("language", "python")),
    "any of three values": Question(_is("source", "mt-bench", "vicuna-bench", "gsm8k")),
    "a key at all": Question(_is("template")),
    "a key that is not there": Question(_is("nowhere")),
    "labels that never meet": Question(_CODE | _JAPANESE),
    "none of": Question(none_of=_is("source", "can-ai-code", "oasst-model-eval")),
    "label, none of another": Question(_CODE, none_of=_is("language", "python")),
    "label, without a key": Question(_is("lang", "en"), none_of=_is("template")),
    "time": Question(start="2023-07-01", end="2024-01-01"),
    "to the second": Question(start="2023-07-26T22:36:39Z", end="2023-07-26T22:36:40Z"),
    "since": Question(start="2024-06-01"),
    "before": Question(end="2023-04-01"),
    "label and time": Question(_CODE, start="2023-09-01", end="2023-12-01"),
    "two labels and time": Question(_CODE | _is("language", "javascript"), start="2024-01-01"),
    "bool true": Question(has=(Feedback("tests_passed", "eq", 1),)),
    "bool false": Question(has=(Feedback("is_correct", "eq", 0),)),
    "scalar less": Question(has=(Feedback("check_pass_ratio", "lt", 0.5),)),
    "scalar at least": Question(has=(Feedback("gpt4_score", "gte", 8.5),)),
    "scalar not": Question(has=(Feedback("human_rank", "neq", 0),)),
    "some feedback": Question(has=(Feedback(),)),
    "no feedback": Question(has_not=(Feedback(),)),
    "under a key": Question(has=(Feedback("thumbs_down"),)),
    "not under a key": Question(_is("source", "oasst-trees"), has_not=(Feedback("thumbs_down"),)),
    "two feedbacks": Question(
        has=(Feedback("tests_passed", "eq", 0), Feedback("check_pass_ratio", "gte", 0.9))
    ),
    "label, time, feedback": Question(
        _CODE, start="2023-09-01", end="2024-09-01", has=(Feedback("tests_passed", "eq", 1),)
    ),
    "labels, time, range": Question(
        _CODE | _is("language", "python"),
        start="2024-01-01",
        has=(Feedback("check_pass_ratio", "gt", 0.25), Feedback("check_pass_ratio", "lte", 0.75)),
    ),
    "label, none of, feedback": Question(
        _is("lang", "en"), none_of=_is("source", "gsm8k"), has=(Feedback("is_correct", "eq", 1),)
    ),
    "Japanese, lost, not to Swallow": Question(
        _JAPANESE,
        has=(Feedback("gpt4_win_vs_text-davinci-003", "eq", 0),),
        has_not=(Feedback("gpt4_win_vs_Swallow-70b-instruct-hf"),),
    ),
    "models": Question(models=("human", "gpt-4o")),
    "model, label, feedback": Question(
        _is("source", "gsm8k"),
        models=("175b_verification",),
        has=(Feedback("is_correct", "eq", 1),),
    ),
}


def answers() -> dict[str, int]:
    """The number of rows each question has for an answer."""
    everything = rows()
    return {
        name: sum(matches(question, row) for row in everything)
        for name, question in QUESTIONS.items()
    }


if __name__ == "__main__":
    for name, count in answers().items():
        print(f"{count:8,}  {name}")
