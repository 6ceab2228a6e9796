"""A choice of interactions as the SDK's builder says it, made a selection of ours.

`CompletionSelectionQuery` is one of three: ids; all that a filter matches but some; groups of
what a filter matches, each without some of its members or with some of them alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from interactions.api.graphql.advanced_filter import tree_of
from interactions.filters.address.parameters import parameters_of
from interactions.filters.conditions import HasFeedback, HasLlm, HasPrompt
from interactions.filters.tree import And, Or, Tree, conjuncts
from interactions.models import Feedback, Selection
from interactions.services import selections
from projects.models import Project, User

Given = dict[str, Any]
MOST_IDS = 100_000  # that are ticked together
WAYS = ("fromSelection", "fromFilters", "fromGroups")


@dataclass(frozen=True)
class Selecting:
    """Makes selections in a project for a person.

    With `metrics`, only what has feedback under one of them, by key, is selected.
    """

    project: Project
    by: User
    metrics: tuple[str, ...] = field(default=())

    def selection(self, given: Given) -> Selection:
        """What `CompletionSelectionQuery` chooses, frozen now. Raises Invalid."""
        said = [way for way in WAYS if given.get(way) is not None]
        if len(said) != 1:
            raise Invalid(f"expected one of {', '.join(WAYS)}", field="selection")
        chosen = given[said[0]]
        if said[0] == "fromSelection":
            return self._ticked(chosen["include"])
        tree = tree_of(chosen["filters"])
        if said[0] == "fromFilters":
            return self.frozen(tree, chosen["exclude"])
        return self._groups(tree, chosen["grouping"], chosen["groups"])

    def frozen(self, tree: Tree, excludes: Iterable[UUID] = ()) -> Selection:
        """All that a filter matches by now, but for `excludes`."""
        if self.metrics:
            under = Or(tuple(HasFeedback(metric) for metric in self.metrics))
            tree = And((*conjuncts(tree), under))
        query = QueryDict(mutable=True)
        for name, value in parameters_of(tree):
            query.appendlist(name, value)
        return selections.freeze(self.project, query, by=self.by, excludes=list(excludes))

    def _ticked(self, ids: Iterable[UUID]) -> Selection:
        wanted = set(ids)
        if len(wanted) > MOST_IDS:
            raise Invalid(f"expected at most {MOST_IDS:,} interactions", field="selection")
        if self.metrics:
            given = Feedback.objects.in_project(self.project).filter(
                interaction_id__in=wanted, metric__key__in=self.metrics
            )
            wanted = set(given.values_list("interaction_id", flat=True))
            if not wanted:
                raise Invalid("none of these has feedback of the metrics", field="metrics")
        return selections.tick(self.project, wanted, by=self.by)

    def _groups(self, tree: Tree, grouping: str, groups: list[Given]) -> Selection:
        """Whole groups are a filter; members picked one by one are ids. Of both, all are ids."""
        whole: list[Tree] = []
        excludes: set[UUID] = set()
        picked: set[UUID] = set()
        for group in groups:
            chosen = group["selection"]
            if chosen.get("selectOnly") is not None:
                picked |= set(chosen["selectOnly"])
            else:
                whole.append(_of_group(grouping, group["groupId"]))
                excludes |= set(chosen.get("exclude") or ())
        if not whole:
            return self._ticked(picked)
        of_groups = And((*conjuncts(tree), whole[0] if len(whole) == 1 else Or(tuple(whole))))
        frozen = self.frozen(of_groups, excludes)
        return self._ticked(picked | self._ids(frozen)) if picked else frozen

    def _ids(self, selection: Selection) -> set[UUID]:
        found: set[UUID] = set()
        for ids in selections.pieces(selection, limit=5_000):
            found.update(ids)
            if len(found) > MOST_IDS:
                break  # too many: `_ticked` says so
        return found


def _of_group(grouping: str, id: str) -> Tree:
    """The members of a group, by the key that `completionsGrouped` gave for it."""
    if grouping == "MODEL":
        return HasLlm((id or None,))
    try:
        return HasPrompt(UUID(id))
    except ValueError as error:
        raise Invalid("expected the key of a group of prompts", field="groupId") from error
