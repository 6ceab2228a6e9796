"""The answers of the API. Members of OpenAI's that are not listed may stand beside these."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from adaptive_site.lib.errors import Refusal
from adaptive_site.lib.openapi.operations import JSON, DescribedAnswer, json

UuidText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
EVENTS = "text/event-stream"
LINES = "application/x-ndjson"


class LoggedAnswer(TypedDict):
    """What was logged, now or when it came first."""

    completion_id: UuidText
    session_id: UuidText
    feedback_ids: list[UuidText]


class FeedbackAnswer(TypedDict):
    """The feedback that was given."""

    feedback_id: UuidText


class ComparisonAnswer(TypedDict):
    """The comparison that was made."""

    comparison_id: UuidText


class UploadAnswer(TypedDict):
    """An upload."""

    session_id: UuidText


class OpenAIFault(TypedDict):
    """What went wrong, as OpenAI says it; `param` is the member at fault."""

    message: str
    type: Literal["invalid_request_error", "api_error"]
    param: str | None
    code: str


class OpenAIRefusal(TypedDict):
    """Why a request was refused, for clients that look for OpenAI's object."""

    error: OpenAIFault


class AskableModel(TypedDict):
    """A model that may be asked; `id` is what one asks for."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsAnswer(TypedDict):
    """The models that may be asked."""

    object: Literal["list"]
    data: list[AskableModel]


class ChoiceAnswer(TypedDict):
    """One answer of a model; `completion_id` names the interaction."""

    index: int
    message: dict[str, Any]
    finish_reason: str | None
    completion_id: NotRequired[UuidText]


class CompletionAnswer(TypedDict):
    """A chat completion as OpenAI has it, with the session it is logged in."""

    id: UuidText
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Any]
    usage: dict[str, Any] | None
    session_id: UuidText | None
    metadata: NotRequired[dict[str, str]]


class CompletionsAnswer(TypedDict):
    """A page of stored completions."""

    object: Literal["list"]
    data: list[CompletionAnswer]
    first_id: UuidText | None
    last_id: UuidText | None
    has_more: bool


class StoredMessage(TypedDict):
    """A message that the model was sent; content in parts is also here as its texts."""

    id: str
    role: str
    content: NotRequired[Any]
    content_parts: list[Any] | None


class MessagesAnswer(TypedDict):
    """A page of the messages of a stored completion."""

    object: Literal["list"]
    data: list[StoredMessage]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedAnswer(TypedDict):
    """A completion that was deleted."""

    id: UuidText
    object: Literal["chat.completion.deleted"]
    deleted: Literal[True]


class EmbeddingsAnswer(TypedDict):
    """Embeddings as the provider made them."""

    object: str
    model: str


ANY_REFUSAL = {"anyOf": [Refusal, OpenAIRefusal]}
# A client that asks for events alone is refused by one.
IN_EVENTS = {"type": "string", "description": "Server-sent events, the last of them `[DONE]`."}
REFUSED_TO_OPENAI = {JSON: ANY_REFUSAL, EVENTS: IN_EVENTS}
A_COMPLETION = DescribedAnswer("The completion.", json(CompletionAnswer))
