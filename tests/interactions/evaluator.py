"""What a filter means, said a second time in plain Python over rows held in memory.

Nothing here knows SQL or the compiler; the two are compared in `test_filters_property.py`.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from interactions.filters.conditions import (
    Comparator,
    Contains,
    CreatedIn,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    Place,
)
from interactions.filters.tree import And, Not, Or, Tree

COMPARE: dict[Comparator, Callable[[float, float], bool]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.NOT_EQUAL: operator.ne,
    Comparator.LESS: operator.lt,
    Comparator.AT_MOST: operator.le,
    Comparator.MORE: operator.gt,
    Comparator.AT_LEAST: operator.ge,
}


@dataclass(frozen=True)
class Fact:
    """An interaction as it was sent, with the id it got."""

    id: UUID
    created_at: datetime
    messages: list[dict[str, Any]]
    completion: str
    labels: dict[str, str]
    feedback: list[tuple[str, float]]
    llm: str | None
    source: str
    session_id: UUID | None
    prompt_hash: UUID


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
        case HasFeedback():
            return any(_is_such(tree, metric, value) for metric, value in fact.feedback)
        case Contains(text, place):
            return any(fold(text) in fold(found) for found in texts(fact, place))
    raise TypeError(f"no meaning for {tree!r}")


def _is_such(wanted: HasFeedback, metric: str, value: float) -> bool:
    if wanted.metric not in (None, metric):
        return False
    if wanted.comparator is None or wanted.value is None:
        return True
    return COMPARE[wanted.comparator](value, wanted.value)


def texts(fact: Fact, place: Place) -> Iterator[str]:
    """The strings that a person reads in it."""
    if place != Place.PROMPT:
        yield fact.completion
    if place == Place.COMPLETION:
        return
    for message in fact.messages:
        content = message.get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            if "text" in part:
                yield part["text"]


def fold(text: str) -> str:
    """Lower case, letter by letter as PostgreSQL does it: no letter becomes two."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
