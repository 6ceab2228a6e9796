"""Work that many coroutines ask for at the same time, done together in one thread."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from adaptive_site.lib.errors import DomainError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Busy(DomainError):
    """Too much is waiting already."""

    status = 503


@dataclass(slots=True)
class _Asked(Generic[Item, Result]):
    item: Item
    answer: asyncio.Future[Result]


class Batcher(Generic[Item, Result]):
    """Does `work` for lists of items, each list being all that waited when the last was done.

    So nothing waits for a clock: an item that comes alone is worked on at once, and under load
    a list grows to what came in during the one before. `work` begins after every item of its
    list was asked for, and returns for each, in order, its result or the exception to raise; if
    it raises itself, everyone gets that. It runs in one thread, which keeps its database
    connection, and which ends with the process once nothing waits.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[Item]], Sequence[Result | Exception]],
        *,
        most: int,
        room: int = 5000,
    ) -> None:
        """Do at most `most` items at a time; from `room` waiting on, refuse with Busy."""
        self._work = work
        self._most = most
        self._room = room
        self._waiting: deque[_Asked[Item, Result]] = deque()
        self._is_running = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def ask(self, item: Item) -> Result:
        """The result for `item`, once its list is done."""
        if len(self._waiting) >= self._room:
            raise Busy("too many requests are waiting for the database; try again later")
        asked: _Asked[Item, Result] = _Asked(item, asyncio.get_running_loop().create_future())
        # No lock: whoever held it while waiting for Python's own would hold up the event loop,
        # for a fifth of its time as measured.
        self._waiting.append(asked)
        if not self._is_running:
            self._is_running = True
            self._thread.submit(self._run)
        return await asked.answer

    def _run(self) -> None:
        while True:
            while batch := self._next():
                self._do(batch)
            self._is_running = False
            # Whoever came in between may have seen us running. If they have not, we are
            # started twice: one after the other, as there is one thread.
            if not self._waiting:
                return
            self._is_running = True

    def _next(self) -> list[_Asked[Item, Result]]:
        n = min(len(self._waiting), self._most)
        return [self._waiting.popleft() for _ in range(n)]

    def _do(self, batch: list[_Asked[Item, Result]]) -> None:
        results: list[Result | Exception]
        try:
            results = list(self._work([asked.item for asked in batch]))
            if len(results) != len(batch):
                raise AssertionError(f"{len(results)} results for {len(batch)} items")
        except Exception as error:
            results = [error] * len(batch)
        # A process has one event loop; waking it up once is cheaper than for each answer.
        loop = batch[0].answer.get_loop()
        if not loop.is_closed():
            answers = [asked.answer for asked in batch]
            loop.call_soon_threadsafe(_answer, list(zip(answers, results, strict=True)))


def _answer(answers: list[tuple[asyncio.Future[Result], Result | Exception]]) -> None:
    for future, result in answers:
        if future.cancelled():  # whoever asked has gone; the work is done all the same
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
