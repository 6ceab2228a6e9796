"""One line of a file, checked: an interaction, or a preference between two completions."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias, cast

from adaptive_site.lib.errors import Invalid, TooLarge
from adaptive_site.lib.ids import to_millisecond
from adaptive_site.lib.json_faults import in_words
from interactions.models import Comparison, Source
from interactions.services.export.record import SERVER_NOTES, notes_in, without_place
from interactions.services.importing.ids import claimed, named_by_digest
from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.recording.drafts import (
    MAX_EXTERNAL_ID,
    MAX_FEEDBACK,
    Draft,
    FeedbackDraft,
    check_text,
    check_time,
    check_uuid,
    check_value,
    draft,
    parse_json,
)
from projects.models import Llm, Metric, Project, User

MAX_KEY = 200
MAX_SAID_BY = 512
MAX_INTEGER = 2**31 - 1

INTERACTION_MEMBERS = {
    "messages", "completion", "model", "labels", "feedbacks", "session_id", "created_at",
    "external_id", "parameters", "usage", "latency_ms", "ttft_ms", "user_metadata",
    "completion_parts", "response", "said_by", *SERVER_NOTES,
}  # fmt: skip
PREFERENCE_MEMBERS = {
    "messages", "preferred", "other", "tied", "feedback_key", "metric", "labels", "session_id",
    "created_at", "external_id", "parameters",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class ImportedPreference:
    """A preference whose two sides have yet to be found among the interactions, or logged."""

    preferred: Draft
    other: Draft
    metric: Metric
    tied: str | None
    created_at: datetime
    external_id: str


ImportedRow: TypeAlias = Draft | ImportedPreference


class Directory:
    """The models and metrics of a project, and those the files add: unsaved until registered.

    `kinds` gives the kind of each feedback key in the files; it is asked once, and only if a
    key is met that the project does not have. A key it does not name is of the kind of its
    first value. `guessed` are the unsaved metrics met since it was last cleared.
    """

    def __init__(self, project: Project, kinds: Callable[[], Mapping[str, str]] = dict) -> None:
        self.guessed: dict[str, Metric] = {}
        self._project = project
        self._read_kinds = kinds
        self._kinds: Mapping[str, str] | None = None
        self._llms = {llm.key: llm for llm in Llm.objects.in_project(project)}
        self._metrics = {one.key: one for one in Metric.objects.in_project(project).linked()}

    def llm(self, key: object, *, field: str) -> Llm | None:
        """The model with this key; None for none."""
        if key is None:
            return None
        known = _key(key, field)
        if known not in self._llms:
            self._llms[known] = Llm(key=known, name=known)
        return self._llms[known]

    def metric(self, key: object, *, field: str, like: object) -> Metric:
        """The metric with this key; a new one takes the kind of its values, such as `like`."""
        known = _key(key, field)
        metric = self._metrics.get(known)
        if metric is None:
            if self._kinds is None:
                self._kinds = self._read_kinds()
            first = Metric.Kind.BOOL if isinstance(like, bool) else Metric.Kind.SCALAR
            self.learn({known: self._kinds.get(known, first)})
            metric = self._metrics[known]
        if metric.pk is None:
            self.guessed[known] = metric
        return metric

    def learn(self, kinds: Mapping[str, str]) -> None:
        """Take these kinds for metrics that are not saved."""
        for key, kind in kinds.items():
            metric = self._metrics.get(key)
            if metric is None or metric.kind != kind:
                self._metrics[key] = Metric(project=self._project, key=key, name=key, kind=kind)


def _key(key: object, field: str) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise Invalid(f"expected a string of 1 to {MAX_KEY} characters", field=field)
    return key


class LineReader:
    """Checks lines, each by itself.

    A line without `external_id`, and without an id of its own to keep, gets one: a digest of
    what it says, whatever the order of its members. `digest` is then a part of it, else None.
    Whoever knows the file's other lines tells equal ones from each other (`Seen`).

    Members that are not ours are kept in `user_metadata`, and counted in `kept`.
    """

    def __init__(self, directory: Directory, *, by: User | None, kept: Counter[str]) -> None:
        self.digest: int | None = None
        self._directory = directory
        self._by = by
        self._kept = kept

    def read(self, raw: bytes) -> ImportedRow:
        """The row a line holds. Raises Invalid or TooLarge naming the member at fault."""
        if len(raw) > MAX_LINE:
            raise TooLarge(f"expected at most {MAX_LINE >> 20} MB in a line", field="line")
        try:
            line, had_nul = parse_json(raw)
        except Invalid as error:
            said = in_words(error.__cause__ or error, raw)
            raise Invalid(said, field=error.field or "line") from error
        if not isinstance(line, dict):
            raise Invalid("expected an object", field="line")
        self.digest = None
        line = without_place(line)
        given = check_text(line.get("external_id"), field="external_id", longest=MAX_EXTERNAL_ID)
        if "preferred" in line or "other" in line:
            return self._pair(line, given or self._name(line), had_nul)
        return self._interaction(line, given, had_nul)

    def _name(self, line: dict[str, Any]) -> str:
        name, self.digest = named_by_digest(line)
        return name

    def _interaction(self, line: dict[str, Any], given: str, had_nul: bool) -> Draft:
        known = self._shared(line)
        claims = claimed(line.get("id"), known["created_at"])
        external_id = given or (None if claims else self._name(line))
        metadata = (_object(line, "user_metadata") or {}) | _marks(had_nul)
        response = _object(line, "response")
        extra = {key: line[key] for key in line.keys() - INTERACTION_MEMBERS}
        if claims:
            extra.pop("id")
        made = draft(
            is_strict=False,  # what an export tells of a chat must come back
            messages=line.get("messages"),
            completion=line.get("completion"),
            completion_parts=_object(line, "completion_parts"),
            labels=line.get("labels"),
            claims=claims,
            external_id=external_id,
            parameters=_object(line, "parameters"),
            usage=_usage(line),
            latency_ms=_integer(line, "latency_ms"),
            ttft_ms=_integer(line, "ttft_ms"),
            system=notes_in(line, response),
            user_metadata=(metadata | extra) or None,
            said_by=check_text(line.get("said_by"), field="said_by", longest=MAX_SAID_BY),
            **known,
        )
        made.feedback = self._feedback(line.get("feedbacks"))
        made.llm = self._directory.llm(line.get("model"), field="model")
        self._kept.update(extra.keys())
        return made

    def _shared(self, line: dict[str, Any]) -> dict[str, Any]:
        """The members both kinds of lines have, beyond the conversation."""
        at = line.get("created_at")
        session = line.get("session_id")
        return {
            "created_at": _now() if at is None else check_time(at, field="created_at"),
            "session_id": None if session is None else check_uuid(session, field="session_id"),
            "created_by": self._by,
            "source": Source.OFFLINE,
        }

    def _feedback(self, given: object) -> list[FeedbackDraft]:
        if given is None:
            return []
        if not isinstance(given, list) or len(given) > MAX_FEEDBACK:
            raise Invalid(f"expected a list of at most {MAX_FEEDBACK}", field="feedbacks")
        return [self._one_feedback(one, f"feedbacks.{n}") for n, one in enumerate(given)]

    def _one_feedback(self, one: object, at: str) -> FeedbackDraft:
        if not isinstance(one, dict):
            raise Invalid("expected an object with feedback_key and value", field=at)
        value = one.get("value")
        if not isinstance(value, bool | int | float | Decimal):
            raise Invalid("expected true, false or a number", field=f"{at}.value")
        key, name = _metric_key(one)
        metric = self._directory.metric(key, field=f"{at}.{name}", like=value)
        created_at = one.get("created_at")
        return FeedbackDraft(
            metric=metric,
            value=check_value(metric, value, field=f"{at}.value"),
            reason=check_text(one.get("reason"), field=f"{at}.reason"),
            details=check_text(one.get("details"), field=f"{at}.details"),
            said_by=check_text(one.get("said_by"), field=f"{at}.said_by", longest=MAX_SAID_BY),
            created_at=(
                None if created_at is None else check_time(created_at, field=f"{at}.created_at")
            ),
        )

    def _pair(self, line: dict[str, Any], external_id: str, had_nul: bool) -> ImportedPreference:
        if unknown := line.keys() - PREFERENCE_MEMBERS:
            raise Invalid("a preference has no such member", field=min(unknown))
        tied = line.get("tied")
        if tied is not None and tied not in Comparison.Tied.values:
            raise Invalid('expected null, "good" or "bad"', field="tied")
        sides = [_side(line, name) for name in ("preferred", "other")]
        if sides[0] == sides[1]:
            raise Invalid("expected another completion than the preferred one", field="other")
        first = draft(
            is_strict=False,
            messages=line.get("messages"),
            completion=sides[0][1],
            labels=line.get("labels"),
            parameters=_object(line, "parameters"),
            user_metadata=_marks(had_nul) or None,
            **self._shared(line),
        )
        second = replace(first, completion=sides[1][1])
        key, name = _metric_key(line)
        pair = ImportedPreference(
            preferred=first,
            other=second,
            metric=self._directory.metric(key, field=name, like=True),
            tied=cast(str | None, tied),
            created_at=first.created_at,
            external_id=external_id,
        )
        first.llm = self._directory.llm(sides[0][0], field="preferred.model")
        second.llm = self._directory.llm(sides[1][0], field="other.model")
        return pair


def _marks(had_nul: bool) -> dict[str, Any]:
    """What the metadata says of a line that could not be stored letter for letter."""
    return {"nul_replaced": True} if had_nul else {}


def _metric_key(given: Mapping[str, Any]) -> tuple[object, str]:
    """The feedback key, and by which of its two names it was given."""
    name = "metric" if "metric" in given and "feedback_key" not in given else "feedback_key"
    return given.get(name), name


def _side(line: dict[str, Any], name: str) -> tuple[str | None, str]:
    side = line.get(name)
    if not isinstance(side, dict) or not isinstance(side.get("text"), str):
        raise Invalid("expected an object with model and text", field=name)
    model = side.get("model")
    return None if model is None else _key(model, f"{name}.model"), side["text"]


def _object(line: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = line.get(name)
    if value is not None and not isinstance(value, dict):
        raise Invalid("expected an object", field=name)
    return value


def _usage(line: dict[str, Any]) -> dict[str, Any] | None:
    usage = _object(line, "usage")
    for name in ("prompt_tokens", "completion_tokens"):
        if usage is not None:
            _integer(usage, name, f"usage.{name}")
    return usage


def _integer(line: dict[str, Any], name: str, field: str = "") -> int | None:
    value = line.get(name)
    if value is None or (type(value) is int and 0 <= value <= MAX_INTEGER):
        return value
    raise Invalid(f"expected a whole number from 0 to {MAX_INTEGER}", field=field or name)


def _now() -> datetime:
    return to_millisecond(datetime.now(UTC))
