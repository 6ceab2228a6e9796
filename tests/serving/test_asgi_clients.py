"""Who sends a request is known before its key is looked at, by every door."""

import asyncio
import gzip
import http.client
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from adaptive_site.asgi import Handler
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse, as_json
from adaptive_site.lib.http.request_bodies import Client as Sender
from adaptive_site.lib.http.request_bodies import Waiting
from projects.models import Attempt, User
from projects.services.access import authenticate
from projects.services.signing_in import throttle
from tests.make import make_key
from tests.served import KEY, Served

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
COUNTED = (HERE, ELSEWHERE, "2001:db8:1:2::/64")
DIRECT = "/api/v1/feedback"


@pytest.fixture
def handler(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The real handler and the real look at a key, of which three wrong ones are free."""
    monkeypatch.setattr(throttle, "KEYS", replace(throttle.KEYS, free=3))

    def look(authorization: str) -> str:
        try:
            return f"user {authenticate(authorization).user.pk}"
        finally:
            connection.close()

    async def identify(authorization: str) -> str:
        return await sync_to_async(look)(authorization)

    async def handler(request: DirectRequest) -> DirectResponse:
        return as_json(200, await identify(request.headers["authorization"]))

    return Handler({("POST", DIRECT): handler}, identify)


def ask(handler: Handler, key: str, *pieces: bytes, at: str = HERE, **headers: str) -> int:
    """The status of a request whose body comes in pieces; behind a proxy it is `forwarded`."""
    left, statuses = list(pieces), []

    async def receive() -> Mapping[str, Any]:
        if not left:
            await asyncio.sleep(60)
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Mapping[str, Any]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    named = {"authorization": f"Bearer {key}", "content-length": "9", **headers}
    scope = {
        "type": "http", "method": "POST", "path": DIRECT, "query_string": b"", "client": (at, 5),
        "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in named.items()],
    }  # fmt: skip
    asyncio.run(handler(scope, receive, send))
    return int(statuses[0])


# In one piece the view looks at the key, in two the body does while it comes, and before inflating.
WAYS: list[tuple[tuple[bytes, ...], dict[str, str]]] = [
    ((b"x" * 9,), {}),
    ((b"x" * 4, b"x" * 5), {}),
    ((gzip.compress(b"{}"),), {"content_encoding": "gzip"}),
]


@pytest.mark.parametrize(("pieces", "headers"), WAYS)
@pytest.mark.parametrize("proxies", [0, 1])
def test_wrong_keys_are_counted_by_address_while_a_body_comes(
    handler: Handler, alice: User, settings: Settings, proxies: int, pieces: tuple[bytes, ...],
    headers: dict[str, str],
) -> None:  # fmt: skip
    settings.PROXIES = proxies
    chosen = make_key(alice, "chosen-by-hand")

    def status(key: str, whom: str) -> int:
        if proxies:
            forwarded = f"{ELSEWHERE}, {whom}"  # what is before the proxy's word is made up
            return ask(handler, key, *pieces, at="127.0.0.1", x_forwarded_for=forwarded, **headers)
        return ask(handler, key, *pieces, at=whom, x_forwarded_for=ELSEWHERE, **headers)

    assert [status(f"guess-{n}", HERE) for n in range(4)] == [401] * 4
    assert Attempt.objects.update(again_at=F("again_at") + timedelta(hours=1)) == 1
    assert status("guess", HERE) == 429
    assert status(chosen, HERE) == 429
    assert status(chosen, ELSEWHERE) == 200
    # The same budget by the doors that Django answers.
    django = {"headers": {"Authorization": f"Bearer {chosen}"}}
    for whom, wanted in ((HERE, 429), (ELSEWHERE, 200)):
        peer = {"REMOTE_ADDR": "127.0.0.1" if proxies else whom}
        named = {"headers": {**django["headers"], "X-Forwarded-For": whom}}
        assert Client().get("/api/v1/models", **peer, **named).status_code == wanted  # type: ignore[arg-type]


def test_unfinished_bodies_are_counted_by_the_same_address(settings: Settings) -> None:
    handler = Handler()

    async def never() -> Mapping[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    async def forget(message: Mapping[str, Any]) -> None:
        """Nothing is sent."""

    def scope(peer: str, *forwarded: str) -> dict[str, Any]:
        headers = [(b"content-length", b"9")]
        headers += [(b"x-forwarded-for", one.encode()) for one in forwarded]
        return {
            "type": "http", "method": "POST", "path": DIRECT, "query_string": b"",
            "client": (peer, 5), "headers": headers,
        }  # fmt: skip

    async def count(*scopes: dict[str, Any]) -> dict[str, int]:
        tasks = [asyncio.create_task(handler(one, never, forget)) for one in scopes]
        await asyncio.sleep(0.05)
        senders = [Sender(name, is_known=False) for name in (*COUNTED, "10.0.0.2")]
        found = {one.name: n for one in senders if (n := Waiting().of(one))}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return found

    # Whoever has one address of a /64 has all of them; the header is nobody's proxy's here.
    mine = [scope(f"2001:db8:1:2::{n}", ELSEWHERE) for n in range(5)]
    assert asyncio.run(count(*mine, scope(HERE))) == {"2001:db8:1:2::/64": 5, HERE: 1}
    settings.PROXIES = 1
    behind = scope("10.0.0.2", f"9.9.9.9, {HERE}"), scope("10.0.0.2", "9.9.9.9", ELSEWHERE)
    assert asyncio.run(count(*behind)) == {HERE: 1, ELSEWHERE: 1}


def over_the_wire(site: Served, at: str, key: str, *pieces: bytes, **headers: str) -> int:
    """The status of a request from an address of this machine, its body sent in pieces."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", site.site.port, timeout=30, source_address=(at, 0)
    )
    named = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    with suppress(BrokenPipeError):  # answered, and closed, before all was sent
        connection.request("POST", "/api/v1/chat/completions", iter(pieces), named)
    status = connection.getresponse().status
    connection.close()
    return status


def test_one_who_guesses_keys_stops_nobody_elses(site: Served) -> None:
    body = json.dumps(
        {"model": "demo/echo", "messages": [{"role": "user", "content": "Hello"}]}
    ).encode()
    packed = gzip.compress(body, mtime=0)
    statuses = [
        over_the_wire(site, "127.0.0.2", f"guess-{n}", packed, Content_Encoding="gzip")
        for n in range(108)
    ]
    assert set(statuses) == {401, 429}
    assert over_the_wire(site, "127.0.0.3", KEY, body[:30], body[30:]) == 200
    assert over_the_wire(site, "127.0.0.3", "a-guess", body[:30], body[30:]) == 401
    assert over_the_wire(site, "127.0.0.2", "a-guess", body[:30], body[30:]) == 429
