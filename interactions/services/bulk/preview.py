"""What a bulk action will change, counted before it is begun, in bounded time.

Over the newest of the selection, and it says over how many: what lies beyond is counted only by
the bulk action itself. What is counted of them is said by the module of each kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from adaptive_site.lib.database.sql import Sql

ROWS_PREVIEWED = 50_000  # of the newest: 0.2 s
VALUES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ReplacedValue:
    """A value that the bulk action removes, and how many interactions have it."""

    name: str
    n: int


@dataclass(slots=True)
class Preview:
    """Counts over the newest `looked_at` of a selection, which are all of it if `is_all`.

    `replaced` have something else now, `same` are as they will be, of `values` most.
    """

    looked_at: int
    is_all: bool
    replaced: int = 0
    same: int = 0
    values: list[ReplacedValue] = field(default_factory=list)
    more_values: int = 0
    feedback: int = 0
    others: int = 0
    comparisons: int = 0
    images: int = 0
    held: int = 0

    @property
    def fresh(self) -> int:
        """How many have nothing yet."""
        return self.looked_at - self.replaced - self.same

    def show(self, values: Sequence[ReplacedValue]) -> None:
        """Show values that go, most frequent first: a few, and how many more there are."""
        self.values = list(values[:VALUES_SHOWN])
        self.more_values = max(0, len(values) - VALUES_SHOWN)

    def split(self, rows: Sequence[tuple[str, int, bool]]) -> None:
        """Tell values that stay from those that go; of each its name, how many, and whether."""
        self.same = sum(n for _, n, is_same in rows if is_same)
        gone = [ReplacedValue(name, n) for name, n, is_same in rows if not is_same]
        self.replaced = sum(value.n for value in gone)
        self.show(gone)


@dataclass(frozen=True, slots=True)
class Previewed:
    """The newest interactions of a selection, over which a preview counts."""

    project_id: int
    ids: list[UUID]
    is_all: bool

    @property
    def rows(self) -> Sql:
        """The interactions as a query with the column `id`."""
        return Sql("SELECT unnest(%s::uuid[]) AS id", (self.ids,))

    def preview(self) -> Preview:
        """A preview in which nothing is counted yet."""
        return Preview(len(self.ids), self.is_all)
