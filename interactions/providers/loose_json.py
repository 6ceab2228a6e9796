"""JSON as servers send it: with numbers, letters and line breaks that JSON does not have."""

import codecs
import json
import re
from typing import Any

import orjson

from adaptive_site.lib.database.nul import without_nul_inside
from adaptive_site.lib.exact_json import exact_float, exact_int, is_too_long
from interactions.providers.base import Chunk
from interactions.providers.merging import is_said_once

MAX_PROVIDER_DEPTH = 100  # of objects and lists in each other; orjson writes 254
_LEAST_INEXACT = 2.0**63  # from here on orjson reads a whole number as a float
_REPLACEMENT = "\ufffd"
# What json.loads leaves of an escape without its other half, and of bytes that are no letter.
_HALF = re.compile("[\ud800-\udfff]")
_BYTES = re.compile("[\udc80-\udcff]+")
_LAST_BYTES = re.compile("[\udc80-\udcff]+$")

# Where a text of a choice's delta stands: names of members, of list items index and type.
_Path = tuple[Any, ...]


def parsed(raw: bytes) -> tuple[Any, bool]:
    """The value, and whether there are halves of letters in it. Raises ValueError.

    NaN and the infinities become null, as JavaScript writes them; numbers of up to 1,000 digits
    stay what they are, as `exactjson` has them.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    else:
        if not _is_odd((value,), MAX_PROVIDER_DEPTH + 1):
            return (without_nul_inside(value) if b"\\u0000" in raw else value), False
    text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="surrogateescape")
    try:
        # Not strict: some servers leave line breaks and tabs within a text as they are.
        value = json.loads(
            text,
            strict=False,
            parse_constant=lambda _: None,
            parse_float=lambda digits: None if is_too_long(digits) else exact_float(digits),
            parse_int=lambda digits: None if is_too_long(digits) else exact_int(digits),
        )
    except RecursionError as error:
        raise ValueError(f"more than {MAX_PROVIDER_DEPTH} objects within each other") from error
    _check_depth((value,), MAX_PROVIDER_DEPTH + 1)
    return without_nul_inside(value), True


def _is_odd(value: Any, depth: int) -> bool:
    """Whether a number may have been too large for orjson; ValueError when nested too deeply."""
    if not depth:
        raise ValueError(f"more than {MAX_PROVIDER_DEPTH} objects within each other")
    for one in value.values() if type(value) is dict else value:
        kind = type(one)
        if kind is str or kind is int:
            continue
        if kind is float:
            if not -_LEAST_INEXACT < one < _LEAST_INEXACT:
                return True
        elif (kind is dict or kind is list) and one and _is_odd(one, depth - 1):
            return True
    return False


def _check_depth(value: Any, depth: int) -> None:
    if not depth:
        raise ValueError(f"more than {MAX_PROVIDER_DEPTH} objects within each other")
    for one in value.values() if type(value) is dict else value:
        if isinstance(one, dict | list) and one:
            _check_depth(one, depth - 1)


def mended(value: Any) -> Any:
    """The value with every half of a letter joined to its other half, or visibly replaced."""
    if isinstance(value, str):
        return _mended(value)
    if isinstance(value, list):
        return [mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(name): mended(item) for name, item in value.items()}
    return value


def _mended(text: str) -> str:
    if not _HALF.search(text):
        return text
    text = _BYTES.sub(_letters, _paired(text))
    return _HALF.sub(_REPLACEMENT, text)


def _letters(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _paired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def halves(text: str) -> tuple[str, str]:
    r"""The text as far as it can be told, and what its end needs the next piece for.

    >>> halves("A\ud83d")
    ('A', '\ud83d')
    >>> halves("A\ud83dB")
    ('A\ufffdB', '')
    """
    if not _HALF.search(text):
        return text, ""
    text, rest = _paired(text), ""
    if "\ud800" <= text[-1:] <= "\udbff":
        text, rest = text[:-1], text[-1]
    elif found := _LAST_BYTES.search(text):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        decoder.decode(found[0].encode("utf-8", "surrogateescape"))
        rest = decoder.getstate()[0].decode("utf-8", "surrogateescape")
        text = text[: len(text) - len(rest)]
    return _mended(text), rest


class Joints:
    """Joins letters that were cut in two between chunks, as tokens may cut them."""

    def __init__(self) -> None:
        self._held: dict[_Path, str] = {}

    def mend(self, chunk: Chunk, *, is_torn: bool) -> Chunk:
        """The chunk without halves of letters; one at the end of a text waits for the next."""
        if not is_torn and not self._held:
            return chunk
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            return mended(chunk)  # type: ignore[no-any-return]  # an object stays one
        rest: Chunk = mended({name: one for name, one in chunk.items() if name != "choices"})
        return rest | {"choices": [self._choice(choice) for choice in choices]}

    def _choice(self, choice: Any) -> Any:
        if not isinstance(choice, dict) or not isinstance(delta := choice.get("delta"), dict):
            return mended(choice)
        rest: Chunk = mended({name: one for name, one in choice.items() if name != "delta"})
        return rest | {"delta": self._walk(delta, (_plain(choice.get("index")),))}

    def _walk(self, value: Any, path: _Path) -> Any:
        if isinstance(value, str):
            ready, rest = halves(self._held.pop(path, "") + value)
            if rest:
                self._held[path] = rest
            return ready
        if isinstance(value, dict):
            return {
                _mended(name): mended(one) if is_said_once(name) else self._walk(one, (*path, name))
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [
                self._walk(item, (*path, (_plain(item.get("index")), _plain(item.get("type")))))
                if isinstance(item, dict)
                else mended(item)
                for item in value
            ]
        return value

    def rest(self) -> list[Chunk]:
        """Halves whose other half never came, as the replacement character, each in its place."""
        held, self._held = self._held, {}
        return [
            {"choices": [{"index": index, "delta": _within(path, _mended(rest))}]}
            for (index, *path), rest in held.items()
        ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else None


def _within(path: list[Any], text: str) -> Any:
    """A piece of a delta that has nothing but `text`, where `path` leads."""
    if not path:
        return text
    step, *more = path
    inner = _within(more, text)
    if isinstance(step, str):
        return {step: inner}
    named = {"index": step[0], "type": step[1]}
    return [{name: one for name, one in named.items() if one is not None} | inner]
