"""Pieces of a message put together, as clients do it: what a stream said, whole."""

from collections.abc import Mapping
from typing import Any

# Members whose text is said once, or again and again, but never continued. Checked against what
# OpenAI, OpenRouter, litellm, vLLM, Mistral, Gemini and Anthropic's compatible address send.
_ONCE = frozenset(
    (
        "id", "type", "role", "format", "object", "model", "provider", "url", "title", "detail",
        "language", "mime_type", "media_type", "filename", "created_at",
    )
)  # fmt: skip
_LATEST = frozenset(("status", "index"))
_LOOKED_BACK = 100  # items of a list, from its end, of which one may go on

Piece = dict[str, Any]


class GrowingText:
    """A text that grows; a string would be copied for each piece."""

    __slots__ = ("pieces",)

    def __init__(self, *pieces: str) -> None:
        self.pieces = list(pieces)


def is_said_once(name: str) -> bool:
    """Whether a text of this name stands as it is, instead of going on in the next piece."""
    return name in _ONCE or name in _LATEST or name.endswith(("_id", "_type", "signature"))


def merge(kept: Piece, more: Mapping[str, Any]) -> int:
    """Add a piece to what is kept, and say about how many characters it had.

    Texts go on, lists get longer (an item that names the index and type of one that is there
    goes on, too), objects are merged; of numbers and booleans the last counts, null says nothing.
    """
    size = 0
    for name, value in more.items():
        there = kept.get(name)
        if there is None or (there == "" and value is not None):
            kept[name] = _fresh(value)
            size += weight(value)
        elif isinstance(value, str):
            size += _merge_text(kept, name, there, value)
        elif isinstance(value, dict) and isinstance(there, dict):
            size += merge(there, value)
        elif isinstance(value, list) and isinstance(there, list):
            size += extend(there, value)
        elif value is not None and value != [] and value != {}:
            kept[name] = _fresh(value)
            size += weight(value)
    return size


def _merge_text(kept: Piece, name: str, there: Any, value: str) -> int:
    if not value:
        return 0
    if isinstance(there, GrowingText):
        there.pieces.append(value)
    elif not isinstance(there, str) or name in _LATEST:
        kept[name] = value
    elif name == "name":
        kept[name] = _name(there, value)
    elif not is_said_once(name):
        kept[name] = GrowingText(there, value)
    else:
        return 0
    return len(value)


def _name(there: str, value: str) -> str:
    """Some say a function's name with every piece, some all of it so far, some go on with it."""
    return value if value.startswith(there) else there + value


def extend(kept: list[Any], more: list[Any]) -> int:
    """Add the items of a list's piece, and say how large they were."""
    size = 0
    for place, item in enumerate(more):
        found = _continued(kept, item, is_first=place == 0) if isinstance(item, dict) else None
        if found is None:
            kept.append(_fresh(item))
            size += weight(item)
        else:
            size += merge(found, item)
    return size


def _continued(kept: list[Any], item: Piece, *, is_first: bool) -> Piece | None:
    """The item that this one goes on with, if it does."""
    index = item.get("index")
    if isinstance(index, int):
        for one in reversed(kept[-_LOOKED_BACK:]):
            if isinstance(one, dict) and one.get("index") == index and _fits(one, item):
                return one
        return None
    last = kept[-1] if kept and is_first else None
    if (
        isinstance(last, dict)
        and "index" not in last
        and _fits(last, item)
        and _is_text(last, item)
    ):
        return last
    return None


def _fits(one: Piece, item: Piece) -> bool:
    """Whether two are of one kind, and what tells one apart from others is not told anew."""
    return all(
        not (item.get(name) and one.get(name) and item[name] != one[name])
        for name in ("type", "id", "image_url")
    )


def _is_text(last: Piece, item: Piece) -> bool:
    """Whether both are pieces of one text, such as a thought; a signature ends it."""
    names = [name for name in ("text", "thinking", "summary") if name in last]
    goes_on = bool(item.get("signature")) or any(name in item for name in names)
    return bool(names) and goes_on and not last.get("signature")


def _fresh(value: Any) -> Any:
    """A copy that may grow."""
    if isinstance(value, dict):
        return {name: _fresh(one) for name, one in value.items()}
    return [_fresh(one) for one in value] if isinstance(value, list) else value


def weight(value: Any) -> int:
    """How large a value is, about, in characters."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(name) + weight(one) for name, one in value.items())
    return sum(map(weight, value)) if isinstance(value, list) else 8


def grown(value: Any) -> Any:
    """The same in plain values."""
    if isinstance(value, GrowingText):
        return "".join(value.pieces)
    if isinstance(value, dict):
        return {name: grown(one) for name, one in value.items()}
    return [grown(one) for one in value] if isinstance(value, list) else value


def is_something(value: Any) -> bool:
    """Whether a member says anything: 0 and false do, null and what is empty do not."""
    return bool(value) or (value is not None and value not in ("", [], {}))


class Calls:
    """Calls of tools, whose pieces name their call by its index, if they do."""

    def __init__(self) -> None:
        self._calls: list[Piece] = []
        self._by_index: dict[int, int] = {}
        self.size = 0

    def take(self, pieces: list[Any]) -> list[Piece]:
        """Add pieces; the same with the index that each call has here.

        Clients put calls together by it, so two must not have the same, as all of Gemini's do.
        """
        handed = []
        for piece in pieces:
            if isinstance(piece, dict):
                place = self._place(piece)
                said = {name: value for name, value in piece.items() if name != "index"}
                self.size += merge(self._calls[place], said)
                handed.append({"index": place, **said})
        return handed

    def whole(self) -> list[Piece]:
        """The calls as a message has them, without an index."""
        return [grown(call) for call in self._calls]

    def _place(self, piece: Piece) -> int:
        index = piece.get("index")
        index = index if isinstance(index, int) else None
        known = len(self._calls) - 1 if index is None else self._by_index.get(index, -1)
        if known >= 0 and not _begins(self._calls[known], piece, is_told=index is not None):
            return known
        self._calls.append({})
        place = len(self._calls) - 1
        if index is not None:
            self._by_index[index] = place
        return place


def _begins(call: Piece, piece: Piece, *, is_told: bool) -> bool:
    """Whether a piece begins another call than the one it seems to go on with.

    One with an index does if it has an id and a name of its own: vLLM has sent new ids with
    every piece, but the name only once. One without does if it has either.
    """
    is_named = any(isinstance(one, dict) and one.get("name") for one in piece.values())
    id = piece.get("id")
    has_own_id = bool(id) and bool(call.get("id")) and id != call["id"]
    if is_told:
        return is_named and has_own_id
    return has_own_id or (is_named and (not id or id != call.get("id")))
