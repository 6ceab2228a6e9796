"""What a model has said so far, put together from the chunks of its answer."""

import time
from dataclasses import dataclass, field
from typing import Any, ClassVar

from interactions.providers.choices import AnswerChoice, others
from interactions.providers.merging import grown, is_something, weight

Json = dict[str, Any]

_MAX_COUNT = 2**31 - 1  # as large as the database's column
# Members of a chunk that are told in another place, or are ours to say.
_CHUNKS_OWN = frozenset(("id", "object", "created", "model", "choices", "usage", "session_id"))
_NO_MEMBERS: frozenset[str] = frozenset()
_PADDING = "obfuscation"  # random letters, so that nobody can tell pieces by their length


@dataclass(slots=True)
class StreamedAnswer:
    """The answer of a model, which grows with every chunk that is taken.

    `waiting` is what of the last chunks has yet to be handed on, for want of a choice in them.
    """

    MAX_KEPT: ClassVar[int] = 10 * 1024 * 1024  # characters, so that no stream fills the memory

    model: str = ""
    is_begun: bool = False
    waiting: Json = field(default_factory=dict)
    _choices: dict[int, AnswerChoice] = field(default_factory=dict)
    _response: Json = field(default_factory=dict)
    _usage: Json = field(default_factory=dict)
    _size: int = 0  # of what stood beside the choices
    _started: float = 0.0
    _first: float | None = None

    def start(self) -> None:
        """Begin to measure how long the answer takes."""
        self._started = time.perf_counter()

    @property
    def choices(self) -> list[AnswerChoice]:
        """The choices, at least one; the text of the first is logged as the interaction's."""
        return [self._choices[n] for n in sorted(self._choices)] or [AnswerChoice(0)]

    @property
    def text(self) -> str:
        """The text of the first choice, at most about MAX_KEPT of it."""
        return self.choices[0].text

    @property
    def parts(self) -> Json | None:
        """What came beside the text of the first choice."""
        return self.choices[0].parts

    @property
    def finish_reason(self) -> str | None:
        """Why the first choice ends."""
        return self.choices[0].finish_reason

    @property
    def usage(self) -> Json | None:
        """The provider's counts; None when it does not count."""
        return counts(self._usage)

    @property
    def response(self) -> Json:
        """What else the provider's response held, in its shape: citations, logprobs, …

        In `choices` the first has what stood beside its message; the others are whole.
        """
        first, *others = self.choices
        beside = {name: value for name, value in first.more.items() if is_something(value)}
        choices = [{"index": first.index} | grown(beside)] if beside else []
        choices += [one.whole() for one in others]
        return self._response | ({"choices": choices} if choices else {})

    @property
    def is_overfull(self) -> bool:
        """Whether more was said than is kept."""
        size = self._size
        for one in self._choices.values():
            size += one.size
        return size > self.MAX_KEPT

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the start."""
        return round((time.perf_counter() - self._started) * 1000)

    @property
    def first_after_ms(self) -> int | None:
        """Milliseconds from the start to the first text; None before."""
        return None if self._first is None else round((self._first - self._started) * 1000)

    def take_whole(self, completion: Json) -> None:
        """Take an answer that came at once."""
        self._take_beside(completion)
        for place, given in enumerate(completion["choices"]):
            index = given.get("index")
            index = index if isinstance(index, int) and index not in self._choices else place
            self._choices.setdefault(index, AnswerChoice(index)).take_whole(given)
        self.is_begun = True

    def take(self, chunk: Json) -> Json | None:
        """Take a chunk; the same as it may be handed on, None when it says nothing.

        It has `choices` and what stood beside them, but nothing of what is ours to say.
        """
        self._take_beside(chunk)
        is_kept = not self.is_overfull
        handed = []
        for given in chunk.get("choices") or ():
            index = given.get("index")
            index = index if isinstance(index, int) else 0
            choice = self._choices.get(index)
            if choice is None:
                choice = self._choices[index] = AnswerChoice(index)
            if (one := choice.take(given, is_kept=is_kept)) is not None:
                handed.append(one)
        if not handed:
            return None
        self.is_begun = True
        if self._first is None and any(_says(one) for one in handed):
            self._first = time.perf_counter()
        made = {"choices": handed}
        if self.waiting:
            made |= self.waiting
            self.waiting = {}
        return made

    def _take_beside(self, chunk: Json) -> None:
        if isinstance(usage := chunk.get("usage"), dict):
            self._usage |= others(usage, _NO_MEMBERS)
        if not self.model and isinstance(model := chunk.get("model"), str):
            self.model = model
        if beside := others(chunk, _CHUNKS_OWN):
            self.waiting |= beside
            for name, value in beside.items():
                there = self._response.get(name)
                if value != there and name != _PADDING and not self.is_overfull:
                    self._response[name] = _latest(there, value)
                    self._size += weight(value)


def _says(choice: Json) -> bool:
    return any(map(is_something, choice["delta"].values())) or "logprobs" in choice


def _latest(there: Any, value: Any) -> Any:
    """What a response says beside its choices is told again, whole or what is new of it."""
    if isinstance(there, dict) and isinstance(value, dict):
        return there | value
    if isinstance(there, list) and isinstance(value, list) and value[: len(there)] != there:
        return there + [one for one in value if one not in there]
    return value


def counts(usage: Json) -> Json | None:
    """The provider's counts of tokens as it says them; OpenAI's three as whole numbers.

    A number that is none is left out; nothing is guessed but what others add up to.
    """
    known: Json = dict(usage)
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        count = _count(known.pop(name, None))
        if count is not None:
            known[name] = count
    if "prompt_tokens" in known:
        said = known.setdefault("completion_tokens", 0)
        known.setdefault("total_tokens", known["prompt_tokens"] + said)
    return known or None


def _count(value: object) -> int | None:
    """A number of tokens, if it is one that the database can hold."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None
