"""The lines of an uploaded dataset: JSON objects of one of the four kinds, each checked whole.

Members are those of the SDK's documents: `messages`; `completion`; `feedbacks`, which newer
documents call `scores`; `preferred_completion`, `other_completion` and `feedback_key`. Any line may
have `labels` and `metadata`. Members that nobody here knows are kept in the metadata.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, BinaryIO

from adaptive_site.lib.errors import DomainError, Invalid, TooLarge
from adaptive_site.lib.json_faults import in_words
from interactions.models import Dataset
from interactions.models.content_parts import IMAGE, image_address, parts_of
from interactions.services.images.store import Lifted, lift_images
from interactions.services.recording.drafts import (
    MAX_FEEDBACK,
    check_labels,
    check_messages,
    check_text,
    check_time,
    check_uuid,
    check_value,
    parse_json,
)
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Metric, Project

MAX_LINE = 64 * 1024 * 1024
MAX_KEY = 200
MAX_NEW_METRICS = 200  # that one file may make
Kind = Dataset.Kind
_BOM = b"\xef\xbb\xbf"
_KNOWN = {
    "messages", "completion", "feedbacks", "scores", "preferred_completion", "other_completion",
    "feedback_key", "labels", "metadata", "model", "tools", "session_id", "created_at", "tied",
}  # fmt: skip
_IN_WORDS = {
    Kind.PROMPT: "messages alone",
    Kind.COMPLETION: "messages and completion",
    Kind.FEEDBACK: "messages, completion and feedbacks",
    Kind.PREFERENCE: "messages, preferred_completion, other_completion and feedback_key",
}


@dataclass(frozen=True, slots=True)
class UploadedRecord:
    """What a line holds, with the images that were in it."""

    record: TrainingRecord
    images: list[Lifted]


@dataclass(slots=True)
class UploadedMetrics:
    """The metrics a file may name: those of its project, and new ones by their first value.

    `kinds` are those of the new ones.
    """

    project: Project
    kinds: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Metric] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mine = Metric.objects.in_project(self.project).linked()
        self._known = {one.key: one for one in mine}
        for key, kind in self.kinds.items():
            self._known.setdefault(key, Metric(project=self.project, key=key, kind=kind))

    def named(self, key: object, *, like: object, field: str) -> Metric:
        """The metric with this key, of the kind of its first value if it is new."""
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
            raise Invalid(f"expected a key of 1 to {MAX_KEY} characters", field=field)
        if key not in self._known:
            if len(self.kinds) >= MAX_NEW_METRICS:
                raise Invalid(f"expected at most {MAX_NEW_METRICS} new metrics", field=field)
            kind = Metric.Kind.BOOL if isinstance(like, bool) else Metric.Kind.SCALAR
            self.kinds[key] = kind
            self._known[key] = Metric(project=self.project, key=key, kind=kind)
        return self._known[key]


def lines_of(file: BinaryIO, *, number: int = 0) -> Iterator[tuple[int, int, bytes]]:
    r"""Number, end (in bytes) and text of each line that is not blank, after line `number`.

    Lines end at \n alone: strings may hold U+2028 and the like. Raises TooLarge.
    """
    while raw := file.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            said = f"expected at most {MAX_LINE >> 20} MB in a line"
            raise TooLarge(said, field=f"line {number}")
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if not raw.isspace():
            yield number, file.tell(), raw


class UploadedReader:
    """Reads the lines of one file, all of which are of the kind of the first."""

    def __init__(self, metrics: UploadedMetrics, kind: str = "") -> None:
        self.kind = kind
        self.metrics = metrics

    def read(self, number: int, raw: bytes) -> UploadedRecord:
        """The record of a line. Raises Invalid or TooLarge, naming the line and the member."""
        try:
            return self._read(raw)
        except DomainError as error:
            raise type(error)(str(error), field=f"line {number}") from error

    def _read(self, raw: bytes) -> UploadedRecord:
        line = _object(raw)
        kind = kind_of(line)
        if self.kind and kind != self.kind:
            before = _IN_WORDS[Kind(self.kind)]
            raise Invalid(f"expected {before}, as in the lines before, got {_IN_WORDS[kind]}")
        answer, other = _answers(line, kind)
        messages, images = _messages(line.get("messages"))
        record = TrainingRecord(
            messages=messages,
            answer=answer,
            other=other,
            metric=self._metric_of_pair(line) if kind == Kind.PREFERENCE else None,
            tied=_tied(line),
            feedback=self._feedback(line) if kind == Kind.FEEDBACK else {},
            labels=check_labels(_as_object(line.get("labels"))),
            metadata=_metadata(line),
            tools=_tools(line),
            session_id=_checked(check_uuid, line, "session_id"),
            created_at=_checked(check_time, line, "created_at"),
        )
        self.kind = kind
        return UploadedRecord(record, images)

    def _feedback(self, line: dict[str, Any]) -> dict[str, bool | float]:
        name = "scores" if line.get("feedbacks") is None else "feedbacks"
        given = line[name]
        if not isinstance(given, dict) or len(given) > MAX_FEEDBACK:
            raise Invalid(f"expected an object of at most {MAX_FEEDBACK} values", field=name)
        return {key: self._value(key, value, f"{name}.{key}") for key, value in given.items()}

    def _value(self, key: str, value: object, at: str) -> bool | float:
        if not isinstance(value, bool | int | float | Decimal):
            raise Invalid("expected true, false or a number", field=at)
        metric = self.metrics.named(key, like=value, field=at)
        stored = check_value(metric, value, field=at)
        return bool(stored) if metric.kind == Metric.Kind.BOOL else stored

    def _metric_of_pair(self, line: dict[str, Any]) -> str:
        given = line.get("feedback_key")
        return self.metrics.named(given, like=True, field="feedback_key").key


def kind_of(line: dict[str, Any]) -> Dataset.Kind:
    """The kind of a line, by the members it has."""
    if any(name in line for name in ("preferred_completion", "other_completion")):
        return Kind.PREFERENCE
    has_feedback = any(line.get(name) is not None for name in ("feedbacks", "scores"))
    if line.get("completion") is None:
        if has_feedback:
            raise Invalid("expected a string, which the feedback is about", field="completion")
        return Kind.PROMPT
    return Kind.FEEDBACK if has_feedback else Kind.COMPLETION


def _object(raw: bytes) -> dict[str, Any]:
    try:
        line, _ = parse_json(raw)
    except Invalid as error:
        said = in_words(error.__cause__ or error, raw)
        raise Invalid(f"not valid JSON: {said}") from error
    if not isinstance(line, dict):
        raise Invalid("expected a JSON object")
    return line


def _messages(given: object) -> tuple[list[dict[str, Any]], list[Lifted]]:
    """The messages, with images in the one shape that we store, and none from elsewhere."""
    if isinstance(given, list):
        given = [_with_our_parts(one) for one in given]
    checked = check_messages(given)
    for m, message in enumerate(checked):
        for p, part in enumerate(parts_of(message)):
            address = image_address(part)
            if address is not None and address[:5].lower() != "data:":
                raise Invalid(
                    "expected the image itself as a data: URI; addresses are not followed",
                    field=f"messages.{m}.content.{p}",
                )
    return lift_images(checked)


def _with_our_parts(message: object) -> object:
    """A message whose `{"type": "image", "url": …}` became `image_url`, as chats have it."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(content, list):
        return message
    return {**message, "content": [_our_part(part) for part in content]}


def _our_part(part: object) -> object:
    if isinstance(part, dict) and part.get("type") == "image" and "url" in part:
        more = {name: value for name, value in part.items() if name not in ("type", "url")}
        return {**more, "type": IMAGE, IMAGE: {"url": part["url"]}}
    return part


def _answers(
    line: dict[str, Any], kind: Dataset.Kind
) -> tuple[ModelAnswer | None, ModelAnswer | None]:
    model = check_text(line.get("model"), field="model", longest=MAX_KEY) or None
    if kind == Kind.PROMPT:
        return None, None
    if kind != Kind.PREFERENCE:
        return _answer(line, "completion", model), None
    both = [_answer(line, f"{name}_completion", model) for name in ("preferred", "other")]
    return both[0], both[1]


def _answer(line: dict[str, Any], name: str, model: str | None) -> ModelAnswer:
    text = line.get(name)
    if not isinstance(text, str):
        raise Invalid("expected a string", field=name)
    return ModelAnswer(text, model=model)


def _tied(line: dict[str, Any]) -> str | None:
    tied = line.get("tied")
    if tied not in (None, "good", "bad"):
        raise Invalid('expected null, "good" or "bad"', field="tied")
    return None if tied is None else str(tied)


def _as_object(labels: object) -> object:
    """Labels as an object, also where they are a list of keys and values."""
    if not isinstance(labels, list):
        return labels
    made: dict[str, object] = {}
    for n, one in enumerate(labels):
        if not isinstance(one, dict) or not isinstance(one.get("key"), str):
            raise Invalid("expected an object with key and value", field=f"labels.{n}")
        if one["key"] in made:
            raise Invalid(f"expected each key once; {one['key']} comes again", field=f"labels.{n}")
        made[one["key"]] = one.get("value")
    return made


def _metadata(line: dict[str, Any]) -> dict[str, Any]:
    given = line.get("metadata")
    if given is not None and not isinstance(given, dict):
        raise Invalid("expected an object", field="metadata")
    return {name: line[name] for name in line if name not in _KNOWN} | (given or {})


def _tools(line: dict[str, Any]) -> list[Any] | None:
    tools = line.get("tools")
    if tools is not None and not isinstance(tools, list):
        raise Invalid("expected a list", field="tools")
    return tools or None


def _checked(check: Any, line: dict[str, Any], name: str) -> str | None:
    """A member as it came, once it is seen to be what it should."""
    if line.get(name) is None:
        return None
    check(line[name], field=name)
    return str(line[name])
