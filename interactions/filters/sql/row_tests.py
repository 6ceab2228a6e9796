"""Each condition of a filter as a test in SQL of one interaction."""

from dataclasses import dataclass

from adaptive_site.lib.database.sql import TRUE, Bounds, Sql, joined
from interactions.filters.conditions import HasFeedback
from interactions.textindex.letters import fold
from interactions.textindex.message_texts import has_said, holds, is_builders, other_answers
from interactions.textindex.places import Place


@dataclass(frozen=True, slots=True)
class Row:
    """The interaction that a test is about: the expression of its id, which is within `bounds`.

    `is_alone` keeps the test a look-up for this row. Otherwise PostgreSQL may join all rows with
    the whole of the other table, which is right for counting millions and a disaster for a page.
    """

    id: str
    bounds: Bounds
    is_alone: bool = True

    def exists(self, query: Sql) -> Sql:
        """Whether the query, which names the interaction's id, has a row."""
        fence = " OFFSET 0" if self.is_alone else ""  # what it fences is not made a join
        return Sql(f"EXISTS ({query.text}{fence})", query.params)


def value_test(condition: HasFeedback) -> Sql:
    """Whether the value of `@` compares so."""
    return joined(
        [TRUE, *(Sql(f"@.value {one.sql} %s", (value,)) for one, value in condition.comparisons)],
        " AND ",
    )


def detail_test(condition: HasFeedback, giver: Sql = TRUE) -> Sql:
    """Whether `@` was given for such a reason and by that person."""
    tests = [giver]
    if condition.reasons is not None:
        tests.append(Sql("@.reason = ANY(%s)", (list(condition.reasons),)))
    if condition.because is not None:
        parts = [f"%{_escape_like(fold(text))}%" for text in condition.because]
        said = "search_fold(@.reason) LIKE ANY(%s) OR search_fold(search_details(@.details))"
        tests.append(Sql(f"({said} LIKE ANY(%s))", (parts, parts)))
    return joined(tests, " AND ")


def has_posting(row: Row, project_id: int, label_ids: list[int]) -> Sql:
    """Whether the interaction has any of these labels."""
    span = row.bounds.on("p.interaction_id")
    return row.exists(
        Sql(
            "SELECT 1 FROM interaction_label p WHERE p.project_id = %s"
            f" AND p.label_id = ANY(%s) AND p.interaction_id = {row.id}{span.text}",
            (project_id, label_ids, *span.params),
        )
    )


def has_row(row: Row, test: Sql) -> Sql:
    """Whether `test` holds of the interaction's row, which is `@` in it."""
    if row.id == "d.id":  # the driving list is the table of rows itself
        return Sql(f"({test.text.replace('@', 'd')})", test.params)
    text = test.text.replace("@", "i")
    return row.exists(
        Sql(f"SELECT 1 FROM interaction i WHERE i.id = {row.id} AND {text}", test.params)
    )


def has_feedback(row: Row, test: Sql) -> Sql:
    """Whether the interaction has feedback, which is `@`, for which `test` holds."""
    span = row.bounds.on("f.interaction_id")
    return row.exists(
        Sql(
            f"SELECT 1 FROM feedback f WHERE f.interaction_id = {row.id}{span.text}"
            f" AND {test.text.replace('@', 'f')}",
            (*span.params, *test.params),
        )
    )


def is_compared(row: Row, test: Sql) -> Sql:
    """Whether the interaction is either side of a comparison, which is `@`, that is such."""
    sides = [
        row.exists(
            Sql(
                f"SELECT 1 FROM comparison c WHERE c.{side} = {row.id}"
                f" AND {test.text.replace('@', 'c')}",
                test.params,
            )
        )
        for side in ("preferred_id", "other_id")
    ]
    either = joined(sides, " OR ")
    return Sql(f"({either.text})", either.params)


def contains(row: Row, text: str, place: Place) -> Sql:
    """Whether the text stands in the body, letters that mean the same being the same.

    Of 2.5 KB in ASCII letters this takes 30 µs, of other letters up to 200 µs.
    """
    return _body(row, "search_fold(SAID) LIKE %s", f"%{_escape_like(fold(text))}%", place)


def reads(row: Row, text: str, place: Place) -> Sql:
    """Whether something that is said there is exactly this."""
    return _body(row, "SAID = %s", text, place)


def _body(row: Row, test: str, operand: str, place: Place) -> Sql:
    """A scalar sub-select, not EXISTS: PostgreSQL cannot turn it into a join, so the newest rows
    are tested first and the walk ends with the page.
    """
    tests = []
    if place.has_completion:
        tests += [
            holds("b.completion", test),
            has_said("b.completion_parts", test),
            f"(b.system #> '{{response,choices}}' IS NOT NULL AND EXISTS (SELECT 1 FROM"
            f" ({other_answers('b')}) AS o WHERE {has_said('o.message', test)}))",
        ]
    if place.has_prompt:
        which = {(True, False): f"NOT {_BUILDERS} AND ", (False, True): f"{_BUILDERS} AND "}
        tests.append(
            "EXISTS (SELECT 1 FROM jsonb_path_query(b.messages, '$[*]') AS m(message) WHERE "
            f"{which.get((place.has_turns, place.has_system), '')}{has_said('m.message', test)})"
        )
    either = " OR ".join(tests)
    return Sql(
        f"(SELECT {either} FROM interaction_body b WHERE b.interaction_id = {row.id})",
        (operand,) * either.count("%s"),
    )


_BUILDERS = is_builders("m.message")


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
