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

READ_VERB, AHEAD_VERB = "interaction.read", "ahead.fetched"
IMAGE_READ_VERB, RECORD_READ_VERB = "image.read", "dataset.record_read"


class RequestReads:
    """The interactions read for one request, by project, each once."""

    __slots__ = ("_found", "_records")

    def __init__(self) -> None:
        self._found: dict[Project, dict[UUID, None]] = {}
        self._records: list[tuple[Project, str, UUID]] = []

    def add(self, project: Project, ids: Iterable[UUID]) -> None:
        """Note some more."""
        self._found.setdefault(project, {}).update(dict.fromkeys(ids))

    def add_record(self, project: Project, dataset: str, record: UUID) -> None:
        """Note a record of a dataset that was made of no interaction."""
        self._records.append((project, dataset, record))

    def tell(self, *, actor: User | None, page: str, is_ahead: bool) -> None:
        """Have it written: one event for each project, whatever the number of interactions."""
        for project, ids in self._found.items():
            if ids:
                read(project, list(ids), actor=actor, page=page, is_ahead=is_ahead)
        for project, dataset, record in self._records:
            audit.note(
                project,
                actor=actor,
                verb=RECORD_READ_VERB,
                subject=dataset,
                page=page,
                record=str(record),
            )


_reads: ContextVar[RequestReads | None] = ContextVar("audited_reads", default=None)


@contextmanager
def collected() -> Iterator[RequestReads]:
    """Collect what is read inside, for the request that is being answered."""
    reads = RequestReads()
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


def saw_record(
    project: Project, item: tuple[str, UUID] | None, interactions: Iterable[UUID | None]
) -> None:
    """Note that somebody is shown a record, which says what the interactions say it is made of.

    One that is made of none is named by the key of its dataset, and its id there.
    """
    requested = _reads.get()
    if requested is None:
        return
    if ids := [id for id in interactions if id is not None]:
        requested.add(project, ids)
    elif item is not None:
        requested.add_record(project, *item)


def read(
    project: Project, ids: list[UUID], *, actor: User | None, page: str, is_ahead: bool = False
) -> None:
    """Have it written that `actor` has read these interactions on a page.

    What was fetched ahead is in the browser, and may not have been looked at.
    """
    verb = AHEAD_VERB if is_ahead else READ_VERB
    subject = str(ids[0]) if len(ids) == 1 else ""
    several = ids if len(ids) > 1 else ()
    audit.note(project, actor=actor, verb=verb, subject=subject, subjects=several, page=page)
