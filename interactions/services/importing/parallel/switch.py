"""Storing in this process while an import is small, and in several once it is large."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from types import TracebackType
from typing import Self

from interactions.services.importing.checking import CheckedBatch, Ruling
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.parallel.pool import Processes
from interactions.services.importing.stores import ImportWriter
from interactions.services.importing.upkeep import Upkeep
from projects.models import Project, User

# The processes take a second to come up, and the work goes on till then.
BATCHES_OF_A_LARGE_IMPORT = 5


class Growing:
    """A Writer that hands over to Processes."""

    def __init__(
        self, project: Project, *, by: User | None, strict: bool, upkeep: Upkeep, number: int
    ) -> None:
        self._project = project
        self._by = by
        self._strict = strict
        self._upkeep = upkeep
        self._number = number
        self._writer = ImportWriter(project, by=by, strict=strict, upkeep=upkeep)
        self._processes: Processes | None = None
        self._now: ImportWriter | Processes = self._writer
        self._batches = 0
        self._open = ExitStack()
        self.done = self._writer.done

    def __enter__(self) -> Self:
        """Ready at once."""
        self._open.enter_context(self._writer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for all that is being stored."""
        self._open.__exit__(kind, error, trace)

    def check(self, batches: Iterable[LineBatch]) -> Iterator[CheckedBatch]:
        """What each of `batches` is, in order."""
        source = iter(batches)
        while self._now is self._writer:
            batch = next(source, None)
            if batch is None:
                return
            if self._is_time():
                self._writer.settle()
                self._now = self._processes or self._now
                source = chain([batch], source)
            else:
                yield from self._writer.check([batch])
        yield from self._now.check(source)

    def check_again(self, kinds: Mapping[str, str]) -> CheckedBatch:
        """The last one once more, now that the kinds of its metrics are known."""
        return self._now.check_again(kinds)

    def put(self, checked: CheckedBatch, ruling: Ruling) -> None:
        """Store the rows of the last one."""
        self._now.put(checked, ruling)

    def _is_time(self) -> bool:
        """Whether the processes are to take over; started once the import proves large."""
        self._batches += 1
        if self._processes is None and self._batches > BATCHES_OF_A_LARGE_IMPORT:
            self._processes = self._open.enter_context(
                Processes(
                    self._project,
                    by=self._by,
                    strict=self._strict,
                    number=self._number,
                    done=self.done,
                    upkeep=self._upkeep,
                )
            )
        return self._processes is not None and self._processes.are_ready()
