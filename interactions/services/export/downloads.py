"""Files made of selections and datasets, each whole or broken off, as the audit log has them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from interactions.models import Job, Selection
from projects.models import Event, Project, User
from projects.services import audit
from projects.services.auditing.origin import Origin

DOWNLOADS_SHOWN = 5

# How one ended, from this server's side: what arrived, only who downloads it can tell.
SENT, BROKEN_OFF, FAILED, MADE = "sent", "broken off", "failed", "made"


class Exported(NamedTuple):
    """What files are made of, as the audit log names it."""

    project: Project
    verb: str
    subject: str


def selected(selection: Selection) -> Exported:
    """The name of a selection in the audit log."""
    return Exported(selection.project, "selection.exported", str(selection.uuid))


@dataclass(frozen=True, slots=True)
class Download:
    """One file: `lines` were sent of `promised`, and how it `ended`."""

    by: str
    at: datetime
    format: str
    lines: int
    promised: int
    ended: str

    @property
    def is_whole(self) -> bool:
        """Whether all that was promised was sent."""
        return self.ended in (SENT, MADE) and self.lines == self.promised

    @property
    def vanished(self) -> int:
        """How many were deleted between the promise and their turn."""
        return self.promised - self.lines if self.ended == SENT else 0


def note(
    what: Exported,
    *,
    by: User,
    format: str,
    lines: int,
    promised: int,
    ended: str,
    sha256: str = "",
    origin: Origin | None = None,
) -> None:
    """Add one to the audit log, with the hash of the file where it is known."""
    audit.record(
        what.project,
        actor=by,
        verb=what.verb,
        subject=what.subject,
        came_from=origin,
        format=format,
        lines=lines,
        promised=promised,
        ended=ended,
        **({"sha256": sha256} if sha256 else {}),
    )


def note_made(job: Job, *, format: str, lines: int, sha256: str) -> None:
    """Add one that a job has made; its arguments say of what."""
    what = Exported(job.project, job.arguments["verb"], job.arguments["subject"])
    note(
        what,
        by=job.created_by,
        format=format,
        lines=lines,
        promised=lines,
        ended=MADE,
        sha256=sha256,
    )


def latest(what: Exported) -> list[Download]:
    """The latest files of it, newest first."""
    events = (
        Event.objects.in_project(what.project)
        .filter(verb=what.verb, subject=what.subject)
        .order_by("-id")[:DOWNLOADS_SHOWN]
    )
    return [
        Download(
            event.who or "somebody",
            event.created_at,
            event.details["format"],
            event.details["lines"],
            event.details["promised"],
            event.details["ended"],
        )
        for event in events
    ]
