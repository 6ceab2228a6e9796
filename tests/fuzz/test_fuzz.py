"""Requests that nobody means, the same ones each time, to every address with every parameter.

`FUZZ=20` asks twenty times as many, `SEED=…` others.
"""

import os
import random
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from projects.models import Project, User
from tests import make
from tests.fuzz import corpus
from tests.fuzz.corpus import BODIES, DEEP, HEADERS, NASTY, Route

pytestmark = pytest.mark.django_db
TIMES = int(os.environ.get("FUZZ", "1"))
SEED = int(os.environ.get("SEED", "7"))
HTMX = {"HX-Request": "true"}
FORM = "application/x-www-form-urlencoded"
WRONG = ("q=(", "q=%00", "label=%00", "time=x", "order=x", "before=x", "at=x", "sample=x")


class Asking:
    """Asks with Alice's session and key, undoes what was done, and keeps what failed."""

    def __init__(self, key: str, user: User) -> None:
        self.faults: dict[str, str] = {}
        self.asked = 0
        self._key = key
        self._client = Client()
        self._client.force_login(user)
        self._cookies = {name: one.value for name, one in self._client.cookies.items()}

    def ask(self, method: str, address: str, **given: Any) -> None:
        """Send it."""
        self.asked += 1
        headers = given.pop("headers", {})
        if address.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self._key}"} | headers
        self._client.cookies = SimpleCookie(self._cookies)
        try:
            with transaction.atomic():
                answer = self._client.generic(method, address, headers=headers, **given)
                if answer.streaming:
                    with in_the_requests_thread():
                        b"".join(answer)
                transaction.set_rollback(True)
        except Exception as error:  # whatever it is, is a fault of ours
            fault = f"{type(error).__name__}: {error}"
        else:
            fault = f"status {answer.status_code}" if answer.status_code >= 500 else ""
        if fault:
            self.faults.setdefault(fault, f"{method} {address!r} {headers} {given}")

    def check(self, least: int) -> None:
        """One request of each fault, if there is any."""
        told = "\n".join(f"{fault}\n    {request[:600]}" for fault, request in self.faults.items())
        assert not self.faults, told
        assert self.asked >= least


@pytest.fixture
def ids(project: Project) -> list[UUID]:
    """Something on every page."""
    helpful = make.make_metric(project)
    picture = make.image_message(make.data_uri(make.make_image()))
    return make.make_interactions(
        project,
        3,
        messages=[picture],
        labels={"env": "prod"},
        llm=make.make_llm(project),
        feedback={helpful: True},
    )


@pytest.fixture
def asking(alice: User, alice_key: str, ids: list[UUID]) -> Asking:
    return Asking(alice_key, alice)


@pytest.fixture
def pages(project: Project, ids: list[UUID]) -> list[tuple[Route, dict[str, str]]]:
    """Each address with right values for its places."""
    right = {
        "SlugConverter": "maple",
        "UUIDConverter": str(ids[0]),
        "IntConverter": "1",
        "StringConverter": "x",
        "PathConverter": "x",
    }
    return [
        (route, {n: right[kind] for n, kind in route.places} | _project_of(route, project))
        for route in corpus.routes()
    ]


def _project_of(route: Route, project: Project) -> dict[str, str]:
    return {"project": str(project.uuid)} if ("project", "UUIDConverter") in route.places else {}


def escaped(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def queries(rng: random.Random, names: list[str], n: int) -> Iterator[str]:
    """`n` of them, of one to four parameters."""
    for _ in range(n):
        chosen = rng.sample(names, rng.choice((1, 1, 2, 4)))
        yield "&".join(f"{escaped(name)}={escaped(rng.choice(NASTY))}" for name in chosen)


Pages = list[tuple[Route, dict[str, str]]]


def test_every_page_for_every_target_with_a_wrong_filter(asking: Asking, pages: Pages) -> None:
    rng = random.Random(SEED)
    for route, values in pages:
        if route.path.startswith("projects/"):
            targets = sorted(corpus.targets())
            for target in rng.sample(targets, min(len(targets), 1 + TIMES * len(targets) // 4)):
                for wrong in rng.sample(WRONG, min(len(WRONG), TIMES)):
                    headers = HTMX | {"HX-Target": target}
                    asking.ask("GET", f"{route.at(values)}?{wrong}", headers=headers)
    for page in ("review", "pairs", "interactions"):
        for target in corpus.targets():
            for wrong in WRONG:
                headers = HTMX | {"HX-Target": target}
                asking.ask("GET", f"/projects/maple/{page}/?{wrong}", headers=headers)
    assert {"queue", "card", "open-interaction", "results"} <= set(corpus.targets())
    asking.check(least=600)


def test_every_parameter_with_odd_values(asking: Asking, pages: Pages) -> None:
    rng = random.Random(SEED)
    names = corpus.parameters()
    assert {"q", "model", "metadata[x]", "label", "next", "key"} <= set(names)
    for route, values in pages:
        plain = route.at(values)
        for query in queries(rng, names, 2 * TIMES):
            asking.ask("GET", f"{plain}?{query}", headers=rng.choice(({}, HTMX)))
        every = "&".join(f"{name}=a%00b" for name in names)
        asking.ask("GET", f"{plain}?{every}")
        asking.ask("POST", plain, data=every.encode(), content_type=FORM)
    for name in names:  # where a NUL alone is looked up
        for plain in ("/api/v1/chat/completions", "/projects/maple/interactions/"):
            asking.ask("GET", f"{plain}?{escaped(name)}=%00")
        asking.ask("GET", f"/api/v1/chat/completions?model=maple&{escaped(name)}=pa/%00")
    asking.check(least=600)


def test_every_place_in_an_address_with_odd_values(asking: Asking, pages: Pages) -> None:
    rng = random.Random(SEED)
    odd = {"UUIDConverter": ["0" * 8 + "-0000" * 3 + "-" + "0" * 12], "IntConverter": ["9" * 30]}
    for route, values in pages:
        for name, kind in route.places:
            for value in odd.get(kind) or ["\0", "a\0b", *rng.sample(NASTY, 2 * TIMES)]:
                path = {n: escaped(text) for n, text in (values | {name: value}).items()}
                asking.ask(rng.choice(("GET", "POST")), route.at(path))
    asking.check(least=300)


def test_every_address_with_odd_headers_and_bodies(asking: Asking, pages: Pages) -> None:
    rng = random.Random(SEED)
    for route, values in pages:
        plain = route.at(values)
        first = [header for header in HEADERS if header[0] == "HX-Current-URL"]
        for header in [*first[:1], *rng.sample(HEADERS, min(len(HEADERS), TIMES))]:
            asking.ask(rng.choice(("GET", "POST")), plain, headers=HTMX | dict([header]))
        for kind, data in rng.sample(BODIES, min(len(BODIES), 2 * TIMES)):
            asking.ask("POST", plain, data=data, content_type=kind)
    for kind, data in BODIES:
        for plain in ("/login/", "/keys/", "/api/graphql", "/api/v1/chat/completions/x"):
            asking.ask("POST", plain, data=data, content_type=kind)
    for header in HEADERS:
        for plain in ("/projects/maple/interactions/", "/api/v1/models"):
            asking.ask("GET", plain, headers=HTMX | dict([header]))
    asking.check(least=600)


def test_every_door_of_the_api_with_odd_values_in_each_member(asking: Asking, pages: Pages) -> None:
    rng = random.Random(SEED)
    doors = [route.at(values) for route, values in pages if route.path.startswith("api/")]
    for deep in DEEP:
        for document in corpus.documents(deep):
            for plain in rng.sample(doors, min(len(doors), TIMES)):
                kind = "application/json"
                asking.ask("POST", plain, data=corpus.as_json(document), content_type=kind)
            if "messages" in document:
                plain = "/api/v1/chat/completions"
                asking.ask("POST", plain, data=corpus.as_json(document), content_type=kind)
    asking.check(least=600)
