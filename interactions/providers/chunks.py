"""The bytes of an answer as chunks of a chat completion, or as a whole one."""

from codecs import BOM_UTF8
from typing import Any

from adaptive_site.lib.http.sse import Events
from interactions.providers.errors import Secret, is_error, nonsense, told
from interactions.providers.loose_json import Joints, mended, parsed
from projects.models import Llm

from .base import Chunk, UpstreamError
from .merging import Calls

_END_MARKS = (b"[DONE]", b'"[DONE]"')
_BLANK_BYTES = BOM_UTF8 + b" \t\r\n"


class Chunks:
    """Reads chunks from bytes as they arrive; `fault` is what was wrong with the first bad one.

    `is_finished` once every choice has said why it ends, which makes the answer whole even if
    nothing more comes; `is_done` once the server has said that nothing will. What the bytes are,
    events, lines or one object, they tell themselves: content types are often wrong.
    """

    def __init__(self, llm: Llm, secret: Secret, *, are_lines: bool = False) -> None:
        self.fault: UpstreamError | None = None
        self.is_done = False
        self._llm, self._secret = llm, secret
        self._events, self._joints = Events(), Joints()
        self._body = bytearray()  # until it is known to be events
        self._are_events = are_lines
        self._open: set[object] = set()
        self._ended: set[object] = set()

    @property
    def buffered(self) -> int:
        """How many bytes wait for their end."""
        return len(self._body) + self._events.buffered

    @property
    def is_finished(self) -> bool:
        """Whether the answer is whole."""
        return bool(self._ended) and not self._open

    def feed(self, arrived: bytes) -> list[Chunk]:
        """The chunks that `arrived` completes, up to the end or the first fault."""
        if not self._are_events:
            if not self._body:
                arrived = arrived.lstrip(_BLANK_BYTES)
            self._body += arrived
            first = bytes(self._body[:1])
            if first in (b"", b"{", b"["):
                return []
            if first == b"<":
                self.fault = _no_json(self._llm)
            self._are_events = True
            arrived, self._body = bytes(self._body), bytearray()
        return self._read(self._events.feed(arrived))

    def rest(self) -> list[Chunk]:
        """What was still held back, once nothing more comes."""
        chunks = []
        if self._body:
            chunks = self._whole(bytes(self._body))
            self._body.clear()
        if not (self.fault or self.is_done):
            chunks += self._read(self._events.rest())
        return chunks + self._joints.rest()

    def _whole(self, body: bytes) -> list[Chunk]:
        """The chunk of an answer that was not streamed, or those of objects line by line."""
        try:
            value = value_of(self._llm, self._secret, body)
        except UpstreamError:
            return self._read(self._events.feed(body))
        self.is_done = True
        try:
            return [as_chunk(completion_of(self._llm, self._secret, value))]
        except UpstreamError as error:
            self.fault = error
        return []

    def _read(self, events: list[tuple[bytes, str]]) -> list[Chunk]:
        chunks = []
        for data, name in events:
            if data in _END_MARKS:
                self.is_done = True
                break
            try:
                if (chunk := self._chunk(data, name)) is not None:
                    chunks.append(chunk)
            except UpstreamError as error:
                self.fault = error
                break
        return chunks

    def _chunk(self, data: bytes, name: str) -> Chunk | None:
        try:
            value, is_torn = _value(self._llm, self._secret, data)
        except UpstreamError:
            if self.is_finished:  # whatever a server adds after the end takes nothing away
                return None
            raise
        if value is None:
            return None
        if not isinstance(value, dict):
            raise nonsense(self._llm, "chunks of a chat completion")
        if is_error(value, name):
            raise told(self._llm, mended(value), self._secret)
        choices = value.get("choices") or []
        if not isinstance(choices, list):
            raise nonsense(self._llm, "chunks of a chat completion")
        if not choices and name not in ("", "message") and not value.get("usage"):
            return None  # another kind of event, such as a ping
        if choices:
            value["choices"] = [choice for choice in choices if self._is_read(choice)]
        return self._joints.mend(value, is_torn=is_torn)

    def _is_read(self, choice: Any) -> bool:
        """Keep track of which choices have ended, and read a whole message as its only piece."""
        if not isinstance(choice, dict):
            return False
        index = choice.get("index")
        index = index if isinstance(index, int) else 0
        if choice.get("finish_reason"):
            self._ended.add(index)
            self._open.discard(index)
        elif index not in self._ended:
            self._open.add(index)
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            choice["delta"] = {"content": delta} if isinstance(delta, str) else {}
        if not delta and isinstance(message := choice.get("message"), dict):
            choice["delta"] = as_delta(message)
        return True


def _value(llm: Llm, secret: Secret, body: bytes) -> tuple[Any, bool]:
    try:
        return parsed(secret.left_out(body))
    except ValueError as error:
        raise _no_json(llm) from error


def _no_json(llm: Llm) -> UpstreamError:
    said = f"the provider of {llm.key} answered with something that is not JSON"
    return UpstreamError(said, status=502)


def value_of(llm: Llm, secret: Secret, body: bytes) -> Any:
    """The value of a whole body. Raises UpstreamError."""
    value, is_torn = _value(llm, secret, body)
    return mended(value) if is_torn else value


def completion_of(llm: Llm, secret: Secret, value: Any) -> dict[str, Any]:
    """The value, if it is a chat completion. Raises UpstreamError."""
    choices = value.get("choices") if isinstance(value, dict) else None
    if isinstance(choices, list) and choices and all(map(_has_message, choices)):
        return value  # type: ignore[no-any-return]  # the checks above are what we know
    if isinstance(value, dict) and is_error(value):
        raise told(llm, value, secret)
    raise nonsense(llm, "a chat completion")


def _has_message(choice: object) -> bool:
    return isinstance(choice, dict) and isinstance(choice.get("message"), dict)


def as_chunk(completion: dict[str, Any]) -> Chunk:
    """A whole answer as a stream's only chunk."""
    choices = [
        {"index": place, **choice, "delta": as_delta(choice["message"])}
        for place, choice in enumerate(completion["choices"])
    ]
    return {**completion, "choices": choices}


def as_delta(message: dict[str, Any]) -> dict[str, Any]:
    """A message as a stream's only piece, in which calls of tools have an index."""
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return message
    return {**message, "tool_calls": Calls().take(calls)}
