"""One choice of a model's answer, put together from pieces or taken whole."""

from dataclasses import dataclass, field
from typing import Any, TypeGuard

from .merging import Calls, extend, grown, is_something, merge

Json = dict[str, Any]

# Members of a choice and of its message that are told in another place, or are ours to say.
_CHOICES_OWN = frozenset(("index", "delta", "message", "finish_reason", "completion_id"))
_MESSAGES_OWN = frozenset(("role", "content", "id"))
_TEXTS_OWN = frozenset(("type", "text", "index"))  # members of a part that is a text


@dataclass(slots=True)
class AnswerChoice:
    """One answer of the model as it grows; most requests get one.

    `more` is what stood beside the message, such as `logprobs`; `ending` what is still to be
    handed on of it, with the reason why the answer ends.
    """

    index: int
    finish_reason: str | None = None
    more: Json = field(default_factory=dict)
    ending: Json = field(default_factory=dict)
    message: Json | None = None  # of an answer that came at once
    size: int = 0
    is_begun: bool = False
    _texts: list[str] = field(default_factory=list)
    _content: Any = None  # when it says more than its text; a list of parts where it came so
    _parts: Json = field(default_factory=dict)
    _calls: Calls = field(default_factory=Calls)

    @property
    def text(self) -> str:
        """The text of the message."""
        return "".join(self._texts)

    @property
    def parts(self) -> Json | None:
        """What came beside the text: `tool_calls`, a `refusal`, content of other kinds, …"""
        parts = {name: grown(value) for name, value in self._parts.items() if is_something(value)}
        if calls := self._calls.whole():
            parts["tool_calls"] = calls
        if is_something(self._content):
            parts["content"] = grown(self._content)
        return parts or None

    def whole(self) -> Json:
        """The choice as an answer has it that comes at once."""
        message = {"role": "assistant", "content": self.text, **(self.parts or {})}
        more: Json = grown(self.more)
        return {
            "index": self.index,
            "message": message,
            "finish_reason": self.finish_reason,
            **more,
        }

    def take_whole(self, given: Json) -> None:
        """Take an answer that came at once, as it is."""
        message: Json = given["message"]
        self.message = message
        content = message.get("content")
        self._texts = [text_of(content)]
        self._content = content if has_other_parts(content) else None
        self._parts = {name: value for name, value in message.items() if name not in _MESSAGES_OWN}
        reason = given.get("finish_reason")
        self.finish_reason = reason if isinstance(reason, str) else None
        self._keep_more(others(given, _CHOICES_OWN))

    def take(self, given: Json, *, is_kept: bool) -> Json | None:
        """Take a choice of a chunk, and give it as it may be handed on; None if it says nothing.

        Its delta has neither role nor id, and content only where the model's has.
        """
        delta, more = given.get("delta") or {}, others(given, _CHOICES_OWN)
        said = others(delta, _MESSAGES_OWN)
        content = delta.get("content")
        if type(content) is str:  # as of most chunks
            text, has_parts = content, False
        else:
            text, has_parts = text_of(content), has_other_parts(content)
        ends = given.get("finish_reason")
        is_saying = bool(text) or has_parts or "logprobs" in more
        is_saying = is_saying or (bool(said) and any(map(is_something, said.values())))
        if is_saying and is_kept:
            self._keep(text, content, said)
        if said and isinstance(calls := said.get("tool_calls"), list):
            said["tool_calls"] = self._calls.take(calls) if is_kept else calls
        if more and is_kept:
            self._keep_more(more)
        if isinstance(ends, str) and ends:
            self.finish_reason = ends
            now = ("logprobs",) if is_saying else ()
            self.ending |= {name: value for name, value in more.items() if name not in now}
            more = {name: more[name] for name in now if name in more}
        if not is_saying and not more and self.is_begun:
            return None
        if content is not None:
            said["content"] = content if has_parts else text
        elif not said and not self.is_begun:
            said["content"] = ""
        self.is_begun = True
        return {"index": self.index, "delta": said, "finish_reason": None, **more}

    def _keep(self, text: str, content: object, said: Json) -> None:
        self.size += len(text)
        has_parts = has_other_parts(content)
        if self._content is None and has_parts:
            self._content = [{"type": "text", "text": self.text}] if self.text else []
        if text:
            self._texts.append(text)
        if self._content is not None and (has_parts or text):
            one = content if has_parts else {"type": "text", "text": text}
            parts = content if isinstance(content, list) else [one]
            self.size += extend(self._content, parts)
        if said:
            are_calls = isinstance(said.get("tool_calls"), list)
            beside = {n: v for n, v in said.items() if n != "tool_calls"} if are_calls else said
            self.size += merge(self._parts, beside)

    def _keep_more(self, more: Json) -> None:
        """Lists come in pieces, as logprobs do; anything else is told again as a whole."""
        for name, value in more.items():
            there = self.more.get(name)
            if name == "logprobs" and isinstance(value, dict):
                self.size += merge(self.more.setdefault(name, {}), value)
            elif isinstance(value, list) and isinstance(there, list | None):
                self.size += extend(self.more.setdefault(name, []), value)
            elif isinstance(there, dict) and isinstance(value, dict):
                self.more[name] = there | value
            else:
                self.more[name] = value


def others(value: Json, own: frozenset[str]) -> Json:
    """The members that say something and are not among `own`."""
    if value.keys() <= own:  # as of most chunks
        return {}
    return {name: one for name, one in value.items() if one is not None and name not in own}


def has_other_parts(content: object) -> bool:
    """Whether a message's content says more than its text: Mistral's thinking, annotations, …"""
    if content is None or isinstance(content, str):
        return False
    parts = content if isinstance(content, list) else [content] if is_something(content) else []
    return not all(map(_is_plain, parts))


def _is_plain(part: object) -> bool:
    """Whether a part is a text with nothing beside it."""
    if not _is_text(part):
        return False
    return not any(is_something(one) for name, one in part.items() if name not in _TEXTS_OWN)


def _is_text(part: object) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(part, dict)
        and part.get("type") in (None, "text", "output_text")
        and isinstance(part.get("text"), str)
    )


def text_of(content: object) -> str:
    """The text of a message's content, which some servers send in parts."""
    if isinstance(content, str):
        return content
    parts: list[Any] = content if isinstance(content, list) else [content]
    return "".join(part["text"] for part in parts if _is_text(part))
