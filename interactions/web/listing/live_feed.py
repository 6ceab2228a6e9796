"""The live feed: rows as they come in, read once a second for all live lists of this process."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone

from adaptive_site.lib.concurrency.batching import Busy
from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import DomainError, Invalid
from adaptive_site.lib.time_zones import UTC_NAME, zone_named
from interactions.services.browsing import list_rows, new_rows
from interactions.web.listing.columns import ListColumn
from interactions.web.listing.page import Listing
from interactions.web.listing.row_shape import fit, shape_to_join
from projects.models import Project
from projects.services.access import Caller

CHECK_SECONDS = 1.0  # between two reads of what came in
START_SECONDS = 0.05
FAILURE_SECONDS = 5.0  # of rest after a read that failed
LOOK_BACK = timedelta(seconds=10)  # ids are of the moment of asking: a slow batch commits them late
MOST_STREAMS = 64  # of all web processes
MOST_STREAMS_PER_PERSON = 12  # of them; more than a browser keeps open to one site
MOST_ROWS_SENT = 20  # that are sent at a time; of more, how many more
MOST_MESSAGES_WAITING = 50  # messages for somebody who reads slowly
FEED_LIMIT_MS = 1_000
_STREAMS = "live lists"

ListIdentity = tuple[int, int, str, str, frozenset[ListColumn], frozenset[int]]

logger = logging.getLogger(__name__)


class TooManyStreams(DomainError):
    """More than one person's share."""

    status = 429


@dataclass(frozen=True, slots=True)
class LiveList:
    """A list that somebody has open: the filter, in a project, in a time zone.

    `empty` are the columns that its page leaves out, as no row there has anything in them;
    `shared_ids` the labels that all rows there have, which it says once.
    """

    caller: Caller
    project: Project
    data: QueryDict
    zone: str = UTC_NAME
    empty: frozenset[ListColumn] = frozenset()
    shared_ids: frozenset[int] = frozenset()

    @property
    def same(self) -> ListIdentity:
        """The same for two lists that show the same rows."""
        user, project = self.caller.user.pk, self.project.pk
        return user, project, self.data.urlencode(), self.zone, self.empty, self.shared_ids

    def listing(self) -> Listing:
        """The list without its rows. Raises Invalid if the filter cannot be read."""
        listing = Listing(self.caller, self.project, self.data)
        if not listing.checked():
            fault = listing.faults[0]
            raise Invalid(fault.message, field=fault.name)
        return listing


@dataclass(frozen=True, slots=True)
class NewRows:
    """Rows that are new, as HTML, newest first; `more` came with them and are older.

    `fit` unless one has something in a column that the page leaves out, or lacks a label that the
    page says of all its rows.
    """

    rows: list[tuple[UUID, str]]
    more: int
    is_exact: bool = True
    fit: bool = True

    @property
    def newest(self) -> UUID:
        """The id of the first."""
        return self.rows[0][0]

    def as_json(self) -> str:
        """For the script."""
        rows = [{"id": str(id), "html": html} for id, html in self.rows]
        said = {"rows": rows, "more": self.more, "is_exact": self.is_exact}
        return orjson.dumps({**said, "fit": self.fit}).decode()


class LiveStream:
    """The messages that wait to be sent to one live list."""

    def __init__(self, view: LiveList) -> None:
        self.view = view
        self._waiting: deque[NewRows] = deque(maxlen=MOST_MESSAGES_WAITING)
        self._has_some = asyncio.Event()

    def hear(self, news: NewRows) -> None:
        """Add a message; of too many, the oldest is dropped."""
        self._waiting.append(news)
        self._has_some.set()

    async def next(self) -> NewRows:
        """The message that has waited longest."""
        await self._has_some.wait()
        news = self._waiting.popleft()
        if not self._waiting:
            self._has_some.clear()
        return news


@dataclass
class LiveFeed:
    """The live lists, and what was seen of their projects: ids of the last seconds."""

    _streams: set[LiveStream] = field(default_factory=set)
    _seen: dict[int, set[UUID]] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None

    def check_room(self, view: LiveList) -> None:
        """Raise Busy when there are as many as we take, TooMany when a person has their share."""
        if COUNTS.total(_STREAMS) >= MOST_STREAMS:
            raise Busy(f"{MOST_STREAMS} live lists are open on this server; try again later")
        if COUNTS.total((_STREAMS, view.caller.user.pk)) >= MOST_STREAMS_PER_PERSON:
            raise TooManyStreams(
                f"you have {MOST_STREAMS_PER_PERSON} live lists open; close one to open another"
            )

    @asynccontextmanager
    async def listening(self, view: LiveList) -> AsyncIterator[LiveStream]:
        """A live list for as long as the block runs; what is committed after its start is heard."""
        self.check_room(view)
        stream = LiveStream(view)
        self._streams.add(stream)
        self._count(view, 1)
        try:
            if self._task is None or self._task.done():
                self._seen.clear()
                self._task = asyncio.create_task(self._read_on())
            while view.project.pk not in self._seen:  # what is there by then is not news
                await asyncio.sleep(START_SECONDS)
            yield stream
        finally:
            self._streams.discard(stream)
            self._count(view, -1)

    def _count(self, view: LiveList, number: int) -> None:
        for key in (_STREAMS, (_STREAMS, view.caller.user.pk)):
            COUNTS.add(key, number)

    async def _read_on(self) -> None:
        while self._streams:
            views = {stream.view.same: stream.view for stream in self._streams}
            rest = CHECK_SECONDS
            try:
                for same, news in (await in_database(self._read, list(views.values()))).items():
                    for stream in self._streams:
                        if stream.view.same == same:
                            stream.hear(news)
            except Exception:
                logger.exception("live lists have to wait for %s s", FAILURE_SECONDS)
                rest = FAILURE_SECONDS
            await asyncio.sleep(rest)

    def _read(self, views: Sequence[LiveList]) -> dict[ListIdentity, NewRows]:
        """The new rows of each list; none of a project that was not watched before."""
        projects = {view.project.pk for view in views}
        there = new_rows.arrived(list(projects), datetime.now(UTC) - LOOK_BACK)
        arrived = {
            project: [id for id in ids if id not in self._seen[project]]
            for project, ids in there.items()
            if project in self._seen
        }
        self._seen = {project: set(ids) for project, ids in there.items()}
        found = {}
        for view in views:
            if ids := arrived.get(view.project.pk):
                try:
                    with time_limit(FEED_LIMIT_MS), timezone.override(zone_named(view.zone)):
                        listing = view.listing()
                        if ids := new_rows.matching(view.project, listing.tree, ids):
                            found[view.same] = _news(listing, ids, view)
                except TookTooLong as error:
                    logger.warning("a live list of %s goes without: %s", view.project.key, error)
        return found


def newest_of(view: LiveList, after: UUID | None) -> NewRows | None:
    """The rows of a list since `after`: the newest, and how many more, if that is known."""
    if after is None:
        return None
    with time_limit(FEED_LIMIT_MS), timezone.override(zone_named(view.zone)):
        listing = view.listing()
        ids = new_rows.newer(view.project, listing.tree, after, limit=10 * MOST_ROWS_SENT + 1)
        is_exact = len(ids) <= 10 * MOST_ROWS_SENT
        return _news(listing, ids, view, is_exact=is_exact) if ids else None


def _news(
    listing: Listing, ids: Sequence[UUID], view: LiveList, *, is_exact: bool = True
) -> NewRows:
    listing.show(list_rows.rows(listing.project, ids[:MOST_ROWS_SENT]))
    listing.shape = shape_to_join(listing.display, view.empty, view.shared_ids)
    today = timezone.localdate().isoformat()
    rows = [
        (
            row.interaction.id,
            render_to_string(
                "interactions/_row.html", {"listing": listing, "row": row, "today": today}
            ).strip(),
        )
        for row in listing.rows
    ]
    more = len(ids) - len(rows)
    return NewRows(rows, more, is_exact, fit(view.empty, view.shared_ids, listing.rows))
