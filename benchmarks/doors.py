"""What a browser and the SDK wait for, over HTTP; beside an application that does nothing."""

import http.client
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from adaptive_site.environment import ROOT
from benchmarks.asking import WARM, late, middle
from benchmarks.generate import KEY, PROJECT
from benchmarks.measuring import Server, address, granian, row, table
from benchmarks.sample import Sample
from benchmarks.views import FRAGMENT
from projects.models import User
from tests.contract.documents import documents, roots

SDK = "0.14.2"


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


def session(owner: User) -> dict[str, str]:
    """The headers of a browser in which `owner` is logged in."""
    client = Client()
    client.force_login(owner)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"}


class Caller:
    """One connection to a server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, asked: Asked) -> bytes:
        """The answer's body."""
        self._connection.request(asked.method, asked.path, asked.body, dict(asked.headers))
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == 200, (asked.path, answer.status, said[:300])
        return said


@contextmanager
def serving() -> Iterator[Server]:
    """Have our application running on the database in use."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with granian("adaptive_site.asgi:application", DATABASE_URL=address()) as server:
        yield server


def measure(sample: Sample) -> None:
    """Print the table."""
    with granian("benchmarks.empty:application") as empty, serving() as ours:
        table("over HTTP", "median ms", "p95 ms", "server's processor ms", "× empty", "KB")
        floor = _row("an application that does nothing", empty, [Asked("GET", "/", {})] * 200, 0)
        for name, requests in (*_pages(sample), *_sdk(sample)):
            _row(name, ours, requests, floor)


def _row(name: str, server: Server, requests: Sequence[Asked], floor: float) -> float:
    caller = Caller(server.port)
    sizes = [len(caller.ask(asked)) for asked in requests[:WARM]]
    busy = server.seconds()
    took = []
    for asked in requests:
        began = time.perf_counter()
        caller.ask(asked)
        took.append((time.perf_counter() - began) * 1000)
    processor = (server.seconds() - busy) / len(requests) * 1000
    cells = [f"{ms:.2f}" if ms < 1 else f"{ms:.1f}" for ms in (middle(took), late(took), processor)]
    times = f"{middle(took) / floor:.0f}" if floor else "1"
    row(name, *cells, times, f"{middle(sizes) / 1000:.0f}")
    return middle(took)


def _pages(sample: Sample) -> list[tuple[str, list[Asked]]]:
    browser = session(sample.owner)
    path = reverse("interactions", args=[PROJECT])

    def get(make: Callable[[], str], headers: Mapping[str, str]) -> list[Asked]:
        return [Asked("GET", make(), browser | dict(headers)) for _ in range(sample.runs)]

    return [
        ("the whole page", get(lambda: path, {})),
        ("rows of a customer",
         get(lambda: f"{path}?label=customer:{sample.customer()}", FRAGMENT)),
        ("rows anywhere", get(lambda: f"{path}?before={sample.id()}", FRAGMENT)),
        ("an interaction", get(lambda: reverse("interaction", args=[PROJECT, sample.id()]), {})),
    ]  # fmt: skip


def _sdk(sample: Sample) -> list[tuple[str, list[Asked]]]:
    """The documents of the SDK itself, which `make test` and `make bench` install."""
    if not (ROOT / f".venv-sdk-{SDK}" / ".installed").exists():
        print(f"(The SDK is not measured: make .venv-sdk-{SDK}/.installed)")
        return []
    known = {root: one for one in documents(SDK) for root in roots(one)}
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    def post(root: str, variables: Mapping[str, object]) -> Asked:
        body = orjson.dumps({"query": known[root], "variables": variables})
        return Asked("POST", "/api/graphql", headers, body)

    def listed(expression: Sequence[Mapping[str, object]]) -> Asked:
        asked = {"project": PROJECT, "advancedFilter": {"and": expression}}
        return post("completions", {"filter": asked, "page": {"first": 100}})

    def label(key: str, value: str) -> dict[str, object]:
        return {"label": {"key": key, "value": {"in": [value]}}}

    def one(id: UUID) -> Asked:
        return post("completion", {"project": PROJECT, "id": str(id)})

    make: Sequence[tuple[str, Callable[[], Asked]]] = (
        ("the SDK's list of 100, no filter", lambda: listed([])),
        ("the SDK's list of 100, label of 90 %", lambda: listed([label("env", "prod")])),
        ("the SDK's list of 100, a customer",
         lambda: listed([label("customer", sample.customer())])),
        ("the SDK's list of 100, two labels",
         lambda: listed([label("env", "prod"), label("region", "eu-west")])),
        ("the SDK's get", lambda: one(sample.id())),
    )  # fmt: skip
    return [(name, [act() for _ in range(sample.runs)]) for name, act in make]
