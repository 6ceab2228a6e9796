"""A quick look through files for the kind of each feedback key, before one is registered."""

from collections.abc import Callable, Iterable

import orjson

from interactions.services.importing.jsonl import MAX_LINE, JsonLines
from projects.models import Metric


def kinds(files: Iterable[str], told: Callable[[str], None]) -> dict[str, str]:
    """The kind of each key that gives feedback on an interaction in `files`.

    Bool when all its values are true or false, else scalar. Keys that only compare are left
    out: the first use decides, and a comparison counts as bool. What can be read only once
    (standard input, a pipe) is left out too. `told` hears of each file before it is read.
    """
    booleans: set[str] = set()
    numbers: set[str] = set()
    for name in files:
        with JsonLines(name) as file:
            if file.size is None:
                continue
            told(name)
            for _, raw in file:
                if b'"feedbacks"' in raw and len(raw) <= MAX_LINE:
                    _look(raw, booleans, numbers)
    found: dict[str, str] = dict.fromkeys(booleans, Metric.Kind.BOOL)
    return found | dict.fromkeys(numbers, Metric.Kind.SCALAR)


def _look(raw: bytes, booleans: set[str], numbers: set[str]) -> None:
    """Note the kinds of one line, whose faults are reported when the line is checked."""
    try:
        feedback = orjson.loads(raw)["feedbacks"]
        seen = [(one.get("feedback_key", one.get("metric")), one.get("value")) for one in feedback]
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        return
    for key, value in seen:
        if isinstance(key, str):
            if isinstance(value, bool):
                booleans.add(key)
            elif isinstance(value, int | float):
                numbers.add(key)
