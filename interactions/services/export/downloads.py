"""The downloads of a selection, each whole or broken off, as the audit log has them."""

from dataclasses import dataclass
from datetime import datetime

from interactions.models import Selection
from projects.models import Event, User
from projects.services import audit

EXPORT_VERB = "selection.exported"
DOWNLOADS_SHOWN = 5

# How one ended, from this server's side: what arrived, only who downloads it can tell.
SENT, BROKEN_OFF, FAILED = "sent", "broken off", "failed"


@dataclass(frozen=True, slots=True)
class Download:
    """One file: `lines` were sent of `promised`, and how it `ended`."""

    by: str
    at: datetime
    lines: int
    promised: int
    ended: str

    @property
    def is_whole(self) -> bool:
        """Whether all that was promised was sent."""
        return self.ended == SENT and self.lines == self.promised

    @property
    def vanished(self) -> int:
        """How many were deleted between the promise and their turn."""
        return self.promised - self.lines if self.ended == SENT else 0


def note(
    selection: Selection, *, by: User, format: str, lines: int, promised: int, ended: str
) -> None:
    """Add one to the audit log."""
    audit.record(
        selection.project,
        actor=by,
        verb=EXPORT_VERB,
        subject=str(selection.uuid),
        format=format,
        lines=lines,
        promised=promised,
        ended=ended,
    )


def of_selection(selection: Selection) -> list[Download]:
    """The latest of a selection, newest first."""
    events = (
        Event.objects.in_project(selection.project)
        .filter(verb=EXPORT_VERB, subject=str(selection.uuid))
        .select_related("actor")
        .order_by("-id")[:DOWNLOADS_SHOWN]
    )
    return [
        Download(
            str(event.actor or "somebody"),
            event.created_at,
            event.details["lines"],
            event.details["promised"],
            event.details["ended"],
        )
        for event in events
    ]
