"""The lines of a piece as records for training, checked as an import checks them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.ids import to_millisecond
from interactions.models import Dataset
from interactions.services.images.store import Lifted
from interactions.services.importing.lines import Directory, ImportedRow, LineReader
from interactions.services.importing.pieces import FilePiece
from interactions.services.recording.drafts import Draft
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Metric, Project, User

_OF_DIGEST = "line:"  # what a line without a name is called: it says nothing of the record


@dataclass(slots=True)
class RecordsRead:
    """The records of some lines with the images in them, the faults by number, and new metrics."""

    records: list[TrainingRecord] = field(default_factory=list)
    images: list[Lifted] = field(default_factory=list)
    faults: list[tuple[int, DomainError]] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)


def read(
    project: Project, piece: FilePiece, *, kind: str, by: User, kinds: Mapping[str, str]
) -> RecordsRead:
    """The records in the good lines of a piece; `kinds` are those of new metrics."""
    directory = Directory(project, lambda: kinds)
    reader = LineReader(directory, by=by, kept=Counter())
    found = RecordsRead()
    begun = to_millisecond(datetime.now(UTC))
    for number, raw in piece.lines:
        try:
            row = reader.read(raw)
        except DomainError as fault:
            found.faults.append((number, fault))
            continue
        # A line that says no time has got that of its reading.
        first = row if isinstance(row, Draft) else row.preferred
        says_when = first.created_at < begun or b'"created_at"' in raw
        found.records.append(record_of(row, kind, says_when=says_when))
        found.images.extend(first.images)
    found.metrics = {key: metric.kind for key, metric in directory.guessed.items()}
    return found


def record_of(row: ImportedRow, kind: str, *, says_when: bool) -> TrainingRecord:
    """What a dataset of this kind keeps of a row."""
    first = row if isinstance(row, Draft) else row.preferred
    shared: dict[str, Any] = {
        "messages": first.messages,
        "labels": first.labels,
        "metadata": _metadata(first),
        "tools": (first.parameters or {}).get("tools") or None,
        "session_id": str(first.session_id) if first.session_id else None,
        "created_at": first.created_at.isoformat() if says_when else None,
    }
    if not isinstance(row, Draft):
        return TrainingRecord(
            answer=_answer(row.preferred),
            other=_answer(row.other),
            metric=row.metric.key,
            tied=row.tied,
            **shared,
        )
    return TrainingRecord(
        answer=None if kind == Dataset.Kind.PROMPT else _answer(row),
        feedback={
            one.metric.key: bool(one.value) if one.metric.kind == Metric.Kind.BOOL else one.value
            for one in row.feedback
        },
        **shared,
    )


def _answer(draft: Draft) -> ModelAnswer:
    parts = draft.completion_parts or None
    return ModelAnswer(draft.completion, parts, draft.llm.key if draft.llm else None)


def _metadata(draft: Draft) -> dict[str, Any]:
    """Its metadata; that of the SDK's lines stands under a name of its own."""
    said = dict(draft.user_metadata or {})
    inner = said.pop("metadata", None)
    if isinstance(inner, dict):
        said |= inner
    elif inner is not None:
        said["metadata"] = inner
    name = draft.external_id
    if name and not name.startswith(_OF_DIGEST):
        said["external_id"] = name
    return said
