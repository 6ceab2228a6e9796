"""What is about to be stored, masked as its project wants it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.module_loading import import_string

from interactions.services.masking import counts, rules
from interactions.services.recording.drafts import (
    MAX_LABEL_KEY,
    MAX_LABEL_VALUE,
    Draft,
    FeedbackDraft,
)
from projects.models import Project

if TYPE_CHECKING:
    from interactions.services.masking.masker import Masker

# Its libraries take 0.2 s to load, and most sites mask nothing.
_MASKER = "interactions.services.masking.masker.Masker"
Replaced: TypeAlias = Counter[tuple[int, str]]


class Masking:
    """Masks one batch by the rules of its projects; `save` counts what was replaced."""

    def __init__(self) -> None:
        self._maskers: dict[int, Masker | None] = {}

    def of(self, project: Project) -> "Masker | None":
        """The masker of a project; None of one that masks nothing."""
        if project.id not in self._maskers:
            known = rules.of_project(project)
            self._maskers[project.id] = import_string(_MASKER)(known) if known.is_on else None
        return self._maskers[project.id]

    def draft(self, project: Project, draft: Draft) -> Draft:
        """A draft with all that people or models wrote in it masked; images stay as they are."""
        masker = self.of(project)
        if masker is None:
            return draft
        parts = draft.completion_parts
        return replace(
            draft,
            messages=masker.value(draft.messages),
            completion=masker.text(draft.completion),
            completion_parts=None if parts is None else masker.value(parts),
            parameters=None if draft.parameters is None else masker.value(draft.parameters),
            user_metadata=masker.value(draft.user_metadata),
            said_by=masker.text(draft.said_by),
            labels=self.labels(project, draft.labels),
            feedback=[self.feedback(project, one) for one in draft.feedback],
        )

    def labels(self, project: Project, labels: Any) -> dict[str, str]:
        """Labels with keys and values masked; no longer than labels may be."""
        masker = self.of(project)
        if masker is None:
            return dict(labels)
        return {
            masker.text(key)[:MAX_LABEL_KEY]: masker.text(value)[:MAX_LABEL_VALUE]
            for key, value in labels.items()
        }

    def feedback(self, project: Project, given: FeedbackDraft) -> FeedbackDraft:
        """Feedback with its reason and details masked."""
        masker = self.of(project)
        if masker is None:
            return given
        reason, details, said_by = map(masker.text, (given.reason, given.details, given.said_by))
        return replace(given, reason=reason, details=details, said_by=said_by)

    def text(self, project: Project, text: str) -> str:
        """A text masked."""
        masker = self.of(project)
        return text if masker is None else masker.text(text)

    @property
    def replaced(self) -> Replaced:
        """What was replaced so far, by project id and kind."""
        found: Replaced = Counter()
        for id, masker in self._maskers.items():
            for kind, number in (masker.replaced if masker else {}).items():
                found[id, kind] += number
        return found

    def save(self) -> None:
        """Count what was replaced, in the transaction that stores it."""
        counts.add(self.replaced)


def mask_drafts(
    entries: Sequence[tuple[Project, Draft]],
) -> tuple[list[tuple[Project, Draft]], Masking]:
    """A batch masked, and what counts it."""
    masking = Masking()
    if not any(project.masking for project, _ in entries):
        return list(entries), masking
    return [(project, masking.draft(project, draft)) for project, draft in entries], masking
