"""Lines for datasets: what each kind of dataset takes of a line, or why it does not."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset

Kind = Dataset.Kind
Line = dict[str, Any]


def for_kind(line: Line, kind: str) -> Line:
    """The line without what this kind has no place for. Raises Invalid where it lacks something."""
    is_pair = "preferred" in line or "other" in line
    if kind == Kind.PREFERENCE:
        if not is_pair:
            raise Invalid("has one answer: this dataset takes a preferred one and another")
        return line
    if is_pair:
        raise Invalid("is a preference between two answers: this dataset takes one answer at most")
    if kind == Kind.PROMPT:
        beside = ("completion", "completion_parts", "feedbacks")
        return {name: line[name] for name in line if name not in beside} | {"completion": ""}
    if not line.get("completion") and not line.get("completion_parts"):
        raise Invalid("has no answer: this dataset takes a prompt with its completion")
    if kind == Kind.FEEDBACK and not line.get("feedbacks"):
        raise Invalid("has no feedback: this dataset takes an answer with feedback")
    if kind == Kind.COMPLETION:
        return {name: line[name] for name in line if name != "feedbacks"}
    return line


def likely_kind(lines: Iterable[Line]) -> str:
    """The kind that most of some lines have enough for, and that keeps the most of them."""
    found = Counter(_kind_of(line) for line in lines)
    return found.most_common(1)[0][0] if found else Kind.COMPLETION


def _kind_of(line: Line) -> str:
    if "preferred" in line or "other" in line:
        return Kind.PREFERENCE
    if not line.get("completion") and not line.get("completion_parts"):
        return Kind.PROMPT
    return Kind.FEEDBACK if line.get("feedbacks") else Kind.COMPLETION
