"""Events as a file: JSON lines that another program can check, or CSV for a spreadsheet.

A line of JSON holds the canonical form of an event letter for letter (`docs/audit.md`).
"""

import csv
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import NotFound
from interactions.web.auditing.event_filter import AskedEvents
from interactions.web.auditing.words import details_of, words_of
from projects.models import Event, Project, User
from projects.services import audit
from projects.services.auditing import listing, sealing
from projects.services.auditing.listing import EXPORTED_AT_ONCE
from projects.services.auditing.origin import DOORS

EXPORTED = "audit.exported"
MOST_EXPORTED = 10_000_000
_COLUMNS = (
    "id", "time", "project", "person", "e-mail", "acting for", "verb", "what", "subject", "details",
    "door", "address", "API key", "seal",
)  # fmt: skip
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class EventFormat:
    """A kind of file: how its lines are made of some events."""

    title: str
    media_type: str
    head: bytes
    lines: Callable[[Sequence[Event]], bytes]


def file_of(
    project: Project | None, asked: AskedEvents, format: str, *, by: User
) -> StreamingHttpResponse:
    """The events that are asked for, newest first, while they are read. That is audited, too."""
    known = FORMATS.get(format)
    if known is None:
        raise NotFound(f"expected one of {', '.join(FORMATS)}")
    said = asked.query.lstrip("?")
    audit.record(
        project,
        actor=by,
        verb=EXPORTED,
        subject=project.key if project else "server",
        format=format,
        filter=said,
    )
    events = listing.every(project, asked.filter, most=MOST_EXPORTED)
    response = StreamingHttpResponse(_sent(known, _some(events)), content_type=known.media_type)
    name = f"audit-{project.key if project else 'server'}-{timezone.now():%Y%m%d}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _some(events: Iterator[Event]) -> Iterator[list[Event]]:
    held: list[Event] = []
    for event in events:
        held.append(event)
        if len(held) == EXPORTED_AT_ONCE:
            yield held
            held = []
    yield held


async def _sent(format: EventFormat, pieces: Iterator[list[Event]]) -> AsyncIterator[bytes]:
    yield format.head
    while events := await in_database(next, pieces, None):
        yield await in_database(format.lines, events)


def _json_lines(events: Sequence[Event]) -> bytes:
    canonical = sealing.canonical_of([event.pk for event in events])
    return "".join(sealing.line_of(event.seal, canonical[event.pk]) for event in events).encode()


def _csv(events: Sequence[Event]) -> bytes:
    return _written([_row(event) for event in events])


def _row(event: Event) -> Sequence[Any]:
    what = [str(one) for one in event.subjects or ()]
    return (
        event.pk,
        event.created_at.isoformat(),
        event.project_key,
        event.actor_name,
        event.actor_email,
        event.acting_for,
        event.verb,
        words_of(event.verb),
        " ".join(what) or event.subject,
        details_of(event.verb, event.details),
        DOORS.get(event.door, event.door),
        event.address,
        event.key_name,
        event.seal or "",
    )


def _written(rows: Sequence[Sequence[Any]]) -> bytes:
    file = StringIO()
    csv.writer(file).writerows([[_safe(value) for value in row] for row in rows])
    return file.getvalue().encode()


def _safe(value: Any) -> Any:
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula else value


FORMATS = {
    "jsonl": EventFormat("JSON lines", "application/x-ndjson", b"", _json_lines),
    "csv": EventFormat("CSV", "text/csv; charset=utf-8", _written([_COLUMNS]), _csv),
}
