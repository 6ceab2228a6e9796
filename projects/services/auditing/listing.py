"""Reading the audit log of a project, or of the whole server: filtered, newest first, by pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from adaptive_site.lib.database.time_limits import time_limit
from projects.models import Event, Project, User
from projects.services.auditing.reads import READ_VERB

LIST_LIMIT_MS = 3_000
EXPORTED_AT_ONCE = 1_000
MOST_SEEN_BY = 20  # people


class EventPlace(NamedTuple):
    """After which event a page begins."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def read(cls, text: str) -> Self:
        """A place as it was written. Raises ValueError."""
        at, _, id = text.partition("_")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not id.isascii() or not id.isdigit() or len(id) > 18:
            raise ValueError(f"expected a time and a number, not {text!r}")
        return cls(moment, int(id))


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; what is empty does not narrow. `person` is an e-mail address."""

    person: str = ""
    noun: str = ""
    door: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def page(
    project: Project | None, wanted: EventFilter, *, limit: int, after: EventPlace | None = None
) -> list[Event]:
    """The newest events that match, of a project or of the whole server with None.

    Raises TookTooLong.
    """
    with time_limit(LIST_LIMIT_MS):
        return list(_matching(project, wanted, after)[:limit])


def every(project: Project | None, wanted: EventFilter, *, most: int) -> Iterator[Event]:
    """All that match, newest first, up to `most`, read some at a time."""
    after: EventPlace | None = None
    while most > 0:
        some = list(_matching(project, wanted, after)[: min(EXPORTED_AT_ONCE, most)])
        if not some:
            return
        yield from some
        most -= len(some)
        after = EventPlace(some[-1].created_at, some[-1].pk)


def _matching(
    project: Project | None, wanted: EventFilter, after: EventPlace | None
) -> QuerySet[Event]:
    found = Event.objects.all() if project is None else Event.objects.in_project(project)
    if wanted.person:
        found = found.filter(_of_person(wanted.person))
    if wanted.noun:
        found = found.filter(noun=wanted.noun)
    if wanted.door:
        found = found.filter(door=wanted.door)
    if wanted.subject:
        found = found.filter(_about(wanted.subject))
    if wanted.since is not None:
        found = found.filter(created_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(created_at__lt=wanted.until)
    if after is not None:
        later = Q(created_at=after.at, id__lt=after.id) | Q(created_at__lt=after.at)
        found = found.filter(later, created_at__lte=after.at)
    return found.order_by("-created_at", "-id")


# The ids of all who stand in the log, each found by one look into the index.
_ACTORS = """
    WITH RECURSIVE found AS (
        (SELECT actor_id FROM projects_event WHERE actor_id IS NOT NULL ORDER BY actor_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.actor_id FROM projects_event e WHERE e.actor_id > f.actor_id
            ORDER BY e.actor_id LIMIT 1)
        FROM found f WHERE f.actor_id IS NOT NULL
    )
    SELECT actor_id FROM found WHERE actor_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM projects_user u WHERE u.id = actor_id)
"""


def _of_person(email: str) -> Q:
    """By the id, which an index has; who was deleted is one of those whose id leads nowhere."""
    user = User.objects.at(email).first()
    if user is not None:
        return Q(actor=user)
    with connection.cursor() as cursor:
        cursor.execute(_ACTORS)
        gone = [id for (id,) in cursor.fetchall()]
    return (Q(actor__in=gone) | Q(actor=None)) & Q(actor_email__iexact=email)


def _about(subject: str) -> Q:
    try:
        return Q(subject=subject) | Q(subjects__contains=[UUID(subject)], subjects__isnull=False)
    except ValueError:
        return Q(subject=subject)


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Who has read an interaction, how often, and when last."""

    name: str
    email: str
    times: int
    last: datetime


def seen_by(project: Project, id: UUID) -> list[SeenBy]:
    """Who has read an interaction, the latest first; at most MOST_SEEN_BY of them.

    Raises TookTooLong.
    """
    with time_limit(LIST_LIMIT_MS):
        readers = (
            Event.objects.in_project(project)
            .filter(_about(str(id)), verb=READ_VERB)
            .order_by()
            .values("actor_id", "actor_email")
            .annotate(times=Count("id"), last=Max("created_at"), name=Max("actor_name"))
            .order_by("-last")[:MOST_SEEN_BY]
        )
        return [
            SeenBy(one["name"] or one["actor_email"], one["actor_email"], one["times"], one["last"])
            for one in readers
        ]
