"""Where an import's rows go: to the database on threads of our own, or only counted."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from adaptive_site.lib.concurrency import database_threads
from adaptive_site.lib.files.hash_counts import HashCounts
from interactions.models import Interaction
from interactions.services.importing import preferences
from interactions.services.importing.checking import BatchRows, CheckedBatch, Here, Kinds, Ruling
from interactions.services.importing.ids import name_of, projects_of, settle
from interactions.services.importing.jsonl import LineBatch
from interactions.services.importing.lines import ImportedPreference
from interactions.services.importing.upkeep import Upkeep
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import log_interactions
from projects.models import Project, User

BATCHES_AHEAD = 3  # batches that may be under way while the next one waits its turn


@dataclass(slots=True)
class StoredCounts:
    """Counts of the rows stored so far; `up_to` is the last line that is stored for good."""

    interactions: int = 0
    interactions_there: int = 0
    comparisons: int = 0
    comparisons_there: int = 0
    made: int = 0  # interactions logged because a comparison needed them
    up_to: str = ""

    def add(self, other: "StoredCounts") -> None:
        """Count what `other` counts."""
        self.interactions += other.interactions
        self.interactions_there += other.interactions_there
        self.comparisons += other.comparisons
        self.comparisons_there += other.comparisons_there
        self.made += other.made

    def since(self, before: "StoredCounts") -> "StoredCounts":
        """What came after `before`, an earlier copy of these counts."""
        return StoredCounts(
            interactions=self.interactions - before.interactions,
            interactions_there=self.interactions_there - before.interactions_there,
            comparisons=self.comparisons - before.comparisons,
            comparisons_there=self.comparisons_there - before.comparisons_there,
            made=self.made - before.made,
        )


class Store(Protocol):
    """Checks batches of lines and stores their rows; leaving the `with` block waits for all."""

    done: StoredCounts

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def check(self, batches: Iterable[LineBatch]) -> Iterator[CheckedBatch]:
        """What each of `batches` is, in order."""

    def check_again(self, kinds: Mapping[str, str]) -> CheckedBatch:
        """The last one once more, now that the kinds of its metrics are known."""

    def put(self, checked: CheckedBatch, ruling: Ruling) -> None:
        """Store the rows of the last one; raises what went wrong with them or with earlier ones."""


class UnderWay:
    """Batches that are being stored, in order, and counts of the batches stored before.

    Preferences, and rows whose external id is in a batch under way, wait for everything
    before them. After a failure `up_to` stays where it is.
    """

    def __init__(
        self,
        done: StoredCounts,
        result: Callable[[int], StoredCounts],
        most: int,
        stored: Callable[[], None],
    ) -> None:
        self._done = done
        self._result = result
        self._most = most
        self._stored = stored
        self._waiting: deque[tuple[CheckedBatch, set[str | None]]] = deque()
        self._has_failed = False

    def make_way(self, checked: CheckedBatch) -> None:
        """Wait until this one may be stored."""
        repeats = any(not others.isdisjoint(checked.names) for _, others in self._waiting)
        self.settle(0 if checked.has_pairs or repeats else self._most)

    def add(self, checked: CheckedBatch) -> None:
        """This one is being stored from now on."""
        self._waiting.append((checked, set(checked.names)))

    def settle(self, most: int = 0) -> None:
        """Count what is done, in order, until at most `most` are under way."""
        while len(self._waiting) > most:
            checked, _ = self._waiting.popleft()
            try:
                self._done.add(self._result(checked.n))
            except BaseException:
                self._has_failed = True
                raise
            if not self._has_failed:
                self._done.up_to = checked.end
                self._stored()


class ImportWriter(Here):
    """Stores on two threads, beside the checking of the next lines.

    Each batch is one transaction (its preferences another). Once one fails, none that has
    not begun is stored, and the failure is raised at the next `put` or at the end.
    """

    def __init__(self, project: Project, *, by: User | None, strict: bool, upkeep: Upkeep) -> None:
        super().__init__(project, by=by, strict=strict)
        self.done = StoredCounts()
        self._project = project
        self._by = by
        self._has_failed = False
        self._futures: dict[int, Future[StoredCounts]] = {}
        self._under_way = UnderWay(self.done, self._result, BATCHES_AHEAD, upkeep.stored)
        # While one waits for PostgreSQL, the other makes its rows. Measured on 2 cores with
        # 37,577 rows: 12.4 s with one thread, 9.6 s with two, no less with three.
        self._threads = [ThreadPoolExecutor(1, "import-writer") for _ in range(2)]

    def __enter__(self) -> Self:
        """Ready at once; the threads start with the first rows."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Wait for what was taken, then give the threads' connections back."""
        try:
            self.settle()
        finally:
            for thread in self._threads:
                database_threads.end(thread)

    def put(self, checked: CheckedBatch, ruling: Ruling) -> None:
        """Queue the rows, waiting for the oldest while too many are queued."""
        self.rows.complete(ruling)
        self._under_way.make_way(checked)
        self._threads.reverse()
        self._futures[checked.n] = self._threads[0].submit(self._store, self.rows)
        self._under_way.add(checked)

    def settle(self) -> None:
        """Wait until all that was put is stored."""
        self._under_way.settle()

    def _result(self, n: int) -> StoredCounts:
        return self._futures.pop(n).result()

    def _store(self, rows: BatchRows) -> StoredCounts:
        if self._has_failed:
            return StoredCounts()
        try:
            return store(self._project, rows, by=self._by)
        except BaseException:
            self._has_failed = True
            raise


def store(project: Project, rows: BatchRows, *, by: User | None) -> StoredCounts:
    """Store complete rows: the interactions in one transaction, the preferences in another."""
    done = StoredCounts()
    drafts, pairs = rows.drafts, rows.pairs
    logged = log_interactions(project, settle(project, drafts))
    done.interactions = sum(one.is_new for one in logged)
    done.interactions_there = len(drafts) - done.interactions
    if pairs:
        compared = preferences.store(project, pairs, by=by)
        done.comparisons = compared.stored
        done.comparisons_there = compared.already_there
        done.made = compared.interactions_made
    return done


class Rehearsal(Here):
    """Counts what storing the rows would do, and writes nothing.

    It remembers what it has seen, since nothing of it will be found in the database: of each
    name a hash of 64 bits.
    """

    def __init__(
        self, project: Project, *, by: User | None, strict: bool, kinds: Kinds = dict
    ) -> None:
        super().__init__(project, by=by, strict=strict, kinds=kinds)
        self.done = StoredCounts()
        self._project = project
        self._names = HashCounts()
        self._sides = HashCounts()
        self._compared = HashCounts()

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing to close."""

    def put(self, checked: CheckedBatch, ruling: Ruling) -> None:
        """Count the rows."""
        self.rows.complete(ruling)
        self._count_interactions(self.rows.drafts)
        self._count_pairs(self.rows.pairs)

    def _count_interactions(self, drafts: Sequence[Draft]) -> None:
        named = {name_of(draft) for draft in drafts}
        names = {name for name in named if self._names.add(hash(name)) == 1}
        rows = Interaction.objects.in_project(self._project).filter(external_id__in=names)
        fresh = names - set(rows.values_list("external_id", flat=True))
        claims = [draft.claims for draft in drafts if draft.claims is not None]
        there = projects_of(claims)
        fresh -= {
            name_of(draft)
            for draft in drafts
            if draft.claims is not None and there.get(draft.claims) == self._project.id
        }
        for draft in drafts:
            self._sides.add(hash(preferences.side_of(draft)))
        self.done.interactions += len(fresh)
        self.done.interactions_there += len(drafts) - len(fresh)

    def _count_pairs(self, pairs: Sequence[ImportedPreference]) -> None:
        there = preferences.already_there(self._project, pairs)
        named = {pair.external_id: pair for pair in pairs if pair.external_id not in there}
        fresh = {name: pair for name, pair in named.items() if self._compared.add(hash(name)) == 1}
        self.done.comparisons += len(fresh)
        self.done.comparisons_there += len(pairs) - len(fresh)
        self.done.made += self._count_missing(fresh.values())

    def _count_missing(self, pairs: Iterable[ImportedPreference]) -> int:
        sides = {
            side: draft
            for side, draft in preferences.sides(pairs).items()
            if hash(side) not in self._sides
        }
        # A model not registered yet has no id to look for, and no interactions either.
        known = {s: draft for s, draft in sides.items() if not draft.llm or draft.llm.pk}
        found = preferences.find(self._project, known)
        for side in sides:
            self._sides.add(hash(side))
        return len(sides) - len(found)
