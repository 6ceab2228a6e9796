"""Where an import's batches go: to the database on a thread of its own, or only counted."""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from django.db import connection

from interactions.models import Interaction
from interactions.services import preferences
from interactions.services.import_rows import Pair, Row
from interactions.services.incoming import Draft
from interactions.services.log import log_interactions
from interactions.services.preferences import Side
from projects.models import Project, User

AHEAD = 3  # batches that may be under way while the next one waits its turn


@dataclass(slots=True)
class Done:
    """What became of the batches so far; `up_to` is the last line that is stored for good."""

    interactions: int = 0
    interactions_there: int = 0
    comparisons: int = 0
    comparisons_there: int = 0
    made: int = 0  # interactions logged because a comparison needed them
    up_to: str = ""

    def add(self, other: "Done") -> None:
        """Count what `other` counts."""
        self.interactions += other.interactions
        self.interactions_there += other.interactions_there
        self.comparisons += other.comparisons
        self.comparisons_there += other.comparisons_there
        self.made += other.made


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of consecutive lines, the last of them at `up_to`."""

    rows: Sequence[Row]
    up_to: str

    @property
    def names(self) -> set[str | None]:
        """The external ids of its rows."""
        return {row.external_id for row in self.rows}

    @property
    def drafts(self) -> list[Draft]:
        """Its interactions."""
        return [row for row in self.rows if isinstance(row, Draft)]

    @property
    def pairs(self) -> list[Pair]:
        """Its preferences."""
        return [row for row in self.rows if isinstance(row, Pair)]


class Store(Protocol):
    """Takes batches in order; leaving its `with` waits until all are done."""

    done: Done

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def put(self, batch: Batch) -> None:
        """Take a batch; raises what went wrong with it or with an earlier one."""


class Writer:
    """Stores batches on two threads, beside the reading of the next ones.

    Each batch is one transaction (its preferences another). Preferences, and rows whose
    external id is in a batch under way, wait for everything before them. Once a batch fails,
    none that has not begun is stored, and the failure is raised at the next `put` or at the end.
    """

    def __init__(self, project: Project, *, by: User | None) -> None:
        self.done = Done()
        self._project = project
        self._by = by
        self._has_failed = False
        self._stored, self._next_look = 0, 1
        self._under_way: deque[tuple[Batch, Future[Done]]] = deque()
        # While one waits for PostgreSQL, the other makes its rows. Measured on 2 cores with
        # 37,577 rows: 12.4 s with one thread, 9.6 s with two, no less with three.
        self._threads = [ThreadPoolExecutor(1, "import-writer") for _ in range(2)]

    def __enter__(self) -> Self:
        """Ready at once; the threads start with the first batches."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the batches taken, then give the threads' connections back."""
        try:
            self._wait(0)
        finally:
            for thread in self._threads:
                thread.submit(_disconnect).result()
                thread.shutdown()

    def put(self, batch: Batch) -> None:
        """Queue a batch, waiting for the oldest while too many are queued."""
        names = batch.names
        repeats = any(not names.isdisjoint(other.names) for other, _ in self._under_way)
        self._wait(0 if batch.pairs or repeats else AHEAD)
        self._threads.reverse()
        self._under_way.append((batch, self._threads[0].submit(self._store, batch)))

    def _wait(self, most: int) -> None:
        """Take what is done, in order, until at most `most` batches are under way."""
        while len(self._under_way) > most:
            batch, future = self._under_way.popleft()
            done = future.result()
            self.done.add(done)
            self.done.up_to = batch.up_to
            self._stored += 1
            if self._stored == self._next_look:
                self._next_look *= 4
                _look_at_tables()

    def _store(self, batch: Batch) -> Done:
        done = Done()
        if self._has_failed:
            return done
        try:
            drafts, pairs = batch.drafts, batch.pairs
            logged = log_interactions(self._project, drafts)
            done.interactions = sum(one.is_new for one in logged)
            done.interactions_there = len(drafts) - done.interactions
            if pairs:
                compared = preferences.store(self._project, pairs, by=self._by)
                done.comparisons = compared.stored
                done.comparisons_there = compared.already_there
                done.made = compared.interactions_made
        except BaseException:
            self._has_failed = True
            raise
        return done


def _look_at_tables() -> None:
    """Let the planner know of a project that is being filled.

    By statistics from before, a new project has one row: any index that begins with the project
    then looks as good as the one we need, and each look-up reads all its rows (89 s instead of
    10 for 41,379 lines, met in the tests). Autovacuum comes too late for that.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE interaction")


def _disconnect() -> None:
    connection.close()  # looked up here, in the thread it belongs to


class Rehearsal:
    """Counts what storing the batches would do, and writes nothing.

    It remembers what it has seen, since nothing of it will be found in the database: about
    0.3 KB a line.
    """

    def __init__(self, project: Project) -> None:
        self.done = Done()
        self._project = project
        self._names: set[str | None] = set()
        self._sides: set[Side] = set()
        self._compared: set[str | None] = set()

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to close."""

    def put(self, batch: Batch) -> None:
        """Count a batch."""
        self._count_interactions(batch.drafts)
        self._count_pairs(batch.pairs)

    def _count_interactions(self, drafts: Sequence[Draft]) -> None:
        names = {draft.external_id for draft in drafts} - self._names
        rows = Interaction.objects.in_project(self._project).filter(external_id__in=names)
        fresh = names - set(rows.values_list("external_id", flat=True))
        self._names |= names
        self._sides.update(map(_short, map(preferences.side_of, drafts)))
        self.done.interactions += len(fresh)
        self.done.interactions_there += len(drafts) - len(fresh)

    def _count_pairs(self, pairs: Sequence[Pair]) -> None:
        there = preferences.already_there(self._project, pairs) | self._compared
        fresh = {pair.external_id: pair for pair in pairs if pair.external_id not in there}
        self._compared |= fresh.keys()
        self.done.comparisons += len(fresh)
        self.done.comparisons_there += len(pairs) - len(fresh)
        self.done.made += self._count_missing(fresh.values())

    def _count_missing(self, pairs: Iterable[Pair]) -> int:
        sides = {
            side: draft
            for side, draft in preferences.sides(pairs).items()
            if _short(side) not in self._sides
        }
        # A model not registered yet has no id to look for, and no interactions either.
        known = {s: draft for s, draft in sides.items() if not draft.llm or draft.llm.pk}
        found = preferences.find(self._project, known)
        self._sides.update(map(_short, sides))
        return len(sides) - len(found)


def _short(side: Side) -> Side:
    """The same side with its completion's hash in the completion's place."""
    return side[0], side[1], str(hash(side[2]))
