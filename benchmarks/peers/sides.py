"""What both sides are to a benchmark: a server with a database, and requests to it."""

import http.client
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

import psycopg
from django.db import connection

from benchmarks.measuring import Server, postgres_seconds
from benchmarks.peers.questions import Filter
from benchmarks.peers.rows import Row

LOOK = 5.0  # seconds
SETTLING = 18  # looks at most
QUIET = 0.15  # of a core: less is no longer a start
RECENT = 24  # looks at what a side takes idle


@dataclass(frozen=True)
class Request:
    """A request, as a browser or a client sends it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def on_the_wire(self) -> bytes:
        """All of it in bytes."""
        headers = {"Host": "localhost", "Content-Length": str(len(self.body)), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + self.body


@dataclass(frozen=True)
class Processor:
    """Processor seconds: the server's processes', and PostgreSQL's, which serves one at a time."""

    server: float = 0.0
    database: float = 0.0

    @classmethod
    def of(cls, side: "Side") -> "Processor":
        """All until now."""
        return cls(side.server.seconds(), postgres_seconds())

    def __sub__(self, before: "Processor") -> "Processor":
        return Processor(self.server - before.server, self.database - before.database)

    def __add__(self, other: "Processor") -> "Processor":
        return Processor(self.server + other.server, self.database + other.database)


class Idle:
    """What a server takes in a second in which nobody asks: of the last times that was looked at.

    It is looked at whenever another side is asked: on one machine, at about the same time.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float]] = deque(maxlen=RECENT)

    def look(self, taken: float, seconds: float) -> None:
        """Take in what was taken while nobody asked."""
        self._looks.append((taken, seconds))

    @property
    def rate(self) -> float:
        """Processor seconds a second."""
        seconds = sum(seconds for _, seconds in self._looks)
        return sum(taken for taken, _ in self._looks) / seconds if seconds else 0.0


class Meter:
    """What a side takes from now on, above what it takes while nobody asks it."""

    def __init__(self, side: "Side", others: Sequence["Side"] = ()) -> None:
        self._side = side
        self._others = [other for other in others if other is not side]
        self._idle = [other.server.seconds() for other in self._others]
        self._before = Processor.of(side)
        self._began = time.perf_counter()

    def read(self) -> tuple[Processor, float]:
        """Until now, and the seconds that were."""
        seconds = time.perf_counter() - self._began
        taken = Processor.of(self._side) - self._before
        for other, before in zip(self._others, self._idle, strict=True):
            other.idle.look(other.server.seconds() - before, seconds)
        return taken - Processor(self._side.idle.rate * seconds), seconds


class Side(Protocol):
    """One of those that are compared."""

    name: str
    server: Server
    database: str
    started_after: float  # seconds until its first answer
    idle: Idle

    def newest(self, wanted: Filter) -> Request:
        """The newest 50 of a filter."""

    def listed(self, body: bytes) -> list[int]:
        """The milliseconds of the rows in an answer, in its order."""

    def one(self, row: Row) -> Request:
        """An interaction whole."""

    def shows(self, body: bytes, row: Row) -> bool:
        """Whether an answer is that interaction."""

    def logging(self) -> Iterator[Sequence[Request]]:
        """New interactions to log: for each all requests that log it."""

    def stored(self) -> int:
        """How many interactions there are."""


class Connection:
    """A connection that is kept, and sends each request in one piece."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, request: Request) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer, and its body."""
        self._connection.request(request.method, request.path, request.body, dict(request.headers))
        answer = self._connection.getresponse()
        return answer, answer.read()

    def renew(self) -> None:
        """Connect anew with the next request: a server closes what is idle for some seconds."""
        self._connection.close()

    def body(self, request: Request) -> bytes:
        """The body of an answer that is as it should be."""
        answer, body = self.ask(request)
        if answer.status not in (200, 201):
            raise SystemExit(f"{request.method} {request.path}: {answer.status} {body[:300]!r}")
        return body


def settle(side: Side) -> None:
    """Wait until a side has done what it does after its start, and look at what it takes idle."""
    for _ in range(SETTLING):
        before, began = side.server.seconds(), time.perf_counter()
        time.sleep(LOOK)
        taken, seconds = side.server.seconds() - before, time.perf_counter() - began
        if taken / seconds < QUIET:
            break
    side.idle.look(taken, seconds)


def address_of(database: str) -> str:
    """A database of the server in use, as libpq, DATABASE_URL and SQLAlchemy take it."""
    used = connection.settings_dict
    user, password = quote(used["USER"], safe=""), quote(used["PASSWORD"] or "", safe="")
    place = {"host": used["HOST"], "port": used["PORT"]}
    asked = urlencode({key: value for key, value in place.items() if value})
    return f"postgresql://{user}{password and ':' + password}@/{database}?{asked}"


def have_new(database: str, *, like: str = "template0") -> None:
    """Make a database anew, as a copy of another."""
    with psycopg.connect(address_of(connection.settings_dict["NAME"]), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{like}"')


def drop_all() -> None:
    """Remove every database that this benchmark has made, those that are kept as well."""
    with psycopg.connect(address_of(connection.settings_dict["NAME"]), autocommit=True) as admin:
        found = admin.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s",
            [r"^peers_(mlflow(_[0-9a-f]{10})?(_new)?|ours|before)$"],
        )
        for (database,) in found.fetchall():
            admin.execute(f'DROP DATABASE "{database}" WITH (FORCE)')


def is_there(database: str) -> bool:
    """Whether there is such a database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return cursor.fetchone() is not None


def rename(database: str, to: str) -> None:
    """Give a database that nobody uses another name."""
    with psycopg.connect(address_of(connection.settings_dict["NAME"]), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{database}" RENAME TO "{to}"')


def vacuum(database: str) -> None:
    """Leave the tables as those of a live server are."""
    with psycopg.connect(address_of(database), autocommit=True) as admin:
        admin.execute("VACUUM (ANALYZE)")


def count(database: str, table: str) -> int:
    """The rows of a table."""
    with psycopg.connect(address_of(database)) as asking:
        (number,) = asking.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        return int(number)
