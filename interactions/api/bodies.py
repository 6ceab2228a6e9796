"""The bodies that the API takes. What each member may be stands in `kinds.py`."""

from typing import ClassVar

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.openapi.members import (
    ANYTHING,
    Kind,
    Member,
    OptionalMember,
    RequestShape,
    anything,
)
from interactions.api.kinds import (
    ASKED_MODEL,
    EXTERNAL_ID,
    FEEDBACKS,
    FLAG,
    LABELS,
    MESSAGES,
    NAME,
    SAID_USER,
    SENT_MESSAGES,
    STREAM_OPTIONS,
    TIME,
    UUID_TEXT,
    FeedbackItem,
)
from interactions.models import Comparison

_USER = "The UUID of its author, for who may act for others; else whom it is said to be from."
_HELLO = [{"role": "user", "content": "Hello"}]
# Checked by the services that make a draft of it, with the conversation.
DRAFTED_TEXT = Kind({"type": "string"}, anything)
SIDE = Kind(
    {
        "anyOf": [
            UUID_TEXT.schema,
            {
                "type": "object",
                "properties": {"text": {"type": "string"}, "model": {"type": "string"}},
                "required": ["text", "model"],
            },
        ]
    },
    anything,
)


def _tied(value: object, *, field: str) -> str:
    if not isinstance(value, str) or value not in Comparison.Tied.values:
        raise Invalid("expected good, bad or nothing", field=field)
    return value


TIED = Kind({"enum": list(Comparison.Tied.values)}, _tied)
EMBEDDED = Kind(
    {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "minItems": 1}]}, anything
)


class InProjectBody(RequestShape):
    """A body that names a project."""

    project = OptionalMember(NAME, "Id or key of the project.")
    use_case = OptionalMember(NAME, "What clients before 0.13 call `project`.")
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("project", "use_case"),)


class LogBody(InProjectBody):
    """One interaction: what a model was sent, and what it answered."""

    messages = OptionalMember(MESSAGES, "What the model was sent, as OpenAI's chat messages.")
    prompt = OptionalMember(DRAFTED_TEXT, "An old client's text, in place of messages.")
    completion = Member(DRAFTED_TEXT, "What it answered; may be empty.")
    model_service = OptionalMember(NAME, "Id or key of a model attached to the project.")
    labels = OptionalMember(LABELS, "Texts by key.")
    feedbacks = OptionalMember(FEEDBACKS, "Feedback that comes with it.")
    session_id = OptionalMember(UUID_TEXT, "Joins the turns of one conversation; made without one.")
    user = OptionalMember(UUID_TEXT, _USER)
    created_at = OptionalMember(TIME, "From 1970 to a day from now; now without one.")
    external_id = OptionalMember(EXTERNAL_ID, "Your name for it: the same again stores nothing.")
    one_of = (*InProjectBody.one_of, ("messages", "prompt"))
    example = {"project": "demo", "messages": _HELLO, "completion": "Hello!"}


class FeedbackBody(FeedbackItem):
    """Feedback on one completion."""

    completion_id = Member(UUID_TEXT, "The id of the interaction.")
    user_id = OptionalMember(UUID_TEXT, _USER)


class ComparisonBody(InProjectBody):
    """Of two completions the better one."""

    metric = Member(NAME, "Id or key of a metric of the project.")
    preferred_completion = Member(SIDE, "An interaction's id, or a text with the model it is from.")
    other_completion = Member(SIDE, "The same of the other one.")
    messages = OptionalMember(MESSAGES, "What both answer, where one is given as a text.")
    tied = OptionalMember(TIED, "That they are equally good, or bad.")
    user_id = OptionalMember(UUID_TEXT, _USER)


class ToModelBody(RequestShape):
    """A body whose other members go to the model's provider as they are."""

    model = Member(ASKED_MODEL, "`project/model`, or `project` for its default model.")


class ChatBody(ToModelBody):
    """A question to a model. Members that are not listed go to its provider as they are."""

    messages = Member(SENT_MESSAGES, "At least one; what is in them is the model's to judge.")
    stream = OptionalMember(FLAG, "Whether the answer comes as server-sent events.")
    stream_options = OptionalMember(STREAM_OPTIONS, "For an answer in events.")
    session_id = OptionalMember(UUID_TEXT, "Joins the turns of one conversation; made without one.")
    user = OptionalMember(SAID_USER, "Whom it is said to be from.")
    labels = OptionalMember(LABELS, "Texts by key.")
    metadata = OptionalMember(ANYTHING, "Becomes labels where it can; kept as it is where not.")
    store = OptionalMember(FLAG, "Whether it is logged; it is unless this is false.")
    example = {"model": "demo/echo", "messages": _HELLO}


class EmbeddingsBody(ToModelBody):
    """Texts to be embedded. Members that are not listed go to the provider as they are."""

    input = Member(EMBEDDED, "A text, or a list of them.")
    encoding_format = OptionalMember(ANYTHING, "As the provider has it: `float` or `base64`.")
    example = {"model": "demo/echo", "input": "Hello"}


class CompletionUpdateBody(RequestShape):
    """The labels of a completion: those that are not in `metadata` go, and null takes all."""

    metadata = OptionalMember(LABELS, "Texts by key, or null.")
    needed_though_null = ("metadata",)
    example = {"metadata": {"env": "test"}}
