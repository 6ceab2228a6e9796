"""The parts of a message's content, in whichever of the shapes that models are sent them.

What came through the gateway is stored as it came: parts of types nobody here knows, strings
among them, content that is absent. Whoever reads a message does so by these.
"""

from collections.abc import Iterator
from typing import Any

IMAGE = "image_url"
_TEXT = ("text", "input_text", "output_text")


def parts_of(message: dict[str, Any]) -> list[Any]:
    """The parts of a message; content that is a string is one part.

    >>> parts_of({"role": "user", "content": "Hello"})
    ['Hello']
    """
    content = message.get("content")
    if content is None:
        return []
    return content if isinstance(content, list) else [content]


def text_of(part: object) -> str | None:
    """The text of a part that is one, which some servers take as a bare string."""
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and isinstance(text := part.get("text"), str):
        return text
    return None


def is_text(part: object) -> bool:
    """Whether the part is text and, but for members beside it, nothing else."""
    if isinstance(part, dict):
        return part.get("type") in _TEXT and isinstance(part.get("text"), str)
    return isinstance(part, str)


def texts_of(message: dict[str, Any]) -> Iterator[str]:
    """The texts of a message, in order."""
    return (text for part in parts_of(message) if (text := text_of(part)) is not None)


def image_address(part: object) -> str | None:
    """Where the image of a part of type `image_url` is, when it says so in a way we know."""
    if not isinstance(part, dict) or part.get("type") != IMAGE:
        return None
    link = part.get(IMAGE)
    url = link.get("url") if isinstance(link, dict) else link
    return url if isinstance(url, str) else None


def at_address(part: dict[str, Any], url: str) -> dict[str, Any]:
    """The same image part with another address, as an object whichever way it came."""
    link = part.get(IMAGE)
    return {**part, IMAGE: {**(link if isinstance(link, dict) else {}), "url": url}}
