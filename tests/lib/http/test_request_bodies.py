"""Bodies: inflated within bounds, in time, and only so many of one client unfinished."""

import asyncio
import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import Settings

from adaptive_site.lib.concurrency.batching import Busy
from adaptive_site.lib.errors import Invalid, TooLarge, Unauthenticated
from adaptive_site.lib.http import inflating, request_bodies
from adaptive_site.lib.http.request_bodies import Body, Client, TooSlow, UnknownCoding, Waiting

TEXT = b'{"completion": "' + b"a long answer " * 1000 + b'"}'


def zipped(text: bytes) -> bytes:
    """The same bytes at any time: tests are named by them, on every worker alike."""
    return gzip.compress(text, mtime=0)


raw = zlib.compressobj(wbits=-15)
RAW = raw.compress(TEXT) + raw.flush()
KNOWN = Client("user 1", is_known=True)


async def somebody() -> Client | None:
    """Of a good key, its user."""
    return KNOWN


async def refuse() -> Client | None:
    """Without a good key, nobody."""
    raise Unauthenticated("who is it?")


async def nobody() -> Client | None:
    """Of a page, anybody."""
    return None


class Sent:
    """A body that comes in pieces, then nothing more."""

    def __init__(self, *pieces: bytes, is_whole: bool = True, **headers: str) -> None:
        self._pieces = list(pieces)
        self._is_whole = is_whole
        self.received = 0
        named = {"content-length": str(sum(map(len, pieces)) + (not is_whole)), **headers}
        self.headers = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in named.items()
        ]

    async def receive(self) -> Mapping[str, Any]:
        """The next piece."""
        if not self._pieces:
            await asyncio.sleep(60)
        piece = self._pieces.pop(0)
        self.received += len(piece)
        is_last = self._is_whole and not self._pieces
        return {"type": "http.request", "body": piece, "more_body": not is_last}

    def body(self, waiting: Waiting | None = None, identify: Any = nobody, **more: Any) -> Body:
        """It within our bounds."""
        waiting = waiting or Waiting()
        return Body(
            self.receive, self.headers, waiting, address="10.0.0.1", identify=identify, **more
        )


async def whole(body: Body) -> bytes:
    """All of a body."""
    parts = []
    while True:
        message = await body.receive()
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


def read(*pieces: bytes, coding: str) -> bytes:
    """A body as a view gets it."""
    return asyncio.run(whole(Sent(*pieces, content_encoding=coding).body()))


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("gzip", zipped(TEXT)), ("GZIP", zipped(TEXT)), ("identity", TEXT),
        ("x-gzip", zipped(TEXT)),
        ("gzip", zipped(TEXT[:50]) + zipped(TEXT[50:])),
        ("deflate", zlib.compress(TEXT)), ("deflate", RAW),
    ],
)  # fmt: skip
def test_a_compressed_body_is_read_however_it_is_cut(coding: str, sent: bytes) -> None:
    assert read(sent, coding=coding) == TEXT
    for size in (1, 7, 64):
        pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
        assert read(*pieces, coding=coding) == TEXT
    assert read(b"", coding=coding) == b""


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("gzip", TEXT), ("gzip", zipped(TEXT)[:-9]), ("gzip", zipped(TEXT) + b"more"),
        ("deflate", TEXT), ("deflate", zlib.compress(TEXT)[:-9]), ("deflate", RAW[:-9]),
        ("deflate", zlib.compress(TEXT) + b"more"), ("gzip", b"\x1f"),
    ],
)  # fmt: skip
def test_what_is_not_what_its_coding_says_is_refused(coding: str, sent: bytes) -> None:
    with pytest.raises(Invalid, match="Content-Encoding"):
        read(sent, coding=coding)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_another_coding_is_named(coding: str) -> None:
    with pytest.raises(UnknownCoding, match=coding):
        read(TEXT, coding=coding)


def test_a_body_may_be_larger_where_parts_of_files_come(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
    pieces = [bytes(1 << 20)] * 6
    with pytest.raises(TooLarge, match="4 MB"):
        asyncio.run(whole(Sent(*pieces).body(identify=somebody)))
    assert len(asyncio.run(whole(Sent(*pieces).body(identify=somebody, most=8 << 20)))) == 6 << 20
    with pytest.raises(TooLarge, match="8 MB"):
        asyncio.run(whole(Sent(*pieces, *pieces).body(identify=somebody, most=8 << 20)))
    with pytest.raises(Unauthenticated):  # without a good key no more than its first piece
        asyncio.run(whole(Sent(*pieces).body(identify=refuse, most=8 << 20)))


@pytest.mark.parametrize(("identify", "most"), [(somebody, 5 << 20), (nobody, 1 << 20)])
def test_a_small_body_cannot_become_a_large_one(
    settings: Settings, identify: Any, most: int
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
    bomb = gzip.compress(b"0" * (1 << 26), 1)
    sent = Sent(bomb, content_encoding="gzip")
    sizes = []

    async def reading() -> None:
        body = sent.body(identify=identify)
        while True:
            sizes.append(len((await body.receive())["body"]))

    with pytest.raises(TooLarge):
        asyncio.run(reading())
    assert most - (1 << 20) <= sum(sizes) <= most
    assert max(sizes) <= 1 << 20


def test_a_body_that_does_not_come_on_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "SILENCE_SECONDS", 0.05)
    with pytest.raises(TooSlow, match="3 bytes"):
        asyncio.run(whole(Sent(b"abc", is_whole=False).body()))
    monkeypatch.setattr(request_bodies, "SILENCE_SECONDS", 60)
    monkeypatch.setattr(request_bodies, "BODY_SECONDS", 0.05)
    with pytest.raises(TooSlow):
        asyncio.run(whole(Sent(b"abc", is_whole=False).body()))


def test_so_many_of_one_client_may_be_unfinished_and_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_bodies, "AT_ONCE_SECONDS", 0.01)
    waiting = Waiting()

    async def attack() -> list[Any]:
        unfinished = [Sent(b"abc", is_whole=False).body(waiting) for _ in range(200)]
        tasks = [asyncio.create_task(whole(body)) for body in unfinished]
        await asyncio.sleep(0.3)
        refused = [task.exception() for task in tasks if task.done()]
        # Who sends a body at once, or none, is answered meanwhile, and so is who has a key.
        assert await whole(Sent(b"all of it").body(waiting)) == b"all of it"
        assert await whole(Sent(b"").body(waiting)) == b""

        async def known() -> Client:
            return KNOWN

        assert await whole(Sent(b"in ", b"pieces").body(waiting, known)) == b"in pieces"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return refused

    refused = asyncio.run(attack())
    assert len(refused) == 200 - request_bodies.WAITING_OF_A_STRANGER
    assert all(isinstance(error, Busy) for error in refused)
    assert not waiting.of_strangers


def test_without_a_good_key_the_rest_is_passed_by() -> None:
    sent = Sent(*[b"x" * 1000] * 50)
    with pytest.raises(Unauthenticated):
        asyncio.run(whole(sent.body(identify=refuse)))
    assert sent.received == 50_000  # so that the client, which reads then, sees the answer


@pytest.mark.parametrize("pieces", [1, 7])
def test_nothing_is_inflated_for_who_has_no_good_key(pieces: int) -> None:
    bomb = gzip.compress(b"0" * (49 << 20))
    size = -(-len(bomb) // pieces)
    cut = [bomb[at : at + size] for at in range(0, len(bomb), size)]
    waiting = Waiting()

    async def attack() -> list[Any]:
        sent = [Sent(*cut, content_encoding="gzip") for _ in range(60)]
        tasks = [whole(one.body(waiting, refuse)) for one in sent]
        return await asyncio.gather(*tasks, return_exceptions=True)

    tracemalloc.start()
    try:
        refused = asyncio.run(attack())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [type(one) for one in refused] == [Unauthenticated] * 60
    assert peak < 8 << 20, peak  # not one was inflated


def test_at_most_two_are_inflated_at_once_and_others_are_answered_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once, most, threads, lock = 0, 0, set(), threading.Lock()
    inflate = inflating.Inflated._inflate

    def counted(self: inflating.Inflated) -> bytes:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            threads.add(threading.get_ident())
        try:
            return inflate(self)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(inflating.Inflated, "_inflate", counted)
    packed = zipped(b"0" * (6 << 20))

    async def reading() -> int:
        sent = [Sent(packed, content_encoding="gzip").body(identify=somebody) for _ in range(8)]
        tasks = [asyncio.create_task(whole(body)) for body in sent]
        turns = 0
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            turns += 1
        assert [len(task.result()) for task in tasks] == [6 << 20] * 8
        return turns

    assert asyncio.run(reading()) > 50  # the loop went on
    assert 1 <= most <= 2
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_where_no_compressed_body_is_expected_it_is_refused(coding: str) -> None:
    sent = Sent(b"x" * 1000, content_encoding=coding)
    with pytest.raises(UnknownCoding, match="expected none"):
        asyncio.run(whole(sent.body(may_be_compressed=False)))
    assert asyncio.run(whole(Sent(TEXT, content_encoding="identity").body())) == TEXT
