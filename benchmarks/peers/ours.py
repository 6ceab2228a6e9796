"""Our side: a checkout of this project, served as `manage.py serve` does without settings."""

import html
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import orjson
import psycopg

from benchmarks.measuring import Server, free_port, started
from benchmarks.peers.questions import Filter
from benchmarks.peers.rows import Row, write_import
from benchmarks.peers.sides import (
    Connection,
    Idle,
    Request,
    address_of,
    count,
    have_new,
    vacuum,
)

EMAIL, PASSWORD = "peers@example.com", "correct horse battery"
KEY = "a-key-of-the-benchmark-0123456789"
PROJECT = "peers"
LIST = f"/projects/{PROJECT}/interactions/"
PATIENCE = 120
_ROW = re.compile(rb'id="row-([0-9a-f-]{36})"')
_WORDS = re.compile(r"[a-z]{4,}")


@dataclass
class Site:
    """One checkout, served; `rows` are those it was given."""

    name: str
    server: Server
    database: str
    cookie: str
    rows: Sequence[Row]
    ids: dict[int, str]
    started_after: float
    idle: Idle = field(default_factory=Idle)

    def newest(self, wanted: Filter) -> Request:
        """As htmx asks for the rows of the list."""
        return self.part(f"{LIST}?{wanted.parameters()}", "results")

    def part(self, path: str, target: str) -> Request:
        """As htmx asks for a part of a page."""
        headers = {"Cookie": self.cookie, "HX-Request": "true", "HX-Target": target}
        return Request("GET", path, headers)

    def page(self, path: str) -> Request:
        """As a browser asks for a page."""
        return Request("GET", path, {"Cookie": self.cookie})

    def listed(self, body: bytes) -> list[int]:
        """The clock of each row's id, which is a UUIDv7."""
        return [UUID(id.decode()).int >> 80 for id in _ROW.findall(body)]

    def one(self, row: Row) -> Request:
        """As htmx asks for an interaction beside the list."""
        return self.part(f"{LIST}?{urlencode({'open': self.ids[row.ms]})}", "open-interaction")

    def shows(self, body: bytes, row: Row) -> bool:
        """By its id, and the first words of its completion."""
        text = html.unescape(body.decode()).lower()
        words = _WORDS.findall(row.completion.lower()[:200])
        return self.ids[row.ms] in text and all(word in text for word in words)

    def logging(self) -> Iterator[list[Request]]:
        """One request each, as the SDK logs; the rows over and over."""
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        for row in cycle(self.rows):
            body = {
                "project": PROJECT,
                "messages": row.messages,
                "completion": row.completion,
                "labels": row.labels,
                "feedbacks": [
                    {"metric": given["feedback_key"], "value": given["value"]}
                    for given in row.feedbacks
                ],
                **({"model": row.model} if row.model else {}),
            }
            yield [Request("POST", "/api/v1/interactions", headers, orjson.dumps(body))]

    def stored(self) -> int:
        """All of the database."""
        return count(self.database, "interaction")


@contextmanager
def site(name: str, checkout: Path, rows: Sequence[Row], place: Path) -> Iterator[Site]:
    """Import rows into a new database and have a checkout serve them.

    `place` is a directory for its data. The database stays until the next run.
    """
    place.mkdir(parents=True, exist_ok=True)
    database = f"peers_{name.replace(' ', '_')}"
    have_new(database)
    environment = {
        "DATABASE_URL": address_of(database), "DATA_DIR": str(place), "PORT": str(free_port()),
        "ADAPTIVE_SITE_ADMIN_EMAIL": EMAIL, "ADAPTIVE_SITE_ADMIN_PASSWORD": PASSWORD,
        "ADAPTIVE_SITE_API_KEY": KEY, "ADAPTIVE_SITE_DEMO": "off",
    }  # fmt: skip
    file = place / "rows.jsonl"
    write_import(rows, file)
    with served(checkout, environment, place):
        pass  # the first start makes the tables and the administrator
    _manage(checkout, environment, "ingest", str(file), "--project", PROJECT, "--create-project")
    _manage(checkout, environment, "work", "--once")
    vacuum(database)
    began = time.perf_counter()
    with served(checkout, environment, place) as server:
        cookie = _logged_in(server.port)
        Connection(server.port).body(Request("GET", LIST, {"Cookie": cookie}))
        took = time.perf_counter() - began
        yield Site(name, server, database, cookie, rows, _ids(database), took)


@contextmanager
def served(checkout: Path, environment: Mapping[str, str], place: Path) -> Iterator[Server]:
    """Have `manage.py serve` of a checkout running; what it prints goes to a file in `place`."""
    command = [str(_python(checkout)), "manage.py", "serve", "--stop-with-parent"]
    port = int(environment["PORT"])
    with (
        (place / "serve.log").open("ab") as log,
        started(
            command, port=port, environment=environment, place=checkout, log=log, patience=PATIENCE
        ) as server,
    ):
        yield server


def _manage(checkout: Path, environment: Mapping[str, str], *command: str) -> None:
    subprocess.run(
        [_python(checkout), "manage.py", *command],
        cwd=checkout,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _python(checkout: Path) -> Path:
    return checkout / ".venv" / "bin" / "python"


def _logged_in(port: int) -> str:
    """The cookie of a session, got through the form as a browser gets it."""
    connection = Connection(port)
    form, body = connection.ask(Request("GET", "/login/", {}))
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)
    assert token is not None, body[:300]
    cookies = SimpleCookie(form.getheader("Set-Cookie", ""))
    sent = "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies.values())
    fields = {"csrfmiddlewaretoken": token[1].decode(), "username": EMAIL, "password": PASSWORD}
    headers = {"Cookie": sent, "Content-Type": "application/x-www-form-urlencoded"}
    answer, body = connection.ask(Request("POST", "/login/", headers, urlencode(fields).encode()))
    assert answer.status == 302, (answer.status, body[:300])
    got = SimpleCookie()
    for value in answer.headers.get_all("Set-Cookie") or []:
        got.load(value)
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in got.values())


def _ids(database: str) -> dict[int, str]:
    """The id of each interaction by its clock."""
    with psycopg.connect(address_of(database)) as asking:
        found = asking.execute("SELECT id FROM interaction").fetchall()
    return {id.int >> 80: str(id) for (id,) in found}
