"""Each question put to all sides in turn, every answer checked, and what it cost."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from benchmarks.peers.questions import Filter, Question
from benchmarks.peers.rows import Row
from benchmarks.peers.sides import Connection, Meter, Processor, Request, Side

ROUNDS = 6
ENOUGH = 40.0  # seconds of a question, after which no further round begins
AT_ONCE = 4  # people who ask for the newest
Asked = tuple[Request, Callable[[bytes], bool]]


@dataclass
class Cost:
    """What a side took: milliseconds of each answer, and processor seconds of all of them."""

    took: list[float] = field(default_factory=list)
    processor: Processor = field(default_factory=Processor)
    seconds: float = 0.0

    def add(self, other: "Cost") -> None:
        """Take in another time of the same."""
        self.took += other.took
        self.processor += other.processor
        self.seconds += other.seconds

    @property
    def median(self) -> float:
        """Milliseconds of wall clock."""
        return statistics.median(self.took)

    @property
    def server(self) -> float:
        """Milliseconds of the server's processor an answer."""
        return self.processor.server / len(self.took) * 1000

    @property
    def database(self) -> float:
        """Milliseconds of PostgreSQL's processor an answer."""
        return self.processor.database / len(self.took) * 1000

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds


S = TypeVar("S", bound=Side)


def in_turn(sides: Sequence[S], name: str, ways: Callable[[S], Sequence[Asked]]) -> list[Cost]:
    """Put the ways of a question to one side after the other, some rounds long."""
    costs = [Cost() for _ in sides]
    connections = [Connection(side.server.port) for side in sides]
    asked = [ways(side) for side in sides]
    began = time.perf_counter()
    for round in range(ROUNDS + 1):
        for side, cost, connection, requests in zip(sides, costs, connections, asked, strict=True):
            spent = _block(side, sides, name, connection, requests)
            if round:  # the first one warms up
                cost.add(spent)
        if round > 1 and time.perf_counter() - began > ENOUGH:
            break
    return costs


def _block(
    side: Side, sides: Sequence[Side], name: str, connection: Connection, requests: Sequence[Asked]
) -> Cost:
    """Each way once; the answers are checked afterwards."""
    bodies, took = [], []
    connection.renew()
    meter = Meter(side, sides)
    for request, _ in requests:
        at = time.perf_counter()
        bodies.append(connection.body(request))
        took.append((time.perf_counter() - at) * 1000)
    cost = Cost(took, *meter.read())
    for (request, is_right), body in zip(requests, bodies, strict=True):
        if not is_right(body):
            raise SystemExit(
                f"{side.name} answers {name!r} wrongly: {request.path} {request.body!r}"
            )
    return cost


def of_list(question: Question) -> Callable[[Side], list[Asked]]:
    """The newest 50 of each filter of a question, at least four requests."""

    def ways(side: Side) -> list[Asked]:
        pairs = list(zip(question.filters, question.answers, strict=True))
        return [
            (side.newest(wanted), lambda body, right=right: side.listed(body) == right)  # type: ignore[misc]
            for wanted, right in pairs * -(-4 // len(pairs))
        ]

    return ways


def of_one(rows: Sequence[Row]) -> Callable[[Side], list[Asked]]:
    """Single interactions."""

    def ways(side: Side) -> list[Asked]:
        return [
            (side.one(row), lambda body, row=row: side.shows(body, row))  # type: ignore[misc]
            for row in rows
        ]

    return ways


def crowd(sides: Sequence[Side], right: list[int], *, seconds: float) -> list[Cost]:
    """Several people at once who ask for the newest 50, of one side after the other, twice."""
    costs = [Cost() for _ in sides]
    for _ in range(2):
        for side, cost in zip(sides, costs, strict=True):
            meter, until = Meter(side, sides), time.perf_counter() + seconds
            with ThreadPoolExecutor(AT_ONCE) as pool:
                waits = [pool.submit(_keep_asking, side, right, until) for _ in range(AT_ONCE)]
                for wait in waits:
                    cost.took += wait.result()
            cost.add(Cost([], *meter.read()))
    return costs


def _keep_asking(side: Side, right: list[int], until: float) -> list[float]:
    connection, request, took = Connection(side.server.port), side.newest(Filter()), []
    while time.perf_counter() < until:
        began = time.perf_counter()
        body = connection.body(request)
        took.append((time.perf_counter() - began) * 1000)
        if side.listed(body) != right:
            raise SystemExit(f"{side.name} answers the newest 50 wrongly")
    return took
