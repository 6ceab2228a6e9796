"""What callers send, checked and made uniform, before anything is stored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any
from uuid import UUID

from adaptive_site.lib import exact_json
from adaptive_site.lib.concurrency.database_threads import in_thread
from adaptive_site.lib.database.nul import without_nul_inside
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.ids import EPOCH, to_millisecond
from interactions.models import Source
from interactions.models.content_parts import IMAGE, image_address
from interactions.services.images.store import Lifted, lift_images
from projects.models import Llm, Metric, User

MAX_LABELS = 64
MAX_LABEL_KEY = 128
MAX_LABEL_VALUE = 512
MAX_EXTERNAL_ID = 256
MAX_ROLE = 64
MAX_FEEDBACK = 1000  # that comes with one interaction
MAX_AHEAD = timedelta(days=1)  # of a caller's clock
LONG_TEXTS = 256 * 1024  # characters of a conversation; checking more takes milliseconds
MAX_JSON_DEPTH = 100  # of JSON; orjson writes up to 254 levels, PostgreSQL more


@dataclass(slots=True, kw_only=True)
class FeedbackDraft:
    """Feedback to be stored, with an interaction or on one; `value` is the stored number."""

    metric: Metric
    value: float
    reason: str = ""
    details: str = ""
    created_at: datetime | None = None
    said_by: str = ""


@dataclass(slots=True, kw_only=True)
class Draft:
    """An interaction that `draft` has checked and that is ready to be written.

    `id` is for callers who must name the interaction before it is stored; its clock must be
    `created_at`. `claims` is the id that an imported line brings, which may be taken. `said_by` is
    whom it is said to be from, when that is not `created_by`. `completion_parts` is what the
    assistant's message holds beside its text, such as `{"tool_calls": […]}`.
    """

    id: UUID | None = None
    claims: UUID | None = None
    messages: list[dict[str, Any]]
    completion: str
    completion_parts: dict[str, Any] | None = None
    images: list[Lifted] = field(default_factory=list)
    llm: Llm | None = None
    session_id: UUID | None = None
    created_at: datetime
    created_by: User | None = None
    said_by: str = ""
    source: str = Source.OFFLINE
    labels: Mapping[str, str] = field(default_factory=dict)
    feedback: list[FeedbackDraft] = field(default_factory=list)
    external_id: str | None = None
    parameters: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    system: dict[str, Any] | None = None
    user_metadata: dict[str, Any] | None = None
    latency_ms: int | None = None
    ttft_ms: int | None = None


def draft(
    *,
    messages: object,
    completion: object,
    labels: object = None,
    is_strict: bool = True,
    **known: Any,
) -> Draft:
    """Check a conversation and make a Draft of it; `known` are Draft's other members.

    Data URIs are lifted out of the messages. Raises Invalid or TooLarge naming the member; unless
    `is_strict`, whatever a model may have understood is kept as it came.
    """
    checked = check_messages(messages, is_strict=is_strict)
    if not isinstance(completion, str):
        raise Invalid("expected a string", field="completion")
    images: list[Lifted] = []
    if any(map(_has_parts, checked)):
        checked, images = lift_images(checked, is_strict=is_strict)
    if "created_at" not in known:
        known["created_at"] = to_millisecond(datetime.now(UTC))
    return Draft(
        messages=checked,
        completion=completion,
        labels=check_labels(labels),
        images=images,
        **known,
    )


async def draft_soon(*, messages: object, **known: Any) -> Draft:
    """What `draft` makes; made in a thread if images may have to be decoded or texts are long."""
    if isinstance(messages, list) and _takes_long(messages):
        return await in_thread(draft, messages=messages, **known)
    return draft(messages=messages, **known)


def _has_parts(message: dict[str, Any]) -> bool:
    return isinstance(message.get("content"), list)


def _takes_long(messages: list[object]) -> bool:
    """Whether images may have to be decoded, or long texts to be gone through."""
    length = 0
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            return True
        if isinstance(content, str):
            length += len(content)
    return length > LONG_TEXTS


def parse_json(raw: bytes, *, is_lenient: bool = False) -> tuple[Any, bool]:
    """The JSON value of `raw`, and whether NULs in it had to be replaced by U+FFFD.

    PostgreSQL stores no NUL in text. NaN, infinities and broken UTF-8 are not JSON: Invalid; so
    is what is nested deeper than `MAX_DEPTH`, and what could not be kept as it is: half a
    surrogate pair, a name that stands twice in one object, a number of a thousand digits. Where
    `is_lenient`, such halves are replaced as NULs are and the last of such names counts.
    """
    is_replaced = False
    try:
        value = exact_json.loads(raw, is_lenient=is_lenient)
    except exact_json.HalfPair as error:
        if not is_lenient:
            raise Invalid(str(error), field=error.field) from error
        value, is_replaced = error.value, True
    except exact_json.Unfit as error:
        raise Invalid(str(error), field=error.field) from error
    except ValueError as error:
        raise Invalid(f"the body is not valid JSON: {error}") from error
    # Counting is quick and rules nearly everything out before anything is walked.
    if _opens_often(raw) and not _is_shallow(value, MAX_JSON_DEPTH):
        raise Invalid(f"expected JSON nested at most {MAX_JSON_DEPTH} deep")
    if b"\\" not in raw or b"\\u0000" not in raw:  # one byte is looked for ten times as fast
        return value, is_replaced
    cleaned = without_nul_inside(value)
    return cleaned, is_replaced or cleaned != value


def _opens_often(raw: bytes) -> bool:
    """Whether more brackets open than levels are allowed."""
    n = 0
    for bracket in (b"{", b"["):  # of 2.5 KB: 0.8 µs; `count` takes 3.3
        at = raw.find(bracket)
        while at >= 0 and n <= MAX_JSON_DEPTH:
            n += 1
            at = raw.find(bracket, at + 1)
    return n > MAX_JSON_DEPTH


def _is_shallow(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in value)
    return True


def check_messages(
    messages: object, *, field: str = "messages", is_strict: bool = True
) -> list[dict[str, Any]]:
    """The messages, when they are a non-empty list of OpenAI's chat messages; else Invalid.

    Members and parts we do not know stay: the page shows what the model saw. `is_strict` is for
    what people log by hand; what is on its way to a model is the model's to judge.
    """
    if not isinstance(messages, list) or not messages:
        raise Invalid("expected a list of at least one message", field=field)
    for m, message in enumerate(messages):
        at = f"{field}.{m}"
        if not isinstance(message, dict):
            raise Invalid("expected an object with role and content", field=at)
        role = message.get("role")
        if not isinstance(role, str) or not 0 < len(role) <= MAX_ROLE:
            raise Invalid(f"expected a string of 1 to {MAX_ROLE} characters", field=f"{at}.role")
        content = message.get("content")
        is_known = isinstance(content, str | list) or (content is None and _says_more(message))
        if not is_known and (is_strict or not isinstance(content, dict | NoneType)):
            raise Invalid("expected a string or a list of content parts", field=f"{at}.content")
        if is_strict and isinstance(content, list):
            for p, part in enumerate(content):
                _check_part(part, f"{at}.content.{p}")
    return messages


def _says_more(message: dict[str, Any]) -> bool:
    """Whether a message without content says something, such as `tool_calls` or a `refusal`."""
    return any(value for name, value in message.items() if name not in ("role", "name"))


def _check_part(part: object, at: str) -> None:
    """Parts of types that are not ours (`input_audio`, `file`, …) hold anything at all."""
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(kind, str) or not kind:
        raise Invalid("expected a part with a type, such as text or image_url", field=at)
    if kind not in ("text", IMAGE) and len(part) < 2:
        raise Invalid(f"expected more than the type {kind[:40]}", field=at)
    if kind == "text" and not isinstance(part.get("text"), str):
        raise Invalid("expected a string", field=f"{at}.text")
    if kind == IMAGE and not image_address(part):
        raise Invalid('expected an address or {"url": address}', field=f"{at}.image_url")


def check_labels(labels: object, *, field: str = "labels") -> dict[str, str]:
    """The labels, when they map strings to strings of a length we index; else Invalid."""
    if labels is None:
        return {}
    if not isinstance(labels, dict):
        raise Invalid("expected an object of strings", field=field)
    if len(labels) > MAX_LABELS:
        raise Invalid(f"expected at most {MAX_LABELS} labels", field=field)
    for key, value in labels.items():
        if not 0 < len(key) <= MAX_LABEL_KEY:
            raise Invalid(f"expected keys of 1 to {MAX_LABEL_KEY} characters", field=field)
        if not isinstance(value, str):
            raise Invalid(f"expected a string, got {_json_type(value)}", field=f"{field}.{key}")
        if len(value) > MAX_LABEL_VALUE:
            raise Invalid(f"expected at most {MAX_LABEL_VALUE} characters", field=f"{field}.{key}")
    return labels


def _json_type(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return "null" if value is None else names.get(type(value), "an object")


def check_text(value: object, *, field: str, longest: int | None = None) -> str:
    """`value` when it is a string; "" for null; else Invalid."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"expected a string, got {_json_type(value)}", field=field)
    if longest is not None and len(value) > longest:
        raise Invalid(f"expected at most {longest} characters", field=field)
    return value


_TIME = re.compile(r"\d{4}-?\d\d-?\d\d")


def check_time(value: object, *, field: str) -> datetime:
    """When something was made: ISO-8601 to the millisecond, UTC without a zone; else Invalid.

    What is dated further ahead than a wrong clock explains would stand first for ever.
    """
    if isinstance(value, str) and _TIME.match(value):
        try:
            at = datetime.fromisoformat(value)
            at = to_millisecond(at if at.tzinfo else at.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            at = None
        if at is not None and at > datetime.now(UTC) + MAX_AHEAD:
            raise Invalid("expected a time at most a day from now", field=field)
        if at is not None and at >= EPOCH:
            return at
    raise Invalid(
        "expected an ISO-8601 time since 1970, such as 2024-02-21T09:51:03Z",
        field=field,
    )


def check_uuid(value: object, *, field: str) -> UUID:
    """A UUID from its text; else Invalid."""
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            pass
    raise Invalid("expected a UUID", field=field)


def check_value(metric: Metric, value: object, *, field: str) -> float:
    """`value` as `metric` stores it; else Invalid."""
    try:
        return metric.value_of(value)
    except ValueError as error:
        raise Invalid(str(error), field=field) from error
