"""What a model has said so far, put together from the chunks of its answer."""

import time
from dataclasses import dataclass, field
from typing import Any, ClassVar

_MAX_COUNT = 2**31 - 1  # as large as the database's column
# Members of a chunk's delta, or of a message, that are not added to the answer's other parts.
_KNOWN = {"role", "content", "id"}


@dataclass(slots=True)
class Heard:
    """An answer as it grows; `usage` stays None when the provider does not count."""

    MAX_KEPT: ClassVar[int] = 10 * 1024 * 1024  # characters, so that no stream fills the memory

    finish_reason: str | None = None
    usage: dict[str, Any] | None = None
    model: str = ""
    is_begun: bool = False
    _texts: list[str] = field(default_factory=list)
    # Beside the text: texts in pieces, anything else as it came last.
    _parts: dict[str, Any] = field(default_factory=dict)
    _calls: dict[object, dict[str, Any]] = field(default_factory=dict)
    _size: int = 0
    _started: float = 0.0
    _first: float | None = None

    def start(self) -> None:
        """Begin to measure."""
        self._started = time.perf_counter()

    @property
    def text(self) -> str:
        """The text, at most about MAX_KEPT of it."""
        return "".join(self._texts)

    @property
    def parts(self) -> dict[str, Any] | None:
        """What came beside the text: `tool_calls`, a `refusal`, …"""
        parts = {
            name: "".join(value.pieces) if isinstance(value, _Text) else value
            for name, value in self._parts.items()
        }
        if self._calls:
            parts["tool_calls"] = list(self._calls.values())
        return parts or None

    @property
    def is_overfull(self) -> bool:
        """Whether more was said than is kept."""
        return self._size > self.MAX_KEPT

    @property
    def elapsed_ms(self) -> int:
        """Since the start."""
        return round((time.perf_counter() - self._started) * 1000)

    @property
    def first_after_ms(self) -> int | None:
        """From the start to the first thing said."""
        return None if self._first is None else round((self._first - self._started) * 1000)

    def take_whole(self, completion: dict[str, Any]) -> None:
        """Take an answer that came at once."""
        choice = completion["choices"][0]
        self.take({**completion, "choices": [{**choice, "index": 0, "delta": choice["message"]}]})

    def take(self, chunk: dict[str, Any]) -> dict[str, Any] | None:
        """Take a chunk; its choice as it may be handed on, None when it says nothing.

        The delta handed on has `content`, a text, and neither role nor id.
        """
        if usage := chunk.get("usage"):
            self.usage = counts(usage)
        if not self.model and isinstance(model := chunk.get("model"), str):
            self.model = model
        choices = chunk.get("choices")
        if not choices or choices[0].get("index"):
            return None
        choice = choices[0]
        if isinstance(reason := choice.get("finish_reason"), str):
            self.finish_reason = reason
        delta = choice.get("delta") or {}
        said = {
            name: value for name, value in delta.items() if value is not None and name not in _KNOWN
        }
        text = text_of(delta.get("content"))
        if text or any(said.values()):
            if self._first is None:
                self._first = time.perf_counter()
            self._keep(text, said)
        elif self.is_begun:
            return None
        self.is_begun = True
        said["content"] = text
        handed = {"index": 0, "delta": said, "finish_reason": None}
        if logprobs := choice.get("logprobs"):
            handed["logprobs"] = logprobs
        return handed

    def _keep(self, text: str, said: dict[str, Any]) -> None:
        if not self.is_overfull:
            if text:
                self._texts.append(text)
            for name, value in said.items():
                self._keep_part(name, value)
        self._size += len(text)

    def _keep_part(self, name: str, value: Any) -> None:
        if name == "tool_calls" and isinstance(value, list):
            for call in value:
                if isinstance(call, dict):
                    self._keep_call(call)
        elif isinstance(value, str) and value:
            there = self._parts.get(name)
            if not isinstance(there, _Text):
                there = self._parts[name] = _Text()
            there.pieces.append(value)
            self._size += len(value)
        elif value:
            self._parts[name] = value

    def _keep_call(self, call: dict[str, Any]) -> None:
        """A streamed call comes in pieces that have its index; one without is whole."""
        index = call.get("index")
        name = index if isinstance(index, int) else ("whole", len(self._calls))
        kept = self._calls.setdefault(name, {})
        self._size += merge(kept, {key: value for key, value in call.items() if key != "index"})


class _Text:
    """A text that grows; a string would be copied for each piece."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[str] = []


def merge(kept: dict[str, Any], more: dict[str, Any]) -> int:
    """Add a piece of a tool call to what is there, and say how many characters it had.

    Only `arguments` come in pieces; anything else may be said again.
    """
    size = 0
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(kept.get(name, {}), dict):
            size += merge(kept.setdefault(name, {}), value)
        elif isinstance(value, str) and name == "arguments" and isinstance(kept.get(name, ""), str):
            kept[name] = kept.get(name, "") + value
            size += len(value)
        elif name not in kept or value not in (None, ""):
            kept[name] = value
    return size


def text_of(content: object) -> str:
    """The text of a message's content, which some servers send in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(text for text in texts if isinstance(text, str))
    return ""


def counts(usage: object) -> dict[str, Any] | None:
    """The provider's counts of tokens: OpenAI's three as whole numbers, and its details.

    None when it does not give them; nothing is guessed.
    """
    if not isinstance(usage, dict):
        return None
    asked, said = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if asked is None:
        return None
    total = _count(usage.get("total_tokens"))
    return {
        **{name: value for name, value in usage.items() if isinstance(value, dict)},
        "prompt_tokens": asked,
        "completion_tokens": said or 0,
        "total_tokens": asked + (said or 0) if total is None else total,
    }


def _count(value: object) -> int | None:
    """A number of tokens, if it is one that the database can hold."""
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None
