"""Hot handlers over ASGI: bodies, failures, streams and people who hang up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import pytest
from django.db import OperationalError
from django.test import RequestFactory
from pytest_django import Settings

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http import direct_asgi
from adaptive_site.lib.http.direct import DirectHandler, DirectRequest, DirectResponse, as_json
from adaptive_site.lib.http.direct_view import as_view


async def echo(request: DirectRequest) -> DirectResponse:
    """Say what came."""
    said = [request.method, request.path, request.query, request.headers["x-name"]]
    return as_json(201, [*said, request.body.decode()])


class Asked:
    """One request over ASGI: its parts come one by one, then perhaps the client leaves."""

    def __init__(self, *parts: bytes, leaves_after: int | None = None) -> None:
        self._parts = list(parts) or [b""]
        self._leaves_after = leaves_after
        self._left = asyncio.Event()
        self.sent: list[Mapping[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        """The next part of the body; then nothing until the client leaves."""
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        """Note what is answered."""
        self.sent.append(message)
        if self._leaves_after is not None and len(self.sent) > self._leaves_after:
            self._left.set()

    async def of(self, handler: DirectHandler) -> "Asked":
        """Let `handler` answer."""
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/direct",
            "query_string": b"a=1",
            "headers": [(b"x-name", "Zoë".encode("latin-1"))],
        }
        await direct_asgi.serve(handler, scope, self.receive, self.send)
        return self

    @property
    def status(self) -> int:
        """The answer's status."""
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        """The answer's body."""
        return b"".join(message.get("body", b"") for message in self.sent)


def ask(handler: DirectHandler, *parts: bytes) -> Asked:
    """The answer of `handler` to a body that comes in parts."""

    async def asking() -> Asked:
        return await Asked(*parts).of(handler)

    return asyncio.run(asking())


def test_the_handler_gets_the_request_whole() -> None:
    answer = ask(echo, b"he", b"llo")
    assert answer.status == 201
    assert orjson.loads(answer.body) == ["POST", "/direct", "a=1", "Zoë", "hello"]
    headers = dict(answer.sent[0]["headers"])
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"content-length"] == b"%d" % len(answer.body)
    assert headers[b"x-content-type-options"] == b"nosniff"


def test_a_body_that_is_too_large_is_refused(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert ask(echo, b"x" * 10).status == 201
    answer = ask(echo, b"x" * 6, b"x" * 6, b"x" * 6)
    assert answer.status == 413
    assert "error" in orjson.loads(answer.body)


def test_expected_failures_say_what_and_where() -> None:
    async def refuse(request: DirectRequest) -> DirectResponse:
        raise Invalid("expected a string", field="labels.env")

    answer = ask(refuse)
    assert answer.status == 400
    assert orjson.loads(answer.body) == {
        "error": "labels.env: expected a string",
        "field": "labels.env",
    }


def test_unexpected_failures_are_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(request: DirectRequest) -> DirectResponse:
        raise KeyError("a secret")

    answer = ask(fail)
    assert answer.status == 500
    assert b"a secret" not in answer.body
    assert "error" in orjson.loads(answer.body)
    assert "a secret" in caplog.text


def test_a_database_that_is_not_there_is_503_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(request: DirectRequest) -> DirectResponse:
        raise OperationalError("connection refused")

    with caplog.at_level(logging.ERROR):
        assert [ask(fail).status for _ in range(3)] == [503] * 3
    assert caplog.text.count("does not answer") == 1


def streamed(pieces: AsyncIterator[bytes]) -> DirectHandler:
    """A handler that answers `pieces`."""

    async def handler(request: DirectRequest) -> DirectResponse:
        return DirectResponse(200, pieces, "text/event-stream")

    return handler


def test_a_stream_goes_out_piece_by_piece() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    answer = ask(streamed(pieces()))
    assert [message.get("body") for message in answer.sent[1:]] == [b"one", b"two", b""]
    assert [message.get("more_body", False) for message in answer.sent[1:]] == [True, True, False]


@pytest.mark.parametrize("waits", [True, False], ids=["while it waits", "while it sends"])
def test_a_stream_whose_client_leaves_may_still_write_down_what_was_said(waits: bool) -> None:
    ends: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            if waits:
                await asyncio.sleep(60)
            while True:
                yield b"more"
                await asyncio.sleep(0.001)
        finally:
            await asyncio.sleep(0.01)  # as a commit takes
            ends.append("written")

    async def leaving() -> Asked:
        asked = Asked(leaves_after=1)
        return await asyncio.wait_for(asked.of(streamed(pieces())), 5)

    answer = asyncio.run(leaving())
    assert ends == ["written"]
    assert answer.sent[1]["body"] == b"one"


def test_a_stream_that_fails_midway_does_not_end_as_if_it_were_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError("the upstream broke")

    async def failing() -> Asked:
        asked = Asked()
        with pytest.raises(RuntimeError):
            await asked.of(streamed(pieces()))
        return asked

    assert asyncio.run(failing()).sent[-1]["more_body"] is True


def test_a_client_that_leaves_while_it_sends_is_not_answered() -> None:
    async def leaving() -> Asked:
        asked = Asked(b"half", b"")
        asked._parts = []
        asked._left.set()
        return await asked.of(echo)

    assert asyncio.run(leaving()).sent == []


def test_through_django_a_stream_comes_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    requests = RequestFactory()
    answer = as_view(streamed(pieces()))(requests.post("/direct", b"x", content_type="text/plain"))
    assert (answer.status_code, answer.content) == (200, b"onetwo")
    named = requests.post("/direct?a=1", b"x", content_type="text/plain", headers={"X-Name": "Zoe"})
    assert orjson.loads(as_view(echo)(named).content) == ["POST", "/direct", "a=1", "Zoe", "x"]
