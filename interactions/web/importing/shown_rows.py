"""Rows of a preview, as the list would show them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from interactions.services.importing.preview import PreviewRow
from interactions.services.recording.drafts import Draft
from interactions.services.recording.previews import last_user_text, of_answer, preview

LABELS_SHOWN = 6
_JUST_NOW = timedelta(minutes=1)


@dataclass
class ShownRow:
    """A record with the two lines, the labels and the marks that its row would have."""

    row: PreviewRow

    @cached_property
    def draft(self) -> Draft | None:
        """The interaction; of a preference the one that is preferred."""
        return self.row.pair.preferred if self.row.pair else self.row.draft

    @property
    def has_time(self) -> bool:
        """Whether the record says when; else the time of the import is taken."""
        return self.draft is not None and self.draft.created_at < datetime.now(UTC) - _JUST_NOW

    @property
    def prompt(self) -> str:
        """The line of the prompt."""
        return preview(last_user_text(self.draft.messages)) if self.draft else ""

    @property
    def completion(self) -> str:
        """The line of the completion."""
        if self.draft is None:
            return ""
        return of_answer(self.draft.completion, self.draft.completion_parts)

    @property
    def other(self) -> str:
        """The line of a preference's other completion."""
        return of_answer(self.row.pair.other.completion, None) if self.row.pair else ""

    @property
    def labels(self) -> list[tuple[str, str]]:
        """The first labels."""
        return list(self.draft.labels.items())[:LABELS_SHOWN] if self.draft else []

    @property
    def feedback(self) -> list[tuple[str, str]]:
        """The first feedback: key and value."""
        given = self.draft.feedback if self.draft else []
        found = []
        for one in given[:LABELS_SHOWN]:
            is_bool = one.metric.kind == one.metric.Kind.BOOL
            value = ("yes" if one.value else "no") if is_bool else f"{one.value:g}"
            found.append((one.metric.key, value))
        return found

    @property
    def images(self) -> int:
        """How many images it brings."""
        return len(self.draft.images) if self.draft else 0
