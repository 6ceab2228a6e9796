"""Records of training files whose images stand beside the messages, put back into them.

TRL's messages have `{"type": "image"}` where an image stood, ShareGPT's and Alpaca's texts
`<image>`; the images are a list, in the order of these places.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from adaptive_site.lib.errors import Invalid

IMAGES = ("images_file_names", "images")
_MARK = "<image>"
_COLUMNS = ("prompt", "messages", "completion", "chosen", "rejected")


def with_images(record: dict[str, Any], images: Sequence[str]) -> dict[str, Any]:
    """The record with these addresses, or data URIs, where its messages have places for images.

    Raises Invalid where it has not as many places. A line of Alpaca's becomes one of TRL's, whose
    messages can hold images.
    """
    kept = {name: value for name, value in record.items() if name not in IMAGES}
    if isinstance(kept.get("instruction"), str):
        kept = _as_messages(kept)
    placed = 0
    for name in (*_COLUMNS, "conversations"):
        column = kept.get(name)
        if isinstance(column, list):
            # Two conversations of a preference begin alike, so that each has all images.
            places = _Places(images)
            kept[name] = [places.in_message(one) for one in column]
            placed = max(placed, places.used)
    if placed != len(images):
        said = f"expected {placed} images, as its messages have places for, got {len(images)}"
        raise Invalid(said, field="images")
    return kept


class _Places:
    """Fills the places of some messages, one after the other."""

    def __init__(self, images: Sequence[str]) -> None:
        self._images, self.used = images, 0

    def in_message(self, message: Any) -> Any:
        """The message with its images; `value` is the text of ShareGPT's."""
        if not isinstance(message, dict):
            return message
        for name in ("content", "value"):
            content = message.get(name)
            if isinstance(content, list):
                return message | {name: [self._part(part) for part in content]}
            if name == "value" and isinstance(content, str) and _MARK in content:
                return message | {name: [self._part(part) for part in _parts(content)]}
        return message

    def _part(self, part: Any) -> Any:
        is_place = isinstance(part, dict) and part.get("type") == "image"
        if not is_place or any(part.get(name) for name in ("image", "url", "source")):
            return part
        self.used += 1
        if self.used > len(self._images):
            return part
        return {"type": "image_url", "image_url": {"url": self._images[self.used - 1]}}


def _parts(text: str) -> Iterator[dict[str, Any]]:
    for number, piece in enumerate(text.split(_MARK)):
        if number:
            yield {"type": "image"}
        if piece:
            yield {"type": "text", "text": piece}


def _as_messages(record: dict[str, Any]) -> dict[str, Any]:
    """A line of Alpaca's with messages in the place of texts."""
    said = [("system", record.get("system"))]
    for pair in record.get("history") or []:
        if not isinstance(pair, list) or len(pair) != 2:
            raise Invalid("expected pairs of texts", field="history")
        said += [("user", pair[0]), ("assistant", pair[1])]
    more = record.get("input")
    said.append(("user", record["instruction"] + (f"\n{more}" if more else "")))
    known = ("instruction", "input", "output", "system", "history", "chosen", "rejected")
    made = {name: value for name, value in record.items() if name not in known}
    made["prompt"] = [_message(role, text) for role, text in said if text]
    for name, column in (("output", "completion"), ("chosen", "chosen"), ("rejected", "rejected")):
        if name in record:
            made[column] = [_message("assistant", record[name])]
    return made


def _message(role: str, text: Any) -> dict[str, Any]:
    if not isinstance(text, str):
        raise Invalid("expected texts")
    return {"role": role, "content": list(_parts(text)) if _MARK in text else text}
