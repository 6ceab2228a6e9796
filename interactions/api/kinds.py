"""What the members of bodies and queries may be: each check with its JSON Schema."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.exact_json import dumps
from adaptive_site.lib.openapi.members import Kind, Member, OptionalMember, RequestShape, anything
from interactions.models.content_parts import IMAGE
from interactions.services.recording.drafts import (
    MAX_EXTERNAL_ID,
    MAX_FEEDBACK,
    MAX_LABEL_KEY,
    MAX_LABEL_VALUE,
    MAX_LABELS,
    MAX_ROLE,
    check_labels,
    check_text,
    check_time,
    check_uuid,
)
from projects.models.metric import LARGEST_VALUE

MAX_USER = 512


def _name(value: object, *, field: str) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid("expected a non-empty string", field=field)
    return value


def _flag(value: object, *, field: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid("expected true or false", field=field)
    return value


def _external_id(value: object, *, field: str) -> str:
    if value == "":
        raise Invalid("expected a non-empty string", field=field)
    return check_text(value, field=field, longest=MAX_EXTERNAL_ID)


def _idempotency_key(value: object, *, field: str) -> str:
    return check_text(value, field=field, longest=MAX_EXTERNAL_ID)


def _asked_model(value: object, *, field: str) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid("expected project/model or project", field=field)
    return value


def _stream_options(value: object, *, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid("expected an object", field=field)
    return value


def _labels(value: object, *, field: str) -> dict[str, str]:
    return check_labels(value, field=field)


def _said_user(value: object, *, field: str) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = dumps(value).decode()  # as some number their users
    return check_text(value, field=field, longest=MAX_USER)


def one_of(*words: str) -> Kind[str]:
    """One of these words."""

    def check(value: object, *, field: str) -> str:
        if value not in words:
            raise Invalid(f"expected {', '.join(words[:-1])} or {words[-1]}", field=field)
        return str(value)

    return Kind({"enum": list(words)}, check)


NAME = Kind({"type": "string", "minLength": 1}, _name)
ASKED_MODEL = Kind({"type": "string", "minLength": 1}, _asked_model)
IDEMPOTENCY_KEY = Kind({"type": "string", "maxLength": MAX_EXTERNAL_ID}, _idempotency_key)
TEXT: Kind[str] = Kind({"type": "string"}, check_text)
UUID_TEXT: Kind[UUID] = Kind({"type": "string", "format": "uuid"}, check_uuid)
FLAG = Kind({"type": "boolean"}, _flag)
TIME = Kind({"type": "string", "format": "date-time"}, check_time)
EXTERNAL_ID = Kind({"type": "string", "minLength": 1, "maxLength": MAX_EXTERNAL_ID}, _external_id)
SAID_USER = Kind(
    {"anyOf": [{"type": "string", "maxLength": MAX_USER}, {"type": "number"}]}, _said_user
)
LABELS: Kind[dict[str, str]] = Kind(
    {
        "type": "object",
        "maxProperties": MAX_LABELS,
        "propertyNames": {"minLength": 1, "maxLength": MAX_LABEL_KEY},
        "additionalProperties": {"type": "string", "maxLength": MAX_LABEL_VALUE},
    },
    _labels,
)
# Which of the two, the metric says, with the services that read it.
VALUE: Kind[Any] = Kind(
    {
        "anyOf": [
            {"type": "boolean"},
            {"type": "number", "minimum": -LARGEST_VALUE, "maximum": LARGEST_VALUE},
        ]
    },
    anything,
)
_ROLE = {"type": "string", "minLength": 1, "maxLength": MAX_ROLE}
_ADDRESS = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"url": {"type": "string", "minLength": 1}},
            "required": ["url"],
        },
    ]
}


class _PartSchemas:
    """Content parts, by their type."""

    text = {
        "type": "object",
        "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
        "required": ["type", "text"],
    }
    image = {
        "type": "object",
        "properties": {"type": {"const": IMAGE}, IMAGE: _ADDRESS},
        "required": ["type", IMAGE],
    }
    other = {
        "type": "object",
        "description": "Any other part, such as input_audio or file, is kept as it is.",
        "properties": {
            "type": {"type": "string", "minLength": 1, "not": {"enum": ["text", IMAGE]}}
        },
        "required": ["type"],
        "minProperties": 2,
    }


# The services that make a draft of them check them whole (`check_messages`).
MESSAGES: Kind[Any] = Kind(
    {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["role"],
            "properties": {
                "role": _ROLE,
                "content": {
                    "anyOf": [
                        {"type": ["string", "null"]},
                        {
                            "type": "array",
                            "items": {
                                "anyOf": [_PartSchemas.text, _PartSchemas.image, _PartSchemas.other]
                            },
                        },
                    ]
                },
            },
        },
    },
    anything,
)
SENT_MESSAGES: Kind[Any] = Kind(
    {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["role"],
            "properties": {
                "role": _ROLE,
                "content": {"type": ["string", "array", "object", "null"]},
            },
        },
    },
    anything,
)


class StreamOptions(RequestShape):
    """What an answer in events has beside its text."""

    include_usage = OptionalMember(FLAG, "Whether a last event has the counts of tokens.")


STREAM_OPTIONS = Kind({"type": "object", "allOf": [StreamOptions]}, _stream_options)


class FeedbackItem(RequestShape):
    """A feedback value under a metric."""

    metric = Member(NAME, "Id or key of a metric of the project.")
    value = Member(VALUE, "What was found; true, false, 1 or 0 under a yes/no metric.")
    details = OptionalMember(TEXT, "What there is to say about it.")
    reason = OptionalMember(TEXT, "Why.")
    created_at = OptionalMember(TIME, "From 1970 to a day from now; now without one.")


def _feedbacks(value: object, *, field: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MAX_FEEDBACK:
        raise Invalid(f"expected a list of at most {MAX_FEEDBACK}", field=field)
    for n, one in enumerate(value):
        if not isinstance(one, dict):
            raise Invalid("expected an object with metric and value", field=f"{field}.{n}")
        FeedbackItem.metric.of(one, prefix=f"{field}.{n}.")
    return value


FEEDBACKS = Kind({"type": "array", "maxItems": MAX_FEEDBACK, "items": FeedbackItem}, _feedbacks)
