"""What the SDK's `advancedFilter` means, said a second time in plain Python.

Nothing here knows our tree; the two are compared in `test_filters.py`.
"""

import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from interactions.textindex.letters import fold
from interactions.textindex.places import Place
from tests.interactions.evaluator import Fact, Given, texts

Wire = dict[str, Any]
_PLACES = {"completion": Place.COMPLETION, "prompt": Place.ALL_OF_PROMPT}

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def means(expression: Wire, fact: Fact) -> bool:
    """Whether the interaction is one of those that the expression means."""
    return all(_member(name, value, fact) for name, value in expression.items())


def _member(name: str, value: Any, fact: Fact) -> bool:
    match name:
        case "and":
            bare = [one["source"] for one in value if list(one) == ["source"]]
            rest = [one for one in value if list(one) != ["source"]]
            return (not bare or fact.source in bare) and all(means(one, fact) for one in rest)
        case "or":
            return any(means(one, fact) for one in value)
        case "not":
            return not means(value, fact)
        case "timerange":
            return moment(value["from"]) <= fact.created_at < moment(value["to"])
        case "model":
            return is_such(value, fact.llm)
        case "label":
            return _label(value, fact)
        case "scores" | "feedbacks":
            return any(_score(value, given) for given in fact.feedback)
        case "source":
            return bool(fact.source == value)
        case "promptHash":
            return is_such(value, fact.prompt_hash.hex)
        case "sessionId":
            return bool(str(fact.session_id) == value)
        case "createdBy":
            lowered = {
                sign: [one.lower() for one in given] if sign == "in" else given.lower()
                for sign, given in value.items()
            }
            return is_such(lowered, fact.by)
        case "completion" | "prompt":
            return _text(value, list(texts(fact, _PLACES[name])))
    raise TypeError(f"no meaning for {name}")


def is_such(asked: Wire, value: str | None) -> bool:
    """Whether `eq`, `in` and `neq` all hold of what is one thing, or none."""
    return (
        ("eq" not in asked or value == asked["eq"])
        and ("in" not in asked or value in asked["in"])
        and ("neq" not in asked or value != asked["neq"])
    )


def _label(asked: Wire, fact: Fact) -> bool:
    return asked["key"] in fact.labels and is_such(
        asked.get("value", {}), fact.labels[asked["key"]]
    )


def _score(asked: Wire, given: Given) -> bool:
    return (
        asked["metric"] == given.metric
        and ("reasons" not in asked or given.reason in asked["reasons"])
        and all(COMPARE[sign](given.value, value) for sign, value in asked.get("value", {}).items())
    )


def _text(asked: Wire, found: list[str]) -> bool:
    return ("eq" not in asked or asked["eq"] in found) and (
        "contains" not in asked or any(fold(asked["contains"]) in fold(text) for text in found)
    )


def moment(given: int | str) -> datetime:
    """An end of a time range: milliseconds, their digits, or an ISO time."""
    if isinstance(given, str) and not given.isdecimal():
        return datetime.fromisoformat(given)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(given))
