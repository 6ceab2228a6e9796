"""The labels, models, metrics and users that a filter names, looked up in the database once.

A name the project does not know matches nothing; it is not an error, since a saved address may
outlive what it names. Filtering by id keeps the names' identity visible to PostgreSQL's planner.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from interactions.filters.conditions import (
    Condition,
    CreatedBy,
    HasFeedback,
    HasLabel,
    HasLlm,
    IsCompared,
)
from interactions.filters.tree import Tree, conditions_of
from interactions.models import Label
from projects.models import Llm, Metric, Project, Registration, User


class Names:
    """The ids of all that a filter names, by condition."""

    def __init__(self, project: Project, tree: Tree) -> None:
        self.project_id = project.id
        conditions = list(conditions_of(tree))
        self._labels = _labels(project, [c for c in conditions if isinstance(c, HasLabel)])
        self._llms = _llms([c for c in conditions if isinstance(c, HasLlm)])
        self._metrics = _metrics(
            project, {c.metric for c in conditions if isinstance(c, HasFeedback | IsCompared)}
        )
        self._users = _users(conditions)

    def label_ids(self, condition: HasLabel) -> list[int]:
        """The labels of which the condition wants one."""
        values = (None,) if condition.values is None else condition.values
        found = (self._labels.get((condition.key, value)) for value in values)
        return sorted({id for id in found if id is not None})

    def llm_ids(self, condition: HasLlm) -> list[int]:
        """The models of which the condition wants one."""
        return sorted({self._llms[key] for key in condition.keys if key and key in self._llms})

    def metric_ids(self, metric: str | None) -> list[int]:
        """The metric of this key or UUID; for None, all metrics of the project."""
        return self._metrics.get(metric, [])

    def users(self, names: Iterable[str]) -> tuple[list[int], list[str]]:
        """The users of these names, and every name that clients may have given them."""
        found = [self._users[name] for name in names if name in self._users]
        aliases = {alias for _, aliases in found for alias in aliases}
        return [id for id, _ in found], sorted({*names, *aliases})


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
    """The ids of metrics by name; under None, when wanted, of all metrics of the project."""
    if not wanted:
        return {}
    # Also archived metrics: the feedback under them stays findable.
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
    """The ids of the rows whose key or UUID is one of `names`, by that name."""
    uuids = _uuids(names)
    known = rows.filter(Q(key__in=names) | Q(uuid__in=set(uuids.values())))
    return {
        name: id
        for id, uuid, key in known.values_list("id", "uuid", "key")
        for name in names
        if name == key or uuids.get(name) == uuid
    }


def _uuids(names: set[str]) -> dict[str, UUID]:
    """The names that are UUIDs, by name."""
    found = {}
    for name in names:
        with suppress(ValueError):
            found[name] = UUID(name)
    return found
