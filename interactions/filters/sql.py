"""Pieces of SQL with their parameters, and each condition as a list or as a test of one id."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .conditions import HasFeedback, Place


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


@dataclass(frozen=True, slots=True)
class Bounds:
    """A span of ids; every list that is read repeats it.

    Without the repetition the bound is not carried to the second of two joined lists, and a
    deep page reads that list from its top: 69 ms against 1.5 ms at 1 M rows.
    """

    least: str | None = None  # inclusive
    below: str | None = None  # exclusive
    above: str | None = None  # exclusive

    def on(self, column: str) -> Sql:
        """The span as a test of `column`, with a leading AND; empty when open on all sides."""
        tests = [
            Sql(f" AND {column} {sign} %s::uuid", (bound,))
            for sign, bound in ((">=", self.least), ("<", self.below), (">", self.above))
            if bound is not None
        ]
        return joined(tests, "")


@dataclass(frozen=True, slots=True)
class List:
    """A list of interaction ids that an index holds in their order.

    `table` restricted by `where`, where `@` stands for the table's alias; its ids are in
    `column`. `is_distinct` says that no id stands twice (feedback may: two people, one verdict).
    """

    table: str
    column: str
    where: Sql
    is_distinct: bool = True

    def within(self, bounds: Bounds, alias: str = "d") -> Sql:
        """The tests of the list under `alias`, between `bounds`."""
        span = bounds.on(f"{alias}.{self.column}")
        return Sql(self.where.text.replace("@", alias) + span.text, self.where.params + span.params)


def project_list(project_id: int) -> List:
    """All interactions of the project."""
    return List("interaction", "id", Sql("@.project_id = %s", (project_id,)))


def label_list(project_id: int, label_id: int) -> List:
    """The posting list of one label."""
    return List(
        "interaction_label",
        "interaction_id",
        Sql("@.project_id = %s AND @.label_id = %s", (project_id, label_id)),
    )


def row_list(project_id: int, column: str, value: Any) -> List:
    """The interactions whose `column` (model, session, prompt hash) is `value`."""
    return List(
        "interaction",
        "id",
        Sql(f"@.project_id = %s AND @.{column} = %s", (project_id, value)),
    )


def one_list(project_id: int, id: UUID) -> List:
    """The interaction with this id alone."""
    return List("interaction", "id", Sql("@.project_id = %s AND @.id = %s", (project_id, id)))


def feedback_test(condition: HasFeedback, metric_id: int | None, giver_id: int | None) -> Sql:
    """Whether a row of feedback, which is `@`, is such; None for an id leaves it open."""
    tests = [Sql(f"@.value {one.sql} %s", (value,)) for one, value in condition.comparisons]
    if metric_id is not None:
        tests.insert(0, Sql("@.metric_id = %s", (metric_id,)))
    if condition.reasons is not None:
        tests.append(Sql("@.reason = ANY(%s)", (list(condition.reasons),)))
    if giver_id is not None:
        tests.append(Sql("@.created_by_id = %s", (giver_id,)))
    return joined(tests, " AND ") if tests else TRUE


def feedback_list(test: Sql) -> List:
    """The interactions with such feedback."""
    return List("feedback", "interaction_id", test, is_distinct=False)


def has_posting(id: str, project_id: int, label_ids: list[int], bounds: Bounds) -> Sql:
    """Whether the interaction has any of these labels."""
    span = bounds.on("p.interaction_id")
    return Sql(
        "EXISTS (SELECT 1 FROM interaction_label p WHERE p.project_id = %s"
        f" AND p.label_id = ANY(%s) AND p.interaction_id = {id}{span.text})",
        (project_id, label_ids, *span.params),
    )


def has_row(id: str, test: Sql) -> Sql:
    """Whether `test` holds of the interaction's row, which is `@` in it."""
    if id == "d.id":  # the driving list is the table of rows itself
        return Sql(test.text.replace("@", "d"), test.params)
    return Sql(
        f"EXISTS (SELECT 1 FROM interaction i WHERE i.id = {id} AND {test.text.replace('@', 'i')})",
        test.params,
    )


def has_feedback(id: str, test: Sql, bounds: Bounds) -> Sql:
    """Whether the interaction has such feedback."""
    span = bounds.on("f.interaction_id")
    return Sql(
        f"EXISTS (SELECT 1 FROM feedback f WHERE f.interaction_id = {id}{span.text}"
        f" AND {test.text.replace('@', 'f')})",
        (*span.params, *test.params),
    )


def is_compared(id: str, metric_id: int | None) -> Sql:
    """Whether the interaction is either side of a comparison."""
    under = TRUE if metric_id is None else Sql("c.metric_id = %s", (metric_id,))
    sides = [
        Sql(f"EXISTS (SELECT 1 FROM comparison c WHERE c.{side} = {id} AND {under.text})")
        for side in ("preferred_id", "other_id")
    ]
    return Sql(f"({sides[0].text} OR {sides[1].text})", under.params * 2)


# The strings a person reads in a message: its content, or its parts' text. `lax` paths let one
# expression see both.
_PROMPT_TEXT = (
    "EXISTS (SELECT 1 FROM jsonb_path_query(b.messages, '$[*].content[*]') AS c(part)"
    " WHERE CASE jsonb_typeof(c.part) WHEN 'string' THEN c.part #>> '{}'"
    " ELSE c.part ->> 'text' END %s)"
)


def contains(id: str, text: str, place: Place) -> Sql:
    """Whether the text stands in the body.

    Taking 2.5 KB of messages apart costs 22 µs; testing them as one JSON text first (27 µs)
    never made it cheaper.
    """
    return _body(id, "ILIKE %s", f"%{_escape_like(text)}%", place)


def reads(id: str, text: str, place: Place) -> Sql:
    """Whether the completion, or a text of the prompt, is exactly this."""
    return _body(id, "= %s", text, place)


def _body(id: str, comparison: str, operand: str, place: Place) -> Sql:
    """A scalar sub-select, not EXISTS: PostgreSQL cannot turn it into a join, so the newest rows
    are tested first and the walk ends with the page.
    """
    tests = []
    if place != Place.PROMPT:
        tests.append(Sql(f"b.completion {comparison}", (operand,)))
    if place != Place.COMPLETION:
        tests.append(Sql(_PROMPT_TEXT.replace("%s", comparison), (operand,)))
    test = joined(tests, " OR ")
    return Sql(
        f"(SELECT {test.text} FROM interaction_body b WHERE b.interaction_id = {id})", test.params
    )


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
