"""Checking and storing in several processes, each with a connection of its own."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import ParamSpec, Self, TypeVar

from adaptive_site.lib.errors import DomainError, Invalid
from adaptive_site.lib.processes.spawn import pool_of_one
from interactions.services.importing.checking import CheckedBatch, Ruling
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.parallel import process
from interactions.services.importing.stores import StoredCounts, UnderWay
from interactions.services.importing.upkeep import Upkeep
from projects.models import Project, User

# Batches that a process has at once: one being stored, one checked, one to check.
BATCHES_PER_PROCESS = 3

P = ParamSpec("P")
T = TypeVar("T")


class ProcessEnded(DomainError):
    """A process of the import came to an unexpected end."""

    status = 500

    def __init__(self, code: int | None) -> None:
        how = f"was killed by signal {-code}" if code and code < 0 else f"ended with code {code}"
        super().__init__(f"a process of this import {how}; run the same import again")


class ImportProcess:
    """One of the processes. What was asked of it first, it does first."""

    def __init__(self, project: Project, *, by: User | None, strict: bool) -> None:
        others = multiprocessing.active_children()
        self._pool = pool_of_one(process.__name__)
        by_id = None if by is None else by.id
        self._begun = self._pool.submit(process.begin, project.id, by_id, strict)
        self._checks: deque[Future[CheckedBatch]] = deque(maxlen=BATCHES_PER_PROCESS)
        (self.process,) = set(multiprocessing.active_children()) - set(others)

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
        """Have the process do `work`; call the answer for the result. Raises ProcessEnded."""
        future = self._told(lambda: self._pool.submit(work, *args, **kwargs))
        return lambda: self._told(future.result)

    def check(self, batch: LineBatch) -> Callable[[], CheckedBatch]:
        """Have the process check a batch; call the answer for the result. Raises ProcessEnded."""
        future = self._told(lambda: self._pool.submit(process.check, batch))
        self._checks.append(future)
        return lambda: self._told(future.result)

    def is_ready(self) -> bool:
        """Whether the process has come up. Raises what kept it from doing so."""
        if not self._begun.done():
            return False
        self._told(self._begun.result)
        return True

    def drop_checks(self) -> None:
        """Do no checks that have not begun; what is to be stored stays."""
        for check in self._checks:
            check.cancel()

    def close(self) -> None:
        """Wait for what the process is at, and end it."""
        self._pool.shutdown(cancel_futures=True)

    def _told(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except BrokenProcessPool as error:
            self._pool.shutdown()  # which learns how the process ended
            raise ProcessEnded(self.process.exitcode) from error


class Processes:
    """Gives each process batches to check ahead, and tells it in order what to store."""

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
        self.workers = [ImportProcess(project, by=by, strict=strict) for _ in range(number)]
        self._stores: dict[int, Callable[[], StoredCounts]] = {}
        self._under_way = UnderWay(done, self._stored, number, upkeep.stored)
        self._last: CheckedBatch

    def __enter__(self) -> Self:
        """Started, but not ready yet."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Wait for what is being stored; what was only checked is dropped."""
        for worker in self.workers:
            worker.drop_checks()  # else what is to be stored would wait for them
        try:
            self.settle()
        finally:
            for worker in self.workers:
                worker.close()

    def are_ready(self) -> bool:
        """Whether all processes have come up."""
        return all(worker.is_ready() for worker in self.workers)

    def check(self, batches: Iterable[LineBatch]) -> Iterator[CheckedBatch]:
        """What each of `batches` is, in order; others are being checked meanwhile."""
        source = self._begin(batches)
        ahead = deque(islice(source, (BATCHES_PER_PROCESS - 1) * len(self.workers)))
        while ahead:
            self._last = ahead.popleft()()
            yield self._last
            ahead.extend(islice(source, 1))

    def check_again(self, kinds: Mapping[str, str]) -> CheckedBatch:
        """The last one once more, now that the kinds of its metrics are known."""
        n = self._last.n
        self._last = self._worker(n).submit(process.check_again, n, kinds)()
        return self._last

    def put(self, checked: CheckedBatch, ruling: Ruling) -> None:
        """Have the rows of the last one stored, when those before allow it."""
        self._under_way.make_way(checked)
        n = checked.n
        self._stores[n] = self._worker(n).submit(process.keep, n, ruling)
        self._under_way.add(checked)

    def settle(self) -> None:
        """Wait until all that was put is stored."""
        self._under_way.settle()

    def _begin(self, batches: Iterable[LineBatch]) -> Iterator[Callable[[], CheckedBatch]]:
        """Have one more batch checked whenever the next of its results is asked for."""
        try:
            for batch in batches:
                yield self._worker(batch.n).check(batch)
        except Invalid as error:  # told when what came before is done
            damaged: Future[CheckedBatch] = Future()
            damaged.set_exception(error)
            yield damaged.result

    def _worker(self, n: int) -> ImportProcess:
        return self.workers[n % len(self.workers)]

    def _stored(self, n: int) -> StoredCounts:
        return self._stores.pop(n)()
