"""Records of an uploaded dataset, masked as its project wants it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from interactions.services.recording.masking import Masking
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project

if TYPE_CHECKING:
    from interactions.services.masking.masker import Masker


def masked(masking: Masking, project: Project, record: TrainingRecord) -> TrainingRecord:
    """The record without what the project's rules find in it; images stay as they are."""
    masker = masking.of(project)
    if masker is None:
        return record
    return replace(
        record,
        messages=masker.value(record.messages),
        answer=_answer(masker, record.answer),
        other=_answer(masker, record.other),
        labels=masking.labels(project, record.labels),
        metadata=masker.value(record.metadata),
        tools=masker.value(record.tools),
    )


def _answer(masker: "Masker", answer: ModelAnswer | None) -> ModelAnswer | None:
    if answer is None:
        return None
    return replace(answer, text=masker.text(answer.text), parts=masker.value(answer.parts))
