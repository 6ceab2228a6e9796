"""A filter in words, where the words depend on what the project's metrics take."""

from interactions.filters.conditions import HasFeedback
from interactions.filters.query import english
from interactions.filters.tree import Tree, conditions_of
from projects.models import Metric, Project


def yes_no(project: Project, tree: Tree) -> frozenset[str]:
    """The keys of the yes-or-no metrics; read only where the filter names a value."""
    asked = (one for one in conditions_of(tree) if isinstance(one, HasFeedback))
    keys = {one.metric for one in asked if one.comparisons and one.metric is not None}
    if not keys:
        return frozenset()
    found = Metric.objects.in_project(project).linked().filter(key__in=keys, kind=Metric.Kind.BOOL)
    return frozenset(found.values_list("key", flat=True))


def sentence(project: Project, tree: Tree) -> str:
    """The filter, such as `env is prod and helpful: no`; "everything" when it is empty."""
    return english.sentence(tree, yes_no(project, tree))
