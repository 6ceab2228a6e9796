"""The candidates of a selection: its interactions, as far as the recipe wants them.

Narrow columns are read, a piece of ids at a time, and kept packed; texts stay in PostgreSQL.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from adaptive_site.lib.database.sql import TRUE, Sql, fetch
from adaptive_site.lib.errors import Invalid
from interactions.filters.sql.queries import row_test
from interactions.filters.tree import And
from interactions.models import Label, Selection
from interactions.services import selections
from interactions.services.building.candidates import answer_sql
from interactions.services.building.candidates.narrow import (
    NO_VALUE,
    Candidate,
    CandidateColumns,
    Flaw,
)
from interactions.services.building.recipe import Balance, Dedupe, Empty, Recipe, SampleKind
from interactions.services.job_watch import StepWatch, until_late
from projects.models import Metric, Project

MOST_DROPPED = 1_000  # interactions that are remembered of those that a step leaves out
READING = "choosing: reading interactions"
READ_AT_ONCE = 5_000  # interactions whose columns are read in one query


@dataclass(slots=True)
class Pool:
    """The candidates, and how many were left after each step, in the order of the steps.

    `newest` says that only so many of the newest of the selection were looked at, 0 for all.
    `narrowed` is of how many prompts not all pairs were mined. `dropped` are the last interactions
    that a step left out, so that somebody can look at them.
    """

    candidates: CandidateColumns = field(default_factory=CandidateColumns)
    left: dict[str, int] = field(default_factory=dict)
    newest: int = 0
    narrowed: int = 0
    dropped: dict[str, deque[UUID]] = field(default_factory=dict)

    def drop(self, step: str, *ids: bytes | None) -> None:
        """Note what a step leaves out."""
        of = self.dropped.setdefault(step, deque(maxlen=MOST_DROPPED))
        of.extend(UUID(bytes=id) for id in ids if id is not None)


@dataclass(frozen=True, slots=True)
class CandidateReader:
    """Reads what a recipe asks of a project's interactions.

    `label_ids` are those of the key that the sample is balanced by.
    """

    project: Project
    recipe: Recipe
    label_ids: frozenset[int] = frozenset()

    @classmethod
    def of(cls, project: Project, recipe: Recipe) -> "CandidateReader":
        """The reader, with the names in the recipe looked up. Raises Invalid at their parameter."""
        is_balanced = recipe.sample == SampleKind.BALANCED and recipe.by.label is not None
        ids: frozenset[int] = frozenset()
        if is_balanced:
            values = Label.objects.in_project(project).filter(key=recipe.by.label)
            ids = frozenset(values.exclude(value=None).values_list("id", flat=True))
            if not ids:
                raise Invalid("expected the key of a label of this project", field="by")
        for condition in recipe.score:
            if condition.metric is not None:
                metric_of(project, condition.metric, field="score")
        return cls(project, recipe, ids)

    def value(self, llm_id: int | None, label_ids: Sequence[int] | None) -> int:
        """What the sample is balanced by: the id of a model or of a label, or NO_VALUE."""
        if self.recipe.by == Balance():
            return NO_VALUE if llm_id is None else llm_id
        return next((id for id in label_ids or () if id in self.label_ids), NO_VALUE)

    def columns_of_value(self, i: str) -> str:
        """The columns that `value` is read from."""
        if self.recipe.sample != SampleKind.BALANCED:
            return "NULL, NULL"
        return f"{i}.llm_id, NULL" if self.recipe.by == Balance() else f"NULL, {i}.label_ids"

    def has_scores(self, id: str) -> Sql:
        """Whether the interaction has the scores that the recipe asks for, as a test."""
        if not self.recipe.score:
            return TRUE
        return row_test(self.project, And(tuple(self.recipe.score)), id)

    @property
    def is_digest_wanted(self) -> bool:
        """Whether answers are told apart by their text."""
        return self.recipe.dedupe == Dedupe.ANSWER and self.recipe.has_answer


def metric_of(project: Project, key: str, *, field: str = "metric") -> Metric:
    """The metric with this key. Raises Invalid."""
    found = Metric.objects.in_project(project).filter(key=key).first()
    if found is None:
        raise Invalid(f"expected a metric of this project; there is no “{key}”", field=field)
    return found


def ids_of(selection: Selection, *, most: int | None) -> tuple[Iterable[list[UUID]], int]:
    """The ids in pieces, oldest first; with `most` no more than its newest.

    The number says how many that are if there are older ones, else it is 0.
    """
    if most is None:
        return selections.pieces(selection, limit=READ_AT_ONCE), 0
    newest = selections.shown(selection, limit=most + 1)[: most + 1]
    is_bounded = len(newest) > most
    ids = newest[:most][::-1]
    pieces = [ids[start : start + READ_AT_ONCE] for start in range(0, len(ids), READ_AT_ONCE)]
    return pieces, most if is_bounded else 0


def of_interactions(
    reader: CandidateReader,
    selection: Selection,
    *,
    most: int | None,
    watch: StepWatch = until_late,
) -> Pool:
    """Each interaction of the selection that the recipe wants, oldest first."""
    recipe = reader.recipe
    pool = Pool()
    pieces, pool.newest = ids_of(selection, most=most)
    matched = given = scored = whole = 0
    for ids in pieces:
        watch(READING, matched)
        for one, has_feedback, has_scores in _read(reader, ids):
            matched += 1
            if recipe.require_feedback and not has_feedback:
                pool.drop("with feedback", one.id)
                continue
            given += 1
            if not has_scores:
                pool.drop("with these scores", one.id)
                continue
            scored += 1
            if one.flaw and recipe.empty == Empty.OUT and recipe.has_answer:
                pool.drop("not empty", one.id)
                continue
            whole += 1
            pool.candidates.append(one)
    pool.left["matched"] = matched
    if recipe.require_feedback:
        pool.left["with feedback"] = given
    if recipe.score:
        pool.left["with these scores"] = scored
    if recipe.has_answer and recipe.empty == Empty.OUT:
        pool.left["not empty"] = whole
    return pool


def _read(reader: CandidateReader, ids: Sequence[UUID]) -> Iterator[tuple[Candidate, bool, bool]]:
    recipe = reader.recipe
    scores = reader.has_scores("i.id")
    has_feedback = (
        "EXISTS (SELECT FROM feedback f"
        " WHERE f.interaction_id = i.id AND f.project_id = i.project_id)"
    )
    query = Sql(
        "SELECT uuid_send(i.id), uuid_send(i.prompt_hash), uuid_send(i.session_id),"
        f" {reader.columns_of_value('i')},"
        f" {answer_sql.flaw() if recipe.has_answer else Flaw.NONE.value},"
        f" {answer_sql.digest() if reader.is_digest_wanted else 'NULL::bytea'},"
        f" {has_feedback if recipe.require_feedback else 'TRUE'}, {scores.text}"
        " FROM interaction i JOIN interaction_body b ON b.interaction_id = i.id"
        " WHERE i.project_id = %s AND i.id = ANY(%s::uuid[]) ORDER BY i.id",
        (*scores.params, reader.project.id, ids),
    )
    for id, prompt, session, llm, labels, flaw, digest, is_given, is_scored in fetch(query):
        value = reader.value(llm, labels)
        yield Candidate(id, id, prompt, session, value, flaw, digest), is_given, is_scored
