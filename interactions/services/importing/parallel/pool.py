"""Checking and storing in several processes, each with a connection of its own."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from adaptive_site.lib.errors import DomainError, Invalid
from adaptive_site.lib.processes.spawn import spawn, uninterrupted
from interactions.services.importing.checking import CheckedBatch, Ruling
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.parallel.process import (
    Again,
    Answer,
    Failure,
    Keep,
    Order,
    Result,
)
from interactions.services.importing.stores import StoredCounts, UnderWay
from interactions.services.importing.upkeep import Upkeep
from projects.models import Project, User

EACH = 3  # stretches that a process has at once: one being stored, one checked, one to check
PATIENCE = 10  # seconds for a process to end


class ProcessEnded(DomainError):
    """A process of the import came to an unexpected end."""

    status = 500

    def __init__(self, code: int | None) -> None:
        how = f"was killed by signal {-code}" if code and code < 0 else f"ended with code {code}"
        super().__init__(f"a process of this import {how}; run the same import again")


class Hand:
    """One of the processes, and what it is at."""

    def __init__(self, project: Project, *, by: User | None, strict: bool) -> None:
        self.stretches = 0
        self.is_ready = False
        orders, self._orders = Pipe(duplex=False)
        self.answers, answers = Pipe(duplex=False)
        by_id = None if by is None else by.id
        given = (project.id, by_id, strict, orders, answers)
        self._process = spawn("interactions.services.importing.parallel.process.work", *given)
        orders.close()
        answers.close()

    def tell(self, order: Order) -> None:
        """Give an order. Raises ProcessEnded."""
        try:
            self._orders.send(order)
        except OSError as error:
            raise self._ended() from error

    def hear(self) -> Answer:
        """The next answer. Raises ProcessEnded."""
        try:
            answer: Answer = self.answers.recv()
        except (EOFError, OSError) as error:
            raise self._ended() from error
        return answer

    def close(self) -> None:
        """Let the process end, or end it."""
        self._orders.close()
        self.answers.close()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()

    def _ended(self) -> ProcessEnded:
        self._process.join(PATIENCE)
        return ProcessEnded(self._process.exitcode)


class Processes:
    """Gives each process stretches to check ahead, and tells it in order what to store."""

    def __init__(
        self,
        project: Project,
        *,
        by: User | None,
        strict: bool,
        number: int,
        done: StoredCounts,
        upkeep: Upkeep,
    ) -> None:
        self.done = done
        self._hands = [Hand(project, by=by, strict=strict) for _ in range(number)]
        self._of: dict[int, Hand] = {}
        self._results: dict[int, Result] = {}
        self._under_way = UnderWay(done, self._stored, EACH * number, upkeep.stored)
        self._last: CheckedBatch

    def __enter__(self) -> Self:
        """Started, but not ready yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what is being stored; what was only checked is dropped."""
        try:
            self.settle()
        finally:
            for hand in self._hands:
                hand.close()

    def are_ready(self) -> bool:
        """Whether all processes have come up."""
        for hand in self._hands:
            while not hand.is_ready and hand.answers.poll():
                self._take(hand)
        return all(hand.is_ready for hand in self._hands)

    def check(self, stretches: Iterable[LineBatch]) -> Iterator[CheckedBatch]:
        """What each of `stretches` is, in order; others are being checked meanwhile."""
        source = iter(stretches)
        ahead: deque[int] = deque()
        failure: Invalid | None = None
        has_more = True
        while True:
            while has_more and (hand := self._free()):
                try:
                    stretch = next(source, None)
                except Invalid as error:  # told when what came before is done
                    stretch, failure = None, error
                if stretch is None:
                    has_more = False
                else:
                    self._give(hand, stretch)
                    ahead.append(stretch.n)
            if ahead:
                self._last = self._checked(ahead.popleft())
                yield self._last
            elif has_more:
                self._listen()
            elif failure is not None:
                raise failure
            else:
                return

    def check_again(self, kinds: Mapping[str, str]) -> CheckedBatch:
        """The last one once more, now that the kinds of its metrics are known."""
        n = self._last.n
        self._of[n].tell(Again(n, kinds))
        self._last = self._checked(n)
        return self._last

    def put(self, checked: CheckedBatch, ruling: Ruling) -> None:
        """Have the rows of the last one stored, when those before allow it."""
        self._under_way.make_way(checked)
        with uninterrupted():
            self._of[checked.n].tell(Keep(checked.n, ruling))
            self._under_way.add(checked)

    def settle(self) -> None:
        """Wait until all that was put is stored."""
        self._under_way.settle()

    def _free(self) -> Hand | None:
        """Of the processes with room for another stretch, the one that has fewest."""
        hand = min(self._hands, key=lambda hand: hand.stretches)
        return hand if hand.stretches < EACH else None

    def _give(self, hand: Hand, stretch: LineBatch) -> None:
        with uninterrupted():
            hand.tell(stretch)
            hand.stretches += 1
            self._of[stretch.n] = hand

    def _checked(self, n: int) -> CheckedBatch:
        result = self._result(n)
        assert isinstance(result, CheckedBatch)
        return result

    def _stored(self, n: int) -> StoredCounts:
        result = self._result(n)
        assert isinstance(result, StoredCounts)
        return result

    def _result(self, n: int) -> Result:
        while n not in self._results:
            self._listen()
        result = self._results.pop(n)
        if isinstance(result, Failure):
            raise result.error or RuntimeError(f"in a process of the import:\n{result.trace}")
        return result

    def _listen(self) -> None:
        """Wait until something was answered, and take it."""
        by_answers: dict[object, Hand] = {hand.answers: hand for hand in self._hands}
        for one in wait([hand.answers for hand in self._hands]):
            self._take(by_answers[one])

    def _take(self, hand: Hand) -> None:
        with uninterrupted():
            answer = hand.hear()
            if answer is None:
                hand.is_ready = True
                return
            n, result = answer
            self._results[n] = result
            if isinstance(result, StoredCounts):
                hand.stretches -= 1
                del self._of[n]
