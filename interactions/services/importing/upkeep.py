"""What tables need while an import fills them: statistics for the planner, compacted roll-ups."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from django.db import connection

from adaptive_site.lib.concurrency import database_threads
from interactions.services.rollups import compaction
from projects.models import Project

FOLD_EVERY = 100  # batches


class Upkeep:
    """Does it on a thread of its own, so that nothing waits; leaving its `with` folds the rest."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._stored, self._next_look = 0, 1
        self._thread = ThreadPoolExecutor(1, "import-upkeep")
        self._last: Future[object] | None = None

    def __enter__(self) -> Self:
        """Ready at once; the thread starts with the first work."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Fold what is left; after a failure that is for a worker to do."""
        try:
            if kind is None:
                self._do(lambda: compaction.compact(self._project))
                self._wait()
        finally:
            database_threads.end(self._thread)

    def stored(self) -> None:
        """Note that another batch of lines is stored."""
        self._stored += 1
        if self._stored == self._next_look:
            self._next_look *= 4
            self._do(_look_at_tables)
        if self._stored % FOLD_EVERY == 0:
            self._do(lambda: compaction.compact(self._project))

    def _do(self, work: Callable[[], object]) -> None:
        if self._last is not None and self._last.done():
            self._wait()  # it may have failed
        self._last = self._thread.submit(work)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()


def _look_at_tables() -> None:
    """Let the planner know of a project that is being filled.

    By statistics from before, a new project has one row: any index that begins with the project
    then looks as good as the one we need, and each look-up reads all its rows (89 s instead of
    10 for 41,379 lines, met in the tests). Autovacuum comes too late for that.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE interaction")
