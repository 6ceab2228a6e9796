"""A process that checks stretches of lines and stores their rows, as it is told by an import."""

import gc
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from traceback import format_exc
from typing import TypeAlias

from adaptive_site.lib.errors import DomainError
from interactions.services.importing.checking import BatchRows, CheckedBatch, Checker, Ruling
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.stores import StoredCounts, store
from projects.models import Project, User


@dataclass(frozen=True, slots=True)
class Again:
    """Check the `n`-th stretch once more, with these kinds of new metrics."""

    n: int
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Keep:
    """Store the rows of the `n`-th stretch."""

    n: int
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: an error to be raised, and where it came from."""

    error: DomainError | None
    trace: str


Order: TypeAlias = LineBatch | Again | Keep
Result: TypeAlias = CheckedBatch | StoredCounts | Failure
Answer: TypeAlias = tuple[int, Result] | None  # for the n-th stretch; None: ready to begin


def work(
    project_id: int, by_id: int | None, strict: bool, orders: Connection, answers: Connection
) -> None:
    """Do what `orders` say until they end; rows that nobody wants stored by then are dropped."""
    gc.set_threshold(100_000, 50, 100)
    gc.freeze()
    project = Project.objects.get(id=project_id)
    by = None if by_id is None else User.objects.get(id=by_id)
    desk = _Desk(project, by=by, strict=strict)
    inbox: SimpleQueue[Order | None] = SimpleQueue()
    # The pipe is emptied at once: whoever gives orders never waits for whoever answers.
    Thread(target=_receive, args=(orders, inbox), daemon=True).start()
    try:
        answers.send(None)
        for order in _in_turn(inbox):
            answers.send((order.n, desk.do(order)))
    except BrokenPipeError:
        pass  # nobody is left who wants to know


def _receive(orders: Connection, inbox: "SimpleQueue[Order | None]") -> None:
    try:
        while True:
            inbox.put(orders.recv())
    except (EOFError, OSError):
        inbox.put(None)


def _in_turn(inbox: "SimpleQueue[Order | None]") -> Iterator[Order]:
    """Orders as they come, but those that others wait for before stretches to be checked."""
    urgent: deque[Again | Keep] = deque()
    later: deque[LineBatch] = deque()
    is_over = False
    while True:
        while not is_over and not (inbox.empty() and (urgent or later)):
            order = inbox.get()
            if order is None:
                is_over = True
            elif isinstance(order, LineBatch):
                later.append(order)
            else:
                urgent.append(order)
        if urgent:
            yield urgent.popleft()
        elif later and not is_over:
            yield later.popleft()
        else:
            return


class _Desk:
    """The stretches at hand: checked, and not stored yet."""

    def __init__(self, project: Project, *, by: User | None, strict: bool) -> None:
        self._project = project
        self._by = by
        self._checker = Checker(project, by=by, strict=strict)
        self._rows: dict[int, BatchRows] = {}
        self._has_failed = False

    def do(self, order: Order) -> Result:
        """Do it; once rows could not be stored, no others are."""
        try:
            if isinstance(order, Keep):
                rows = self._rows.pop(order.n)
                rows.complete(order.ruling)
                return (
                    StoredCounts() if self._has_failed else store(self._project, rows, by=self._by)
                )
            if isinstance(order, Again):
                rows = self._checker.check(self._rows[order.n].batch, order.kinds)
            else:
                rows = self._checker.check(order)
            self._rows[order.n] = rows
            return rows.checked
        except Exception as error:
            self._has_failed = True
            return Failure(error if isinstance(error, DomainError) else None, format_exc())
