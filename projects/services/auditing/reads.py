"""Which interactions a request reads the bodies of, noted where they are read, whoever asks.

So no door can forget it: `rows.bodies` and `rows.whole` say what they read, and one event for the
whole request says it in the audit log.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from projects.models import Project, User
from projects.services import audit

READ, FETCHED_AHEAD = "interaction.read", "interaction.prefetched"
IMAGE_READ = "image.read"


class Reads:
    """The interactions read for one request, by project, each once."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Project, dict[UUID, None]] = {}

    def add(self, project: Project, ids: Iterable[UUID]) -> None:
        """Note some more."""
        self._found.setdefault(project, {}).update(dict.fromkeys(ids))

    def tell(self, *, actor: User | None, page: str, is_ahead: bool) -> None:
        """Have it written: one event for each project, whatever the number of interactions."""
        for project, ids in self._found.items():
            if ids:
                read(project, list(ids), actor=actor, page=page, is_ahead=is_ahead)


_reads: ContextVar[Reads | None] = ContextVar("audited_reads", default=None)


@contextmanager
def collected() -> Iterator[Reads]:
    """Collect what is read inside, for the request that is being answered."""
    reads = Reads()
    token = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(token)


def saw(project: Project, ids: Iterable[UUID]) -> None:
    """Note that somebody is shown what these interactions say; outside of requests nobody is."""
    reads = _reads.get()
    if reads is not None:
        reads.add(project, ids)


def read(
    project: Project, ids: list[UUID], *, actor: User | None, page: str, is_ahead: bool = False
) -> None:
    """Have it written that `actor` has read these interactions on a page.

    What was fetched ahead is in the browser, and may not have been looked at.
    """
    verb = FETCHED_AHEAD if is_ahead else READ
    subject = str(ids[0]) if len(ids) == 1 else ""
    several = ids if len(ids) > 1 else ()
    audit.note(project, actor=actor, verb=verb, subject=subject, subjects=several, page=page)
