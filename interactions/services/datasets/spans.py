"""Positions of records as PostgreSQL writes ranges of numbers: short for many neighbours."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from adaptive_site.lib.database.sql import Sql


def at(spans: str) -> Sql:
    """The test whether a row is at a position that `of` has written."""
    return Sql(
        "position >= lower(%s::int8multirange) AND position < upper(%s::int8multirange)"
        " AND position <@ %s::int8multirange",
        (spans, spans, spans),
    )


def of(positions: Iterable[int]) -> str:
    """Positions as PostgreSQL writes ranges of numbers: few letters for many that are neighbours.

    >>> of([3, 1, 2, 7])
    '{[1,4),[7,8)}'
    """
    ordered = sorted(set(positions))
    if not ordered:
        return "{}"
    ends = [one for one, after in pairwise(ordered) if after != one + 1] + [ordered[-1]]
    starts = [ordered[0]] + [after for one, after in pairwise(ordered) if after != one + 1]
    return "{" + ",".join(f"[{a},{b + 1})" for a, b in zip(starts, ends, strict=True)) + "}"


def joined(spans: str, more: str) -> str:
    """Spans, and others whose positions are all behind theirs.

    >>> joined("{[1,4),[7,8)}", "{[8,9),[11,12)}")
    '{[1,4),[7,9),[11,12)}'
    """
    return as_ranges([*ranges(spans), *ranges(more)])


def ranges(spans: str) -> list[tuple[int, int]]:
    """The first position of each span, and the one behind its last.

    >>> ranges("{[1,4),[7,8)}")
    [(1, 4), (7, 8)]
    """
    pairs = (one.split(",") for one in spans[2:-2].split("),[")) if len(spans) > 2 else ()
    return [(int(start), int(end)) for start, end in pairs]


def as_ranges(found: Sequence[tuple[int, int]]) -> str:
    """Ranges in their order as spans; those that touch become one."""
    whole: list[tuple[int, int]] = []
    for start, end in found:
        if whole and whole[-1][1] == start:
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return "{" + ",".join(f"[{start},{end})" for start, end in whole) + "}"


def first_of(spans: str, after: int, n: int) -> tuple[str, int]:
    """The first `n` positions of spans behind `after`, as spans, and how many these are.

    >>> first_of("{[1,4),[7,10)}", 2, 3)
    ('{[3,4),[7,9)}', 3)
    """
    found: list[tuple[int, int]] = []
    left = n
    for start, end in ranges(spans):
        first = max(start, after + 1)
        if first < end and left:
            found.append((first, min(end, first + left)))
            left -= found[-1][1] - first
    return as_ranges(found), n - left
