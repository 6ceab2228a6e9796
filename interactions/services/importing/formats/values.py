"""Values as other programs write them: times, numbers, JSON in text, ids of sessions."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from interactions.services.recording.drafts import MAX_LABEL_KEY, MAX_LABEL_VALUE, MAX_LABELS

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_YES = {"true", "yes", "y", "up", "good", "👍", "thumbs_up", "thumbs up"}
_NO = {"false", "no", "n", "down", "bad", "👎", "thumbs_down", "thumbs down"}
_MILLISECONDS_FROM = 10**11  # of numbers that are times: seconds reach the year 5138 there


def from_json(value: Any) -> Any:
    """What a text that is a JSON object, list or string says; any other value as it is.

    >>> from_json('{"a": 1}'), from_json("[sic]")
    ({'a': 1}, '[sic]')
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def time(value: Any) -> Any:
    """A time as `check_time` reads it: numbers are seconds or milliseconds since 1970.

    >>> time(1700000000), time("2024-05-29 13:46:19.963")
    ('2023-11-14T22:13:20+00:00', '2024-05-29 13:46:19.963')
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
        try:
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        except (OverflowError, ValueError, OSError):
            return str(value)
    return value.strip() if isinstance(value, str) else str(value)


def milliseconds(begin: Any, end: Any) -> int | None:
    """From one time to another; None where one is missing or they stand the wrong way round."""
    try:
        gone = _moment(begin) - _moment(end)
    except (TypeError, ValueError):
        return None
    return max(0, round(-gone / timedelta(milliseconds=1))) if gone <= timedelta() else None


def _moment(value: Any) -> datetime:
    at = datetime.fromisoformat(time(value))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def judgement(value: Any) -> bool | float | int | None:
    """A value of feedback; None where the value is none.

    >>> judgement("Yes"), judgement("0.5"), judgement("perhaps"), judgement(True)
    (True, 0.5, None, True)
    """
    if isinstance(value, bool | int | float):
        return value
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and abs(number) < 2**31 else number
    return None


def whole(value: Any) -> int | None:
    """A whole number that is not negative, from a number or its text; else None."""
    found = judgement(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 2**31:
        return None
    return int(found)


def session(value: Any) -> str | None:
    """The id of a session: a UUID as it is, and for any other name always the same UUID.

    >>> session("chat-7") == session("chat-7") != session("chat-8")
    True
    """
    if value is None or value == "":
        return None
    try:
        return str(UUID(str(value)))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"session:{value}"))


def labels(given: Any) -> dict[str, str]:
    """The short texts and numbers among some metadata, which labels can hold."""
    found: dict[str, str] = {}
    for key, value in given.items() if isinstance(given, dict) else ():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        is_label = isinstance(value, str | bool | int | float) and 0 < len(text) <= MAX_LABEL_VALUE
        if is_label and 0 < len(str(key)) <= MAX_LABEL_KEY and len(found) < MAX_LABELS:
            found[str(key)] = text
    return found


def tags(given: Any) -> dict[str, str]:
    """Tags as labels: `env:prod` is the label env, and a word is one with the value yes.

    >>> tags(["env:prod", "checked"])
    {'env': 'prod', 'checked': 'yes'}
    """
    given = from_json(given)
    pairs = [str(tag).partition(":") for tag in given] if isinstance(given, list) else []
    return labels({key.strip(): value.strip() or "yes" for key, _, value in pairs})


def without_none(line: dict[str, Any]) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in line.items() if value not in (None, {}, [])}


def to_json(value: Any) -> str:
    """A value as text."""
    return orjson.dumps(value, default=str).decode()
