"""What both sides are to a benchmark: a server with a database, and requests to it."""

import http.client
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

import psycopg
from django.db import connection

from benchmarks.measuring import Server, postgres_seconds
from benchmarks.peers.questions import Filter
from benchmarks.peers.rows import Row

IDLE = 5.0  # seconds of one look at what an idle side takes
SETTLING = 12  # looks at most
QUIET = 0.05  # of a core; by less do two looks differ when it has settled


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

    def __mul__(self, times: float) -> "Processor":
        return Processor(self.server * times, self.database * times)


class Meter:
    """What a side takes from now on, above what it takes while nobody asks."""

    def __init__(self, side: "Side") -> None:
        self._side = side
        self._before = Processor.of(side)
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall clock until now."""
        return time.perf_counter() - self._began

    def read(self) -> Processor:
        """Until now."""
        return Processor.of(self._side) - self._before - self._side.idle * self.seconds


class Side(Protocol):
    """One of those that are compared."""

    name: str
    server: Server
    database: str
    started_after: float  # seconds until its first answer
    idle: Processor  # what it takes in a second in which nobody asks

    def newest(self, wanted: Filter) -> Request:
        """The newest 50 of a filter."""

    def listed(self, body: bytes) -> list[int]:
        """The milliseconds of the rows in an answer, in its order."""

    def one(self, row: Row) -> Request:
        """An interaction whole."""

    def shows(self, body: bytes, row: Row) -> bool:
        """Whether an answer is that interaction."""

    def logging(self, number: int) -> Sequence[Sequence[Request]]:
        """The requests that log `number` new interactions: all those of one, for each."""

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
    """Wait until a side has done what it does after its start, and note what it takes idle."""
    side.idle = Processor()
    for _ in range(SETTLING):
        before, began = Processor.of(side), time.perf_counter()
        time.sleep(IDLE)
        taken = Processor.of(side) - before
        found = taken * (1 / (time.perf_counter() - began))
        is_quiet = abs(found.server - side.idle.server) < QUIET
        side.idle = found
        if is_quiet:
            return


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
