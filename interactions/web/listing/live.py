"""Rows as they come in: how many are new, and a stream of them.

A stream is answered before Django (`serving/direct_routes.py`), by a coroutine: it holds neither a
thread nor a connection while nothing happens. One query a second serves all streams of the process,
so writers need not tell anybody, and pay nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict, parse_cookie
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import DomainError, Invalid, Unauthenticated
from adaptive_site.lib.http import sse
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse
from adaptive_site.lib.time_zones import COOKIE
from interactions.filters.address.controls import canonical
from interactions.filters.address.parameters import PLACE
from interactions.filters.sql.queries import Count
from interactions.services.browsing import new_rows
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.listing.columns import ListColumn, parse_columns
from interactions.web.listing.live_feed import (
    LiveFeed,
    LiveList,
    LiveStream,
    NewRows,
    newest_of,
)
from projects.models import Project, User
from projects.services.access import Caller, project_for
from projects.web.requests import ProjectRequest, in_project, project_page

STREAM_PATH = "/live/"
NEW_ROWS_LIMIT_MS = 1_000
MOST_NEW_ROWS = 50  # new ones that are counted
HEARTBEAT_SECONDS = (
    10.0  # seconds after which a silent stream says that it is there, and is checked again
)
TRUST_SECONDS = 2.0  # for which a stream may go on without being checked again

_feed = LiveFeed()


@dataclass
class NewRowsCount(FilteredPage):
    """How many rows are newer than those shown; None when that is not known."""

    found: Count | None = None


@require_GET
@in_project()
def new(request: ProjectRequest) -> HttpResponse:
    """How many match that are newer than `after`, up to 50; empty when none are."""
    data = canonical(request.GET)
    after = _id(data.pop("after", [""])[-1], "after")
    page = NewRowsCount(request.caller, request.project, _of_the_rows(data))
    if page.filter.is_valid():
        with suppress(TookTooLong), time_limit(NEW_ROWS_LIMIT_MS):
            page.found = new_rows.how_many(page.project, page.tree, after, cap=MOST_NEW_ROWS)
    return project_page(request, "interactions/new.html", {"page": page})


async def stream(request: DirectRequest) -> DirectResponse:
    """The rows of a filter as they come in, as server-sent events.

    The address names the `project`, the filter, the columns that the page leaves out (`empty`), the
    ids of the labels that all its rows have (`shared`), and the newest row that is shown (`after`),
    unless a browser that connects again says it by itself (`Last-Event-ID`).
    """
    data = QueryDict(request.query, mutable=True)
    key = data.pop("project", [""])[-1]
    last = request.headers.get("last-event-id") or data.pop("after", [""])[-1]
    data.pop("after", None)
    after = _id(last, "after")
    empty = _columns(data.pop("empty", [""])[-1])
    shared_ids = _label_ids(data.pop("shared", [""])[-1])
    cookie = request.headers.get("cookie", "")
    view = await in_database(_view, cookie, key, _of_the_rows(canonical(data)), empty, shared_ids)
    _feed.check_room(view)
    return DirectResponse(
        200,
        _events(view, cookie, after),
        "text/event-stream",
        # A proxy must pass each event on at once.
        {"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(view: LiveList, cookie: str, after: UUID | None) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    try:
        _feed.check_room(view)
    except DomainError:
        return  # others came between; the browser, which asks again, is told
    async with _feed.listening(view) as listener:
        yield b"retry: 2000\n\n"
        missed = await in_database(newest_of, view, after)
        checked = loop.time()
        if missed is not None:
            yield _event(missed)
        while True:
            news = await _next(listener)
            if loop.time() - checked > TRUST_SECONDS:
                if not await in_database(_may_go_on, view, cookie):
                    return
                checked = loop.time()
            yield b":\n\n" if news is None else _event(news)


async def _next(listener: LiveStream) -> NewRows | None:
    """The next message, or None when none came for a while."""
    try:
        return await asyncio.wait_for(listener.next(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return None


def _event(news: NewRows) -> bytes:
    return sse.event("rows", news.as_json(), id=str(news.newest))


def _view(
    cookie: str,
    key: str,
    data: QueryDict,
    empty: frozenset[ListColumn],
    shared_ids: frozenset[int],
) -> LiveList:
    """The list that is asked for, by the person of the cookie. Raises as the page would answer."""
    caller, project = _allowed(cookie, key)
    zone = parse_cookie(cookie).get(COOKIE, "")
    view = LiveList(caller, project, data, zone, empty, shared_ids)
    view.listing()  # says what is wrong with it
    return view


def _allowed(cookie: str, key: str) -> tuple[Caller, Project]:
    caller = Caller(_user(cookie))
    return caller, project_for(caller, key)


def _may_go_on(view: LiveList, cookie: str) -> bool:
    """Whether whoever asked still may read it: not logged out, nor put out of the project."""
    try:
        caller, project = _allowed(cookie, view.project.key)
    except DomainError:
        return False
    return (caller.user.pk, project.pk) == (view.caller.user.pk, view.project.pk)


def _user(cookie: str) -> User:
    """Who is logged in by the session in a Cookie header. Raises Unauthenticated."""
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(
        parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME)
    )
    user = auth.get_user(request)
    if isinstance(user, AnonymousUser) or not user.is_active:
        raise Unauthenticated("log in first")
    assert isinstance(user, User)
    return user


def _of_the_rows(data: QueryDict) -> QueryDict:
    """Without the page and what is open on it."""
    for name in PLACE:
        data.pop(name, None)
    return data


def _columns(text: str) -> frozenset[ListColumn]:
    try:
        return frozenset(parse_columns(text) if text else ())
    except ValueError as error:
        raise Invalid(str(error), field="empty") from error


def _label_ids(text: str) -> frozenset[int]:
    try:
        return frozenset(int(one) for one in text.split(",") if one)
    except ValueError as error:
        raise Invalid("expected the ids of labels", field="shared") from error


def _id(text: str, name: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("expected the id of an interaction", field=name) from error
