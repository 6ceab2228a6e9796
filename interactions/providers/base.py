"""What every provider of models is asked, and the error by which it refuses or fails."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from adaptive_site.lib.errors import DomainError
from projects.models import Llm

Chunk = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SentImage:
    """Format and size of an image in the messages."""

    format: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A question to a model.

    `messages` are OpenAI's, images in them as `{"url": data URI or address}`; `options` are the
    other members of the request, such as `temperature`, that the provider gets as they are;
    `images` describes the images that came as data, in order.
    """

    llm: Llm
    messages: Sequence[dict[str, Any]]
    options: dict[str, Any]
    images: Sequence[SentImage] = ()


class UpstreamError(DomainError):
    """A provider that refused, failed, or could not be reached.

    `status` is the answer's to our own caller, `retry_after` the header of that name.
    """

    def __init__(self, message: str, *, status: int, retry_after: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ModelProvider(Protocol):
    """Whoever answers for a model; the shapes are OpenAI's. All raise UpstreamError."""

    async def complete(self, ask: ModelRequest) -> dict[str, Any]:
        """A `chat.completion`, with at least one choice that has a message."""
        ...

    def stream(self, ask: ModelRequest) -> AsyncGenerator[list[Chunk], None]:
        """The same as `chat.completion.chunk`s, as many at a time as arrived together.

        It ends without an error only when the answer is whole.
        """
        ...

    async def embed(self, llm: Llm, body: dict[str, Any]) -> dict[str, Any]:
        """Embeddings: a `list` with `data`."""
        ...
