"""The span of ids that a filter's times leave: an id begins with the time of its interaction."""

from collections.abc import Iterable
from uuid import UUID

from adaptive_site.lib.database.sql import Bounds
from adaptive_site.lib.ids import first_id_at
from interactions.filters.conditions import CreatedIn
from interactions.filters.tree import Tree, conjuncts, without


def bounds_of(
    conditions: Iterable[Tree], *, before: UUID | None = None, after: UUID | None = None
) -> Bounds:
    """The ids that satisfy all time conditions among these, older than `before`, newer than
    `after`.
    """
    spans = [one for one in conditions if isinstance(one, CreatedIn)]
    starts = [first_id_at(span.start) for span in spans if span.start is not None]
    ends = [first_id_at(span.end) for span in spans if span.end is not None]
    if before is not None:
        ends.append(before)
    return Bounds(
        least=str(max(starts)) if starts else None,
        below=str(min(ends)) if ends else None,
        above=str(after) if after is not None else None,
    )


def bounds_of_time_alone(tree: Tree) -> Bounds | None:
    """The ids that a filter leaves which has no condition but of time; None of another filter."""
    return None if without(tree, CreatedIn).children else bounds_of(conjuncts(tree))
