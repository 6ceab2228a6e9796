"""Each condition of a filter as a test in SQL of one interaction.

In a test `@` stands for the alias of the row that is tested.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from adaptive_site.lib.database.sql import FALSE, TRUE, Bounds, Sql, joined
from interactions.filters.conditions import (
    Condition,
    Contains,
    CreatedBy,
    CreatedIn,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasNumber,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Number,
    Reads,
)
from interactions.filters.sql.names import Names
from interactions.filters.tree import And, Not, Or, Tree
from interactions.textindex.letters import fold
from interactions.textindex.message_texts import (
    has_text,
    holds,
    is_system_prompt,
    other_answers,
)
from interactions.textindex.places import Place

_MEASURES = {
    Number.LATENCY: "@.latency_ms",
    Number.TTFT: "@.ttft_ms",
    Number.TOKENS: "(@.prompt_tokens::bigint + @.completion_tokens)",
    Number.PROMPT_TOKENS: "@.prompt_tokens",
    Number.COMPLETION_TOKENS: "@.completion_tokens",
    Number.IMAGES: "@.image_count",
}


@dataclass(frozen=True, slots=True)
class RowUnderTest:
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


@dataclass(frozen=True, slots=True)
class RowTest:
    """A filter whose names are known, to be tested on one interaction."""

    names: Names
    tree: Tree

    def on(self, row: RowUnderTest) -> Sql:
        """Whether the interaction matches."""
        return _test(self.names, self.tree, row)


def value_test(condition: HasFeedback) -> Sql:
    """Whether the value of feedback compares as the condition wants."""
    return joined(
        [TRUE, *(Sql(f"@.value {one.sql} %s", (value,)) for one, value in condition.comparisons)],
        " AND ",
    )


def detail_test(names: Names, condition: HasFeedback) -> Sql:
    """Whether the author and the reason of feedback are what the condition wants."""
    tests = [TRUE if condition.given_by is None else _is_by(names, (condition.given_by,))]
    if condition.reasons is not None:
        tests.append(Sql("@.reason = ANY(%s)", (list(condition.reasons),)))
    if condition.because is not None:
        parts = [f"%{_escape_like(fold(text))}%" for text in condition.because]
        reads = "search_fold(@.reason) LIKE ANY(%s) OR search_fold(search_details(@.details))"
        tests.append(Sql(f"({reads} LIKE ANY(%s))", (parts, parts)))
    return joined(tests, " AND ")


def _test(names: Names, tree: Tree, row: RowUnderTest) -> Sql:
    match tree:
        case And(children):
            return joined([TRUE, *(_test(names, child, row) for child in children)], " AND ")
        case Or(children):
            either = joined([FALSE, *(_test(names, child, row) for child in children)], " OR ")
            return Sql(f"({either.text})", either.params)
        case Not(child):
            inner = _test(names, child, row)
            return Sql(f"NOT ({inner.text})", inner.params)
        case CreatedIn():
            span = tree.ids.on(row.id)
            return Sql(f"(TRUE{span.text})", span.params)
        case HasLabel():
            ids = names.label_ids(tree)
            return _has_posting(row, names.project_id, ids) if ids else FALSE
        case HasFeedback(metric):
            under = _is_under(names, metric)
            if under == FALSE:
                return FALSE
            return _has_feedback(row, under & value_test(tree) & detail_test(names, tree))
        case IsCompared(metric):
            under = _is_under(names, metric)
            return FALSE if under == FALSE else _is_compared(row, under)
        case HasId(one):
            return Sql(f"{row.id} = %s", (one,))
        case Contains(text, place):
            return contains(row, text, place)
        case Reads(text, place):
            return _body(row, "TEXT = %s", text, place)
        case _:
            return _has_row(row, _column_test(names, tree))


def _column_test(names: Names, condition: Condition) -> Sql:
    """The condition as a test of the interaction's own columns; never null."""
    match condition:
        case HasLlm(keys):
            test = "(@.llm_id = ANY(%s) OR @.llm_id IS NULL)"
            if None not in keys:
                test = "@.llm_id IS NOT NULL AND @.llm_id = ANY(%s)"
            return Sql(test, (names.llm_ids(condition),))
        case HasSource(sources):
            return Sql("@.source = ANY(%s)", (list(sources),))
        case InSession(session_id):
            return Sql("@.session_id IS NOT NULL AND @.session_id = %s", (session_id,))
        case HasPrompt(prompt_hash):
            return Sql("@.prompt_hash = %s", (prompt_hash,))
        case HasNumber(number, comparator, value):
            column = _MEASURES[number]
            return Sql(f"{column} IS NOT NULL AND {column} {comparator.sql} %s", (value,))
        case CreatedBy(users, is_account_alone=True):
            ids, _ = names.users(users)
            return Sql("coalesce(@.created_by_id = ANY(%s), FALSE)", (ids,))
        case CreatedBy(users):
            return _is_by(names, users)
        case _:
            raise TypeError(f"no test for {condition!r}")


def _is_by(names: Names, users: Iterable[str]) -> Sql:
    """Whether a row is by one of these users, or came with one of their names; never null."""
    return Sql(
        "(coalesce(@.created_by_id = ANY(%s), FALSE) OR coalesce(@.said_by = ANY(%s), FALSE))",
        names.users(users),
    )


def _is_under(names: Names, metric: str | None) -> Sql:
    """Whether feedback or a comparison is under a metric; FALSE of a metric nobody knows."""
    if metric is None:
        return TRUE
    ids = names.metric_ids(metric)
    return Sql("@.metric_id = %s", (ids[0],)) if ids else FALSE


def _has_posting(row: RowUnderTest, project_id: int, label_ids: list[int]) -> Sql:
    """Whether the interaction has any of these labels."""
    span = row.bounds.on("p.interaction_id")
    return row.exists(
        Sql(
            "SELECT 1 FROM interaction_label p WHERE p.project_id = %s"
            f" AND p.label_id = ANY(%s) AND p.interaction_id = {row.id}{span.text}",
            (project_id, label_ids, *span.params),
        )
    )


def _has_row(row: RowUnderTest, test: Sql) -> Sql:
    """Whether `test` holds of the interaction's own row."""
    if row.id == "d.id":  # the driving list is the table of rows itself
        return Sql(f"({test.text.replace('@', 'd')})", test.params)
    text = test.text.replace("@", "i")
    return row.exists(
        Sql(f"SELECT 1 FROM interaction i WHERE i.id = {row.id} AND {text}", test.params)
    )


def _has_feedback(row: RowUnderTest, test: Sql) -> Sql:
    """Whether the interaction has feedback for which `test` holds."""
    span = row.bounds.on("f.interaction_id")
    return row.exists(
        Sql(
            f"SELECT 1 FROM feedback f WHERE f.interaction_id = {row.id}{span.text}"
            f" AND {test.text.replace('@', 'f')}",
            (*span.params, *test.params),
        )
    )


def _is_compared(row: RowUnderTest, test: Sql) -> Sql:
    """Whether the interaction is either side of a comparison for which `test` holds."""
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


def contains(row: RowUnderTest, text: str, place: Place) -> Sql:
    """Whether the text stands in the body, in whatever letters that mean the same.

    Of 2.5 KB in ASCII letters this takes 30 µs, of other letters up to 200 µs.
    """
    return _body(row, "search_fold(TEXT) LIKE %s", f"%{_escape_like(fold(text))}%", place)


def _body(row: RowUnderTest, test: str, operand: str, place: Place) -> Sql:
    """A scalar sub-select, not EXISTS: PostgreSQL cannot turn it into a join, so the newest rows
    are tested first and the walk ends with the page.
    """
    tests = []
    if place.has_completion:
        tests += [
            holds("b.completion", test),
            has_text("b.completion_parts", test),
            f"(b.system #> '{{response,choices}}' IS NOT NULL AND EXISTS (SELECT 1 FROM"
            f" ({other_answers('b')}) AS o WHERE {has_text('o.message', test)}))",
        ]
    if place.has_prompt:
        which = {(True, False): f"NOT {_BUILDERS} AND ", (False, True): f"{_BUILDERS} AND "}
        tests.append(
            "EXISTS (SELECT 1 FROM jsonb_path_query(b.messages, '$[*]') AS m(message) WHERE "
            f"{which.get((place.has_turns, place.has_system), '')}{has_text('m.message', test)})"
        )
    either = " OR ".join(tests)
    return Sql(
        f"(SELECT {either} FROM interaction_body b WHERE b.interaction_id = {row.id})",
        (operand,) * either.count("%s"),
    )


_BUILDERS = is_system_prompt("m.message")


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
