"""Why an interaction is, or is not, among a filter's rows: each condition, true or false of it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from adaptive_site.lib.database.sql import Sql, fetch, joined
from interactions.filters import feedback_text
from interactions.filters.conditions import (
    Condition,
    CreatedBy,
    CreatedIn,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasNumber,
    HasSource,
    InSession,
    Number,
)
from interactions.filters.query import english
from interactions.filters.sql.queries import row_tests
from interactions.filters.tree import And, Not, Or, Tree, conditions_of
from interactions.models import Interaction
from interactions.services.browsing import filter_words, rows
from interactions.services.browsing.rows import Row
from projects.models import Project, User


@dataclass(frozen=True, slots=True)
class TestedPart:
    """A part of the filter, true or false of the interaction.

    A condition has words and says what the interaction `has`; a group says how many of its
    `parts` must hold.
    """

    is_true: bool
    said: tuple[str, str, str] = ("", "", "")
    has: str = ""
    parts: tuple["TestedPart", ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """An interaction, and the filter with each part tested on it."""

    interaction: Interaction
    result: TestedPart


def explain(project: Project, tree: Tree, id: UUID) -> Explanation | None:
    """The filter's parts tested on one interaction; None when the project does not have it."""
    found = rows.rows(project, [id])
    if not found:
        return None
    (row,) = found
    truths = _truths(project, tree, id)
    yes_no = filter_words.yes_no(project, tree)
    return Explanation(row.interaction, _tested(tree, row, truths, is_not=False, yes_no=yes_no))


def _truths(project: Project, tree: Tree, id: UUID) -> dict[Condition, bool]:
    """Every condition of the tree tested in one query."""
    conditions = list(dict.fromkeys(conditions_of(tree)))
    if not conditions:
        return {}
    tests = joined(map(_truth, row_tests(project, conditions, "d.id")), ", ")
    ((*answers,),) = fetch(
        Sql(
            f"SELECT {tests.text} FROM interaction d WHERE d.project_id = %s AND d.id = %s",
            (*tests.params, project.id, id),
        )
    )
    return dict(zip(conditions, answers, strict=True))


def _truth(test: Sql) -> Sql:
    return Sql(f"coalesce(({test.text}), FALSE)", test.params)


def _tested(
    tree: Tree, row: Row, truths: dict[Condition, bool], *, is_not: bool, yes_no: Collection[str]
) -> TestedPart:
    match tree:
        case And(children) | Or(children):
            parts = tuple(
                _tested(child, row, truths, is_not=False, yes_no=yes_no) for child in children
            )
            is_and = isinstance(tree, And)
            is_true = (all if is_and else any)(part.is_true for part in parts)
            many = ("not all" if is_not else "all") if is_and else "at least one"
            if is_not and not is_and:
                many = "none"
            return TestedPart(is_true is not is_not, (many, "", ""), parts=parts)
        case Not(And() | Or() as child):
            return _tested(child, row, truths, is_not=not is_not, yes_no=yes_no)
        case Not(Not() as child):
            return _tested(child.child, row, truths, is_not=is_not, yes_no=yes_no)
        case Not(child):
            return _tested(child, row, truths, is_not=not is_not, yes_no=yes_no)
        case _:
            said = english.condition(tree, is_not=is_not, yes_no=yes_no)
            return TestedPart(truths[tree] is not is_not, said, _has(tree, row))


def _has(condition: Condition, row: Row) -> str:
    """What the interaction has of what the condition asks about; "" where it cannot be said."""
    one = row.interaction
    match condition:
        case HasLabel(key):
            labels = tuple(label.value or "" for label in row.labels if label.key == key)
            return english.either(labels) if labels else "not set"
        case HasLlm():
            return one.llm.key if one.llm else "no model"
        case HasSource():
            return one.source.lower()
        case InSession():
            return str(one.session_id) if one.session_id else "no session"
        case CreatedBy():
            return _author(one)
        case CreatedIn():
            return f"{timezone.localtime(one.created_at):%Y-%m-%d %H:%M:%S}"
        case HasNumber(number):
            return _measured(number, one)
        case HasFeedback(metric):
            given = [one for one in row.feedback if metric in (None, one.metric.key)]
            values = [
                (feedback_text.with_metric if metric is None else feedback_text.value_of)(
                    one.metric, one.value
                )
                + (f" by {one.said_words(one.created_by.email)}" if one.created_by else "")
                for one in given[:5]
            ]
            more = f" and {len(given) - 5} more" if len(given) > 5 else ""
            return ", ".join(values) + more if values else feedback_text.NO_FEEDBACK
    return ""


def _author(one: Interaction) -> str:
    if one.created_by_id is None:
        return one.said_words("sent in by nobody")
    who = User.objects.filter(id=one.created_by_id).first()
    return one.said_words(who.email if who else "somebody who is gone")


def _measured(number: Number, one: Interaction) -> str:
    asked, said = one.prompt_tokens, one.completion_tokens
    both = None if asked is None or said is None else asked + said
    value = {
        Number.LATENCY: one.latency_ms,
        Number.TTFT: one.ttft_ms,
        Number.TOKENS: both,
        Number.PROMPT_TOKENS: asked,
        Number.COMPLETION_TOKENS: said,
        Number.IMAGES: one.image_count,
    }[number]
    return "not known" if value is None else f"{value:,}{english.MEASURE_WORDS[number][1]}"
