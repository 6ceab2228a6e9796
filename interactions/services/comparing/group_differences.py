"""Two groups of a filter's matches side by side: how far apart their feedback is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from adaptive_site.lib.database.sql import fetch
from interactions.filters.conditions import (
    CreatedBy,
    CreatedIn,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
)
from interactions.filters.days import here
from interactions.filters.sql.names import Names
from interactions.filters.tree import And, Not, Or, Tree
from interactions.services.analysis import group_queries, groups
from interactions.services.analysis.confidence_intervals import Interval, change
from interactions.services.analysis.group_queries import Grouping, GroupKind, Sorting
from interactions.services.analysis.groups import Figures, MatchGroup, MatchGroups
from projects.models import Metric, Project


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """The means of two groups under one metric, the first less the second.

    `interval` is where the difference of the wholes may lie with 95 %, by `change` of
    `confidence_intervals.py`: Newcombe's of two shares of yes, Welch's of two means of numbers.
    It is None where a group has no value, where one of numbers has a single one, and where all
    numbers of both groups are the same, which leaves nothing to tell chance from.
    """

    first: Figures
    second: Figures
    interval: Interval | None

    @property
    def value(self) -> float:
        """The difference of the means."""
        return self.first.sample.mean - self.second.sample.mean

    @property
    def is_clear(self) -> bool:
        """Whether chance alone is an unlikely cause: the interval leaves zero out."""
        return self.interval is not None and not self.interval.holds_zero


def difference(first: Figures, second: Figures) -> GroupDifference:
    """How far the feedback of one group is from that of another under the same metric.

    Worked example, Newcombe (1998): 56 yes of 70 less 48 of 80 is 20 points, 5.2 to 33.4.
    """
    samples = first.sample, second.sample
    is_without_scatter = not samples[0].is_share and not any(one.deviation for one in samples)
    return GroupDifference(first, second, None if is_without_scatter else change(*samples))


def condition_of(grouping: Grouping, name: str | None) -> Tree:
    """What the members of a group have in common, as a filter; None names the group of none.

    Raises ValueError for a name that cannot be one of such a group.
    """
    kind = grouping.kind
    if kind == GroupKind.LABEL:
        has = HasLabel(grouping.key, None if name is None else (name,))
        return Not(has) if name is None else has
    if kind == GroupKind.MODEL:
        return HasLlm((name,))
    if name is None:
        raise ValueError(f"no filter asks for what has no {kind}")
    match kind:
        case GroupKind.PROMPT:
            return HasPrompt(UUID(name))
        case GroupKind.SESSION:
            return InSession(UUID(name))
        case GroupKind.USER:
            return CreatedBy((name,))
        case GroupKind.SOURCE:
            return HasSource((name,))
    return CreatedIn(*here().span_of(name))


def members_of(grouping: Grouping, name: str | None) -> Tree:
    """The very members of a group; a user's are what came with the user's own account.

    What clients sent in the user's name is in the group of the account that sent it, though the
    filter `condition_of` finds it. Raises ValueError as that does.
    """
    found = condition_of(grouping, name)
    return replace(found, is_account_alone=True) if isinstance(found, CreatedBy) else found


def name_in_groups(project: Project, grouping: Grouping, name: str) -> str:
    """The name a group goes by, of another spelling: an id in upper case, a model's or user's id.

    What nobody knows stays as it is. Raises ValueError for a name that no group can have.
    """
    kind = grouping.kind
    if kind in (GroupKind.PROMPT, GroupKind.SESSION):
        return str(UUID(name))
    if kind == GroupKind.DAY:
        return _day(name)
    if kind == GroupKind.MODEL:
        model = HasLlm((name,))
        ids = Names(project, model).llm_ids(model)
    elif kind == GroupKind.USER:
        ids, _ = Names(project, CreatedBy((name,))).users((name,))
    else:
        return name
    return next((found for _, found in fetch(group_queries.names(kind, ids))), name)


def _day(name: str) -> str:
    try:
        return date.fromisoformat(name).isoformat()
    except ValueError as error:
        raise ValueError("expected a day such as 2024-02-21") from error


def of_two(
    project: Project,
    tree: Tree,
    grouping: Grouping,
    names: Sequence[str | None],
    *,
    of_all: bool = False,
) -> MatchGroups:
    """The groups with these names among the matches, counted over the newest of both together.

    A group without a match is not `shown`. Raises TookTooLong.
    """
    return groups.grouped(
        project,
        either(tree, grouping, names),
        grouping,
        Sorting(),
        limit=len(names),
        of_all=of_all,
    )


def either(tree: Tree, grouping: Grouping, names: Sequence[str | None]) -> Tree:
    """The matches that are in one of the groups with these names."""
    return And((tree, Or(tuple(members_of(grouping, name) for name in names))))


def named(found: MatchGroups, name: str | None) -> MatchGroup | None:
    """The group with this name, None if nothing matches in it."""
    for group in found.shown:
        if (None if group.value is None else group.name) == name:
            return group
    return None


def metrics_of(found: MatchGroups, metrics: Sequence[Metric], most: int) -> list[Metric]:
    """The metrics with values in any of the groups, those that both have many of first."""

    def least(metric: Metric) -> tuple[int, int]:
        n = [one.figures[metric.id].n if metric.id in one.figures else 0 for one in found.shown]
        return (min(n, default=0) if len(n) > 1 else 0, sum(n))

    used = [metric for metric in metrics if metric.id in found.overall]
    used.sort(key=lambda metric: (*(-n for n in least(metric)), metric.key))
    return used[:most]
