"""What a filter means, said a second time in plain Python over rows held in memory.

Nothing here knows SQL or the compiler; the two are compared in `test_queries_property.py`.
"""

import json
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from interactions.filters.conditions import (
    Comparator,
    Contains,
    CreatedBy,
    CreatedIn,
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
from interactions.filters.tree import And, Not, Or, Tree
from interactions.textindex.letters import fold
from interactions.textindex.places import Place

COMPARE: dict[Comparator, Callable[[float, float], bool]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.NOT_EQUAL: operator.ne,
    Comparator.LESS: operator.lt,
    Comparator.AT_MOST: operator.le,
    Comparator.MORE: operator.gt,
    Comparator.AT_LEAST: operator.ge,
}


@dataclass(frozen=True)
class Given:
    """Feedback as it was given."""

    metric: str
    value: float
    reason: str = ""
    by: str | None = None
    details: str = ""


@dataclass(frozen=True)
class Fact:
    """An interaction as it was sent, with the id it got."""

    id: UUID
    created_at: datetime
    messages: list[dict[str, Any]]
    completion: str
    completion_parts: dict[str, Any] | None
    others: list[dict[str, Any]]
    labels: dict[str, str]
    feedback: list[Given]
    llm: str | None
    source: str
    session_id: UUID | None
    prompt_hash: UUID
    by: str | None
    compared: frozenset[str]
    measures: dict[str, int | None]


def _measured(fact: Fact, number: Number) -> int | None:
    if number != Number.TOKENS:
        return fact.measures[number]
    asked, said = (fact.measures[n] for n in (Number.PROMPT_TOKENS, Number.COMPLETION_TOKENS))
    return None if asked is None or said is None else asked + said


def holds(tree: Tree, fact: Fact) -> bool:
    """Whether the interaction is one of those that the filter means."""
    match tree:
        case And(children):
            return all(holds(child, fact) for child in children)
        case Or(children):
            return any(holds(child, fact) for child in children)
        case Not(child):
            return not holds(child, fact)
        case HasLabel(key, None):
            return key in fact.labels
        case HasLabel(key, values):
            return key in fact.labels and fact.labels[key] in (values or ())
        case HasLlm(keys):
            return fact.llm in keys
        case HasSource(sources):
            return fact.source in sources
        case InSession(session_id):
            return fact.session_id == session_id
        case HasPrompt(prompt_hash):
            return fact.prompt_hash == prompt_hash
        case CreatedIn(start, end):
            return (start is None or fact.created_at >= start) and (
                end is None or fact.created_at < end
            )
        case HasNumber(number, comparator, value):
            measured = _measured(fact, number)
            return measured is not None and COMPARE[comparator](measured, value)
        case HasFeedback():
            return any(_is_such(tree, given) for given in fact.feedback)
        case HasId(id):
            return fact.id == id
        case CreatedBy(users):
            return fact.by is not None and fact.by in {user.lower() for user in users}
        case IsCompared(metric):
            return bool(fact.compared) if metric is None else metric in fact.compared
        case Reads(text, place):
            return text in texts(fact, place)
        case Contains(text, place):
            return any(fold(text) in fold(found) for found in texts(fact, place))
    raise TypeError(f"no meaning for {tree!r}")


def _is_such(wanted: HasFeedback, given: Given) -> bool:
    if wanted.metric not in (None, given.metric):
        return False
    if wanted.reasons is not None and given.reason not in wanted.reasons:
        return False
    if wanted.because is not None:
        said = [fold(text) for text in (given.reason, given.details, *strings_in(given.details))]
        if not any(fold(part) in text for part in wanted.because for text in said):
            return False
    if wanted.given_by is not None and given.by != wanted.given_by.lower():
        return False
    asked = [(wanted.comparator, wanted.value), *wanted.also]
    return all(
        COMPARE[comparator](given.value, value)
        for comparator, value in asked
        if comparator is not None and value is not None
    )


def strings_in(details: str) -> Iterator[str]:
    """The strings and names of details that are JSON."""
    try:
        left = [json.loads(details)]
    except ValueError:
        return
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            left.extend([*one, *one.values()] if isinstance(one, dict) else one)


def texts(fact: Fact, place: Place) -> Iterator[str]:
    """What is said in it, and in the strings of what is JSON with escapes."""
    for text in written(fact, place):
        yield text
        yield from hidden_in(text)


def hidden_in(text: str) -> Iterator[str]:
    """The strings of a text that is JSON, and theirs, where a backslash may hide what they say."""
    if "\\" in text:
        for string in strings_in(text):
            yield string
            yield from hidden_in(string)


def written(fact: Fact, place: Place) -> Iterator[str]:
    """What is said in it, as it is written."""
    if place in (Place.ANYWHERE, Place.COMPLETION, Place.EVERYWHERE):
        yield fact.completion
        yield from said(fact.completion_parts or {})
        for answer in fact.others:
            yield from said(answer)
    for message in fact.messages:
        is_system = message.get("role") in ("system", "developer")
        others = (Place.ANYWHERE, Place.PROMPT)
        wanted = (Place.SYSTEM,) if is_system else others
        if place in (*wanted, Place.ALL_OF_PROMPT, Place.EVERYWHERE):
            yield from said(message)


def said(message: dict[str, Any]) -> Iterator[str]:
    """The texts, reasoning, refusal and calls of one message."""
    content = message.get("content")
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        if "text" in part:
            yield part["text"]
        if "input" in part:
            yield part["name"]
            yield from map(str, part["input"].values())
        if isinstance(part.get("content"), list):
            yield from (one["text"] for one in part["content"])
        if "file" in part:
            yield part["file"]["filename"]
    for name in ("refusal", "reasoning_content", "reasoning"):
        if isinstance(message.get(name), str):
            yield message[name]
    for call in message.get("tool_calls") or ():
        yield from (call["function"]["name"], call["function"]["arguments"])
