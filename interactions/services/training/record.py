"""A record for training: what a dataset keeps of interactions, and every file format is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from interactions.models.content_parts import image_address, parts_of
from interactions.services.images.store import STORED_IMAGE_SCHEME

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadBeside:
    """What is read of a record beside its prompt and answers; who asks for less may get all.

    `origin` is where it is from (interaction, session, time and model), labels and metadata.
    """

    feedback: bool = True
    origin: bool = True


EVERYTHING = ReadBeside()


# Not frozen: a million are made for a file, and a frozen one takes three times as long to make.
@dataclass(slots=True)
class ModelAnswer:
    """What a model answered: its text, and `parts`, what the message holds beside it.

    `parts` are as `InteractionBody.completion_parts`, such as `{"tool_calls": […]}`.
    """

    text: str
    parts: dict[str, Any] | None = None
    model: str | None = None

    @property
    def message(self) -> Message:
        """The answer as an assistant's message; content is null beside tool calls without text."""
        parts = self.parts or {}
        content = self.text if self.text or not parts.get("tool_calls") else None
        return {"role": "assistant", "content": content, **parts}


@dataclass(slots=True)
class TrainingRecord:
    """One record, of a prompt with what the kind of its dataset asks for.

    `messages` are OpenAI's chat messages as `InteractionBody.messages` has them: an image part's
    address is `image:<sha256>` for an image of ours. `answer` is None where there is only a
    prompt, and the preferred one of a preference; `other` is the preference's second. `feedback`
    has a bool or the mean of the numbers by metric key.
    """

    messages: list[Message]
    answer: ModelAnswer | None = None
    other: ModelAnswer | None = None
    metric: str | None = None
    tied: str | None = None
    feedback: dict[str, bool | float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    tools: list[Any] | None = None
    session_id: str | None = None
    created_at: str | None = None
    interaction_id: UUID | None = None
    other_id: UUID | None = None
    split: str = "train"
    # Of a dataset's item: the dataset's key, and the item's id.
    item: tuple[str, UUID] | None = field(default=None, compare=False)

    @property
    def content(self) -> dict[str, Any]:
        """The record as a dataset's item keeps it: JSON, without what stands in columns."""
        said = {
            "messages": self.messages,
            "answer": _json_of(self.answer),
            "other": _json_of(self.other),
            "metric": self.metric,
            "tied": self.tied,
            "feedback": self.feedback,
            "labels": self.labels,
            "metadata": self.metadata,
            "tools": self.tools,
            "session_id": self.session_id,
            "created_at": self.created_at,
        }
        return {name: value for name, value in said.items() if value not in (None, {}, [])} | {
            "messages": self.messages
        }

    @classmethod
    def of(
        cls,
        content: Mapping[str, Any],
        *,
        interaction_id: UUID | None = None,
        other_id: UUID | None = None,
        split: str = "train",
        item: tuple[str, UUID] | None = None,
    ) -> Self:
        """The record that `content` was made of."""
        return cls(
            messages=content["messages"],
            answer=_answer(content.get("answer")),
            other=_answer(content.get("other")),
            metric=content.get("metric"),
            tied=content.get("tied"),
            feedback=content.get("feedback", {}),
            labels=content.get("labels", {}),
            metadata=content.get("metadata", {}),
            tools=content.get("tools"),
            session_id=content.get("session_id"),
            created_at=content.get("created_at"),
            interaction_id=interaction_id,
            other_id=other_id,
            split=split,
            item=item,
        )

    @property
    def images(self) -> list[str]:
        """The SHA-256 of each image of ours in the messages, in the order the model saw them."""
        addresses = [image_address(part) for one in self.messages for part in parts_of(one)]
        return [
            address.removeprefix(STORED_IMAGE_SCHEME)
            for address in addresses
            if address is not None and address.startswith(STORED_IMAGE_SCHEME)
        ]

    @property
    def answers(self) -> Sequence[ModelAnswer]:
        """The answers it has: none, one, or a preference's two."""
        return [one for one in (self.answer, self.other) if one is not None]


def _json_of(answer: ModelAnswer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    said = {"text": answer.text, "parts": answer.parts, "model": answer.model}
    return {name: value for name, value in said.items() if value is not None}


def _answer(said: Mapping[str, Any] | None) -> ModelAnswer | None:
    return None if said is None else ModelAnswer(said["text"], said.get("parts"), said.get("model"))
