"""The names in a filter, looked up once, before any SQL is built.

A name the project does not know matches nothing; it is not an error, since a saved address may
outlive what it names. Filtering by id keeps the names' identity visible to the planner.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from interactions.models import Label
from projects.models import Llm, Metric, Project, User

from .conditions import (
    Condition,
    Contains,
    CreatedBy,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
    Reads,
)
from .sql import (
    FALSE,
    Bounds,
    List,
    Sql,
    contains,
    feedback_list,
    feedback_test,
    has_feedback,
    has_posting,
    has_row,
    is_compared,
    label_list,
    one_list,
    reads,
    row_list,
)
from .tree import And, Not, Or, Tree


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

    def _label_ids(self, condition: HasLabel) -> list[int]:
        values = (None,) if condition.values is None else condition.values
        found = (self._labels.get((condition.key, value)) for value in values)
        return sorted({id for id in found if id is not None})

    def _llm_ids(self, condition: HasLlm) -> list[int]:
        return sorted({self._llms[key] for key in condition.keys if key and key in self._llms})

    def lists_of(self, tree: Tree) -> list[List] | None:
        """The lists whose union the condition is; None when no index holds it in id order."""
        match tree:
            case HasLabel():
                return [label_list(self.project_id, id) for id in self._label_ids(tree)]
            case HasLlm(keys) if None not in keys:
                return [row_list(self.project_id, "llm_id", id) for id in self._llm_ids(tree)]
            case InSession(session_id):
                return [row_list(self.project_id, "session_id", session_id)]
            case HasPrompt(prompt_hash):
                return [row_list(self.project_id, "prompt_hash", prompt_hash)]
            case HasId(id):
                return [one_list(self.project_id, id)]
            case HasFeedback(str()):
                test = self._feedback(tree)
                return [] if test is None else [feedback_list(test)]
            case _:
                return None

    def _feedback(self, condition: HasFeedback) -> Sql | None:
        """The condition as a test of a row of feedback; None when a name in it is not known."""
        metric, giver = condition.metric, condition.given_by
        if metric is not None and metric not in self._metrics:
            return None
        if giver is not None and giver not in self._users:
            return None
        return feedback_test(
            condition,
            None if metric is None else self._metrics[metric],
            None if giver is None else self._users[giver],
        )

    def one_posting_list(self, tree: Tree) -> List | None:
        """The posting list that the condition is, when it is just one."""
        if isinstance(tree, HasLabel):
            lists = self.lists_of(tree) or []
            if len(lists) == 1:
                return lists[0]
        return None

    def test_of(self, condition: Condition, id: str, bounds: Bounds) -> Sql:
        """The condition as a test of the interaction `id`, which lies between `bounds`."""
        match condition:
            case HasLabel():
                ids = self._label_ids(condition)
                return has_posting(id, self.project_id, ids, bounds) if ids else FALSE
            case HasLlm(keys):
                test = "(@.llm_id = ANY(%s) OR @.llm_id IS NULL)"
                if None not in keys:
                    test = "@.llm_id IS NOT NULL AND @.llm_id = ANY(%s)"
                return has_row(id, Sql(test, (self._llm_ids(condition),)))
            case HasSource(sources):
                return has_row(id, Sql("@.source = ANY(%s)", (list(sources),)))
            case InSession(session_id):
                test = "@.session_id IS NOT NULL AND @.session_id = %s"
                return has_row(id, Sql(test, (session_id,)))
            case HasPrompt(prompt_hash):
                return has_row(id, Sql("@.prompt_hash = %s", (prompt_hash,)))
            case HasId(one):
                return Sql(f"{id} = %s", (one,))
            case CreatedBy(users):
                test = "@.created_by_id IS NOT NULL AND @.created_by_id = ANY(%s)"
                ids = [self._users[name] for name in users if name in self._users]
                return has_row(id, Sql(test, (ids,)))
            case HasFeedback():
                such = self._feedback(condition)
                return FALSE if such is None else has_feedback(id, such, bounds)
            case IsCompared(metric):
                if metric is not None and metric not in self._metrics:
                    return FALSE
                return is_compared(id, None if metric is None else self._metrics[metric])
            case Contains(text, place):
                return contains(id, text, place)
            case Reads(text, place):
                return reads(id, text, place)
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
    return _by_id_or_key(Llm.objects.all(), wanted) if wanted else {}


def _metrics(project: Project, wanted: set[str | None]) -> dict[str, int]:
    names = {name for name in wanted if name is not None}
    return _by_id_or_key(Metric.objects.in_project(project), names) if names else {}


def _users(conditions: list[Condition]) -> dict[str, int]:
    names = {name for c in conditions if isinstance(c, CreatedBy) for name in c.users}
    names |= {c.given_by for c in conditions if isinstance(c, HasFeedback) and c.given_by}
    if not names:
        return {}
    uuids = _uuids(names)
    rows = User.objects.annotate(lowered=Lower("email")).filter(
        Q(lowered__in={name.lower() for name in names}) | Q(uuid__in=set(uuids.values()))
    )
    return {
        name: id
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
