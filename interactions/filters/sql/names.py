"""The names in a filter, looked up once, before any SQL is built.

A name the project does not know matches nothing; it is not an error, since a saved address may
outlive what it names. Filtering by id keeps the names' identity visible to the planner.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from adaptive_site.lib.database.sql import FALSE, TRUE, Sql
from interactions.filters.conditions import (
    Condition,
    Contains,
    CreatedBy,
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
from interactions.filters.sql.feedback_values import given_lists
from interactions.filters.sql.index_lists import (
    List,
    compared_lists,
    label_list,
    llm_lists,
    one_list,
    row_list,
    source_list,
)
from interactions.filters.sql.row_tests import (
    Row,
    contains,
    detail_test,
    has_feedback,
    has_posting,
    has_row,
    is_compared,
    reads,
    value_test,
)
from interactions.filters.tree import And, Not, Or, Tree
from interactions.models import Label
from projects.models import Llm, Metric, Project, Registration, User

_MEASURES = {
    Number.LATENCY: "@.latency_ms",
    Number.TTFT: "@.ttft_ms",
    Number.TOKENS: "(@.prompt_tokens::bigint + @.completion_tokens)",
    Number.PROMPT_TOKENS: "@.prompt_tokens",
    Number.COMPLETION_TOKENS: "@.completion_tokens",
    Number.IMAGES: "@.image_count",
}


def conditions_of(tree: Tree) -> Iterator[Condition]:
    """Every condition in the tree."""
    match tree:
        case And(children) | Or(children):
            for child in children:
                yield from conditions_of(child)
        case Not(child):
            yield from conditions_of(child)
        case _:
            yield tree


class Names:
    """Labels, models, metrics and users by the names a filter uses for them."""

    def __init__(self, project: Project, tree: Tree) -> None:
        self.project_id = project.id
        conditions = list(conditions_of(tree))
        self._labels = _labels(project, [c for c in conditions if isinstance(c, HasLabel)])
        self._llms = _llms([c for c in conditions if isinstance(c, HasLlm)])
        self._metrics = _metrics(
            project, {c.metric for c in conditions if isinstance(c, HasFeedback | IsCompared)}
        )
        self._users = _users(conditions)
        self._lists: dict[Tree, list[List] | None] = {}

    def _label_ids(self, condition: HasLabel) -> list[int]:
        values = (None,) if condition.values is None else condition.values
        found = (self._labels.get((condition.key, value)) for value in values)
        return sorted({id for id in found if id is not None})

    def _llm_ids(self, condition: HasLlm) -> list[int]:
        return sorted({self._llms[key] for key in condition.keys if key and key in self._llms})

    def lists_of(self, tree: Tree) -> list[List] | None:
        """The lists whose union the condition is; None when no index holds it in id order."""
        if tree not in self._lists:
            self._lists[tree] = self._find_lists(tree)
        return self._lists[tree]

    def _find_lists(self, tree: Tree) -> list[List] | None:
        match tree:
            case HasLabel():
                ids = self._label_ids(tree)
                return [label_list(self.project_id, ids)] if ids else []
            case HasLlm(keys):
                ids = self._llm_ids(tree)
                return list(llm_lists(self.project_id, ids, or_none=None in keys))
            case HasSource(sources):
                return [source_list(self.project_id, sorted(set(sources)))] if sources else []
            case InSession(session_id):
                return [row_list(self.project_id, "session_id", session_id)]
            case HasPrompt(prompt_hash):
                return [row_list(self.project_id, "prompt_hash", prompt_hash)]
            case HasId(id):
                return [one_list(self.project_id, id)]
            case IsCompared(metric):
                ids = self._metrics.get(metric, [])
                return list(compared_lists(self.project_id, ids)) if ids else []
            case HasFeedback(metric):
                details = self._details(tree)
                ids = self._metrics.get(metric, [])
                return given_lists(tree, ids, details)
            case _:
                return None

    def _by(self, users: Iterable[str]) -> Sql:
        """Whether `@` is by one of these users, or said to be from them; never null."""
        found = [self._users[name] for name in users if name in self._users]
        ids = [id for id, _ in found]
        said = sorted({*users, *(alias for _, aliases in found for alias in aliases)})
        return Sql(
            "(coalesce(@.created_by_id = ANY(%s), FALSE) OR coalesce(@.said_by = ANY(%s), FALSE))",
            (ids, said),
        )

    def _details(self, condition: HasFeedback) -> Sql:
        """The reason and author of feedback, which is `@`."""
        giver = condition.given_by
        return detail_test(condition, TRUE if giver is None else self._by((giver,)))

    def _under(self, metric: str | None) -> Sql | None:
        """The metric of feedback or of a comparison, which is `@`; None when it is not known."""
        if metric is None:
            return TRUE
        found = self._metrics.get(metric)
        return Sql("@.metric_id = %s", (found[0],)) if found else None

    def test_of(self, condition: Condition, row: Row) -> Sql:
        """The condition as a test of one interaction."""
        match condition:
            case HasLabel():
                ids = self._label_ids(condition)
                return has_posting(row, self.project_id, ids) if ids else FALSE
            case HasFeedback(metric):
                under, details = self._under(metric), self._details(condition)
                if under is None:
                    return FALSE
                return has_feedback(row, under & value_test(condition) & details)
            case IsCompared(metric):
                under = self._under(metric)
                return FALSE if under is None else is_compared(row, under)
            case HasId(one):
                return Sql(f"{row.id} = %s", (one,))
            case Contains(text, place):
                return contains(row, text, place)
            case Reads(text, place):
                return reads(row, text, place)
            case _:
                return has_row(row, self._row_test(condition))

    def _row_test(self, condition: Condition) -> Sql:
        """The condition as a test of the interaction's own row, which is `@`; never null."""
        match condition:
            case HasLlm(keys):
                test = "(@.llm_id = ANY(%s) OR @.llm_id IS NULL)"
                if None not in keys:
                    test = "@.llm_id IS NOT NULL AND @.llm_id = ANY(%s)"
                return Sql(test, (self._llm_ids(condition),))
            case HasSource(sources):
                return Sql("@.source = ANY(%s)", (list(sources),))
            case InSession(session_id):
                return Sql("@.session_id IS NOT NULL AND @.session_id = %s", (session_id,))
            case HasPrompt(prompt_hash):
                return Sql("@.prompt_hash = %s", (prompt_hash,))
            case HasNumber(number, comparator, value):
                known = _MEASURES[number]
                return Sql(f"{known} IS NOT NULL AND {known} {comparator.sql} %s", (value,))
            case CreatedBy(users):
                return self._by(users)
            case _:
                raise TypeError(f"no test for {condition!r}")


def _labels(project: Project, conditions: list[HasLabel]) -> dict[tuple[str, str | None], int]:
    if not conditions:
        return {}
    wanted = Q()
    for condition in conditions:
        if condition.values is None:
            wanted |= Q(key=condition.key, value=None)
        else:
            wanted |= Q(key=condition.key, value__in=condition.values)
    rows = Label.objects.in_project(project).filter(wanted).values_list("key", "value", "id")
    return {(key, value): id for key, value, id in rows}


def _llms(conditions: list[HasLlm]) -> dict[str, int]:
    """The registry's ids, whether or not a model is still attached: old rows stay findable."""
    wanted = {key for condition in conditions for key in condition.keys if key is not None}
    if not wanted:
        return {}
    found = _by_id_or_key(Llm.objects.all(), wanted)
    uuids = {name: uuid for name, uuid in _uuids(wanted).items() if name not in found}
    if uuids:  # clients know a registered model by its registration's id
        rows = Registration.objects.filter(uuid__in=set(uuids.values()))
        ids = dict(rows.values_list("uuid", "llm_id"))
        found |= {name: ids[uuid] for name, uuid in uuids.items() if uuid in ids}
    return found


def _metrics(project: Project, wanted: set[str | None]) -> dict[str | None, list[int]]:
    """The ids by name; under None, when it is wanted, those of all metrics of the project."""
    if not wanted:
        return {}
    # With those under which no more may be given: what was given stays findable.
    every = Metric.objects.in_project(project)
    names = {name for name in wanted if name is not None}
    found: dict[str | None, list[int]] = {
        name: [id] for name, id in (_by_id_or_key(every.linked(), names) if names else {}).items()
    }
    if None in wanted:
        found[None] = sorted(every.values_list("id", flat=True))
    return found


def _users(conditions: list[Condition]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """By the name used: the user's id, and what else clients may have called them."""
    names = {name for c in conditions if isinstance(c, CreatedBy) for name in c.users}
    names |= {c.given_by for c in conditions if isinstance(c, HasFeedback) and c.given_by}
    if not names:
        return {}
    uuids = _uuids(names)
    rows = User.objects.annotate(lowered=Lower("email")).filter(
        Q(lowered__in={name.lower() for name in names}) | Q(uuid__in=set(uuids.values()))
    )
    return {
        name: (id, (str(uuid), email))
        for id, uuid, email in rows.values_list("id", "uuid", "lowered")
        for name in names
        if name.lower() == email or uuids.get(name) == uuid
    }


def _by_id_or_key(rows: QuerySet[Any], names: set[str]) -> dict[str, int]:
    """The ids of those whose key or UUID is one of `names`, by that name."""
    uuids = _uuids(names)
    known = rows.filter(Q(key__in=names) | Q(uuid__in=set(uuids.values())))
    return {
        name: id
        for id, uuid, key in known.values_list("id", "uuid", "key")
        for name in names
        if name == key or uuids.get(name) == uuid
    }


def _uuids(names: set[str]) -> dict[str, UUID]:
    """Those names that are UUIDs."""
    found = {}
    for name in names:
        with suppress(ValueError):
            found[name] = UUID(name)
    return found
