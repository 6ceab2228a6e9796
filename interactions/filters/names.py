"""The names in a filter, looked up once, before any SQL is built.

A name the project does not know matches nothing; it is not an error, since a saved address may
outlive what it names. Filtering by id keeps the names' identity visible to the planner.
"""

from collections.abc import Iterator

from django.db.models import Q

from interactions.models import Label
from projects.models import Llm, Metric, Project

from .conditions import (
    Condition,
    Contains,
    HasFeedback,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
)
from .sql import (
    FALSE,
    Bounds,
    List,
    Sql,
    contains,
    feedback_list,
    has_feedback,
    has_posting,
    has_row,
    label_list,
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
    """Labels, models and metrics of one project by the names a filter uses."""

    def __init__(self, project: Project, tree: Tree) -> None:
        self.project_id = project.id
        conditions = list(conditions_of(tree))
        self._labels = _labels(project, [c for c in conditions if isinstance(c, HasLabel)])
        self._llms = _llms([c for c in conditions if isinstance(c, HasLlm)])
        self._metrics = _metrics(project, [c for c in conditions if isinstance(c, HasFeedback)])

    def _label_ids(self, condition: HasLabel) -> list[int]:
        values = (None,) if condition.values is None else condition.values
        found = (self._labels.get((condition.key, value)) for value in values)
        return sorted({id for id in found if id is not None})

    def _llm_ids(self, condition: HasLlm) -> list[int]:
        return sorted({self._llms[key] for key in condition.keys if key in self._llms})

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
            case HasFeedback(str() as key, comparator, value):
                if key not in self._metrics:
                    return []
                return [feedback_list(self._metrics[key], comparator, value)]
            case _:
                return None

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
            case HasFeedback(None, comparator, value):
                return has_feedback(id, None, comparator, value, bounds)
            case HasFeedback(str() as key, comparator, value):
                if key not in self._metrics:
                    return FALSE
                return has_feedback(id, self._metrics[key], comparator, value, bounds)
            case Contains(text, place):
                return contains(id, text, place)
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


def _llms(conditions: list[HasLlm]) -> dict[str | None, int]:
    """The registry's ids, whether or not a model is still attached: old rows stay findable."""
    keys = {key for condition in conditions for key in condition.keys if key is not None}
    if not keys:
        return {}
    rows = Llm.objects.filter(key__in=keys).values_list("key", "id")
    return dict(rows)


def _metrics(project: Project, conditions: list[HasFeedback]) -> dict[str, int]:
    keys = {condition.metric for condition in conditions if condition.metric is not None}
    if not keys:
        return {}
    rows = Metric.objects.in_project(project).filter(key__in=keys).values_list("key", "id")
    return dict(rows)
