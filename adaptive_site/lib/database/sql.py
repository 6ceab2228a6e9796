"""Pieces of SQL with their parameters, what they find, and spans of ids that they repeat."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Sql:
    """Text with `%s` places, and what goes there."""

    text: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: "Sql") -> "Sql":
        return Sql(f"{self.text} AND {other.text}", self.params + other.params)


TRUE = Sql("TRUE")
FALSE = Sql("FALSE")


def joined(pieces: Iterable[Sql], by: str) -> Sql:
    """The pieces with `by` between them, such as ` AND `."""
    pieces = list(pieces)
    return Sql(by.join(piece.text for piece in pieces), sum((p.params for p in pieces), ()))


def fetch(query: Sql) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@dataclass(frozen=True, slots=True)
class Bounds:
    """A span of ids; every list that is read repeats it.

    Without the repetition the bound is not carried to the second of two joined lists, and a
    deep page reads that list from its top: 69 ms against 1.5 ms at 1 M rows.
    """

    least: str | None = None  # inclusive
    below: str | None = None  # exclusive
    above: str | None = None  # exclusive

    def __and__(self, other: "Bounds") -> "Bounds":
        return Bounds(
            least=max(filter(None, (self.least, other.least)), default=None),
            below=min(filter(None, (self.below, other.below)), default=None),
            above=max(filter(None, (self.above, other.above)), default=None),
        )

    def on(self, column: str) -> Sql:
        """The span as a test of `column`, with a leading AND; empty when open on all sides."""
        tests = [
            Sql(f" AND {column} {sign} %s::uuid", (bound,))
            for sign, bound in ((">=", self.least), ("<", self.below), (">", self.above))
            if bound is not None
        ]
        return joined(tests, "")
