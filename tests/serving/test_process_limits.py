"""How many web processes there are, what each has, and who is asked to connect anew."""

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from adaptive_site.asgi import _UNANSWERED, UNEVEN, Handler, Unanswered
from adaptive_site.environment import BadEnvironment, read_environment
from adaptive_site.lib.concurrency import per_process
from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.serving.direct_routes import ELSEWHERE, POSTED
from interactions.web.listing import live

START = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 2), (4, 4), (48, 4)])
def test_there_are_as_many_as_cores_up_to_four(
    monkeypatch: pytest.MonkeyPatch, cores: int, processes: int
) -> None:
    monkeypatch.delenv("WEB_PROCESSES", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert processes == read_environment().WEB_PROCESSES


def test_a_wrong_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("0", "65", "some"):
        monkeypatch.setenv("WEB_PROCESSES", wrong)
        with pytest.raises(BadEnvironment, match="WEB_PROCESSES"):
            read_environment()
    monkeypatch.setenv("WEB_PROCESSES", "2")
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(BadEnvironment, match="WEB_PROCESSES: expected 1"):
        read_environment()


@pytest.mark.parametrize("processes", [1, 2, 3, 4, 8, 64])
def test_the_private_database_has_a_connection_for_every_thread(
    monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setenv("WEB_PROCESSES", str(processes))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    private = read_environment().private_database()
    assert private is not None
    most = int(private._server_settings["max_connections"])
    assert most >= per_process.connections(processes) + 10
    assert processes > 4 or most == 100  # what it has always had


@pytest.fixture
def two() -> Iterator[None]:
    """Two processes, of which we are the first, and the other has nothing to do."""
    COUNTS.spread(2)
    yield
    COUNTS.spread(1)


def answers(number: int) -> list[Mapping[str, Any]]:
    """How so many requests that came together are answered, one after the other."""
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def run() -> None:
        requests = [Unanswered(send) for _ in range(number)]
        for one in requests:
            one.begin()
        for one in requests:
            await one(START)
            await one({"type": "http.response.body", "body": b"", "more_body": False})

    asyncio.run(run())
    return [message for message in sent if message["type"] == START["type"]]


def test_who_comes_to_a_busier_process_is_asked_to_connect_anew(two: None) -> None:
    assert UNEVEN == 2
    closing = [(b"connection", b"close") in answer["headers"] for answer in answers(4)]
    assert closing == [True, True, True, False]
    assert [answer["headers"][0] for answer in answers(1)] == [(b"a", b"b")]


class Held:
    """A request whose handler holds it until it is told to answer."""

    def __init__(self, path: str) -> None:
        self.whole, self.asked, self.go = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._path = path

    async def run(self) -> None:
        """Upload a body in two pieces, and be answered."""
        handler = Handler({("POST", self._path): self._answer}, elsewhere=("/elsewhere",))
        pieces = [{"type": "http.request", "body": b"a", "more_body": more} for more in (1, 0)]

        async def receive() -> Mapping[str, Any]:
            if len(pieces) == 1:
                await self.whole.wait()
            return pieces.pop(0)

        async def send(message: Mapping[str, Any]) -> None:
            return

        headers = [(b"content-length", b"2")]
        scope = {"type": "http", "method": "POST", "path": self._path, "headers": headers}
        await handler({**scope, "query_string": b""}, receive, send)

    async def _answer(self, request: DirectRequest) -> DirectResponse:
        self.asked.set()
        await self.go.wait()
        return as_json(200, {})


@pytest.mark.parametrize(("path", "counted"), [("/here", 1), ("/elsewhere", 0)])
def test_a_request_counts_from_its_last_byte_to_its_answer(
    two: None, path: str, counted: int
) -> None:
    async def totals() -> Iterable[int]:
        held = Held(path)
        task = asyncio.ensure_future(held.run())
        for _ in range(20):
            await asyncio.sleep(0)
        uploading = COUNTS.total(_UNANSWERED)
        held.whole.set()
        await held.asked.wait()
        answering = COUNTS.total(_UNANSWERED)
        held.go.set()
        await task
        return uploading, answering, COUNTS.total(_UNANSWERED)

    assert asyncio.run(totals()) == (0, counted, 0)


def test_whoever_waits_for_a_provider_or_for_rows_is_not_counted() -> None:
    assert set(POSTED) & ELSEWHERE == {"/api/v1/chat/completions", "/api/v1/embeddings"}
    assert live.STREAM_PATH in ELSEWHERE


def test_where_there_is_no_other_process_connections_stay(two: None) -> None:
    COUNTS.spread(1)
    assert [answer["headers"] for answer in answers(9)] == [[(b"a", b"b")]] * 9
