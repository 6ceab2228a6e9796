"""Interactions logged: one after the other, and by thirty connections at once."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from benchmarks.loading import END_OF_HEAD, length_of
from benchmarks.peers.measure import Cost
from benchmarks.peers.sides import Connection, Meter, Request, Side

ALONE = 40  # interactions logged one after the other
WARM = 60
CONNECTIONS = 30
ROUNDS = 2
MOST = 1_000_000
Logged = Sequence[Request]  # all that one interaction takes


def logged(sides: Sequence[Side], seconds: float) -> tuple[list[Cost], list[Cost]]:
    """What one after the other costs, and thirty at once for some seconds, of each side.

    Afterwards every interaction that was answered for is in the database, or the run ends.
    """
    left = [_made(side.logging()) for side in sides]
    had = [side.stored() for side in sides]
    sent = [0 for _ in sides]
    alone, together = [Cost() for _ in sides], [Cost() for _ in sides]
    for n, side in enumerate(sides):
        sent[n] += len(_at_once(side, left[n], 3.0, most=WARM).took)
    for _ in range(ROUNDS):
        for n, side in enumerate(sides):
            spent = _alone(side, left[n], ALONE // ROUNDS)
            alone[n].add(spent)
            sent[n] += len(spent.took)
    for _ in range(ROUNDS):
        for n, side in enumerate(sides):
            spent = _at_once(side, left[n], seconds / ROUNDS)
            together[n].add(spent)
            sent[n] += len(spent.took)
    for side, before, number in zip(sides, had, sent, strict=True):
        if side.stored() - before != number:
            found = side.stored() - before
            raise SystemExit(f"{side.name} has {found} new interactions of {number} it answered")
    return alone, together


def _made(left: Iterator[Logged]) -> Iterator[Logged]:
    """The same, with whatever comes before the first of them done."""
    return chain([next(left)], left)


def _alone(side: Side, left: Iterator[Logged], number: int) -> Cost:
    connection, took = Connection(side.server.port), []
    meter = Meter(side)
    for requests in islice(left, number):
        at = time.perf_counter()
        for request in requests:
            connection.body(request)
        took.append((time.perf_counter() - at) * 1000)
    return Cost(took, *meter.read())


def _at_once(side: Side, left: Iterator[Logged], seconds: float, most: int = MOST) -> Cost:
    meter = Meter(side)
    took = asyncio.run(_thirty(side.server.port, left, time.perf_counter() + seconds, most))
    return Cost(took, *meter.read())


async def _thirty(port: int, left: Iterator[Logged], until: float, most: int) -> list[float]:
    took: list[float] = []
    begun = 0

    async def keep_logging() -> None:
        nonlocal begun
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        is_closed = False
        while time.perf_counter() < until and begun < most and (requests := next(left, None)):
            begun += 1
            at = time.perf_counter()
            for request in requests:
                if is_closed:  # a process with more to do than another asks for that
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request.on_the_wire())
                head = await reader.readuntil(END_OF_HEAD)
                body = await reader.readexactly(length_of(head))
                if is_closed := b"connection: close" in head.lower():
                    writer.close()
                if head[9:12] not in (b"200", b"201"):
                    raise SystemExit(f"{request.path}: {head[9:12]!r} {body[:300]!r}")
            took.append((time.perf_counter() - at) * 1000)
        writer.close()

    await asyncio.gather(*(keep_logging() for _ in range(CONNECTIONS)))
    return took
