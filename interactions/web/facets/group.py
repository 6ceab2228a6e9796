"""The values of one group of the panel, counted, as links that narrow by them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interactions.filters.conditions import CreatedBy, HasFeedback, HasLabel, HasLlm, HasSource
from interactions.filters.notation import parse_label
from interactions.filters.query import english
from interactions.filters.tree import And, Not, Tree, conjuncts
from interactions.services.analysis import facets as counting
from interactions.services.analysis import lift
from interactions.services.analysis.facets import Spread
from interactions.services.analysis.feedback_counts import FeedbackOnMatches, feedback_on
from interactions.web.facets import choices
from interactions.web.facets.choices import FacetChoice
from interactions.web.facets.comparing import Base, label_lifts, with_lifts
from interactions.web.facets.feedback_choices import metric_choices
from interactions.web.filtering.filtered_page import FilteredPage
from projects.models import Metric

VALUES_COMPARED = 500  # of a group, to find those that stand out


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """The subject of a facet: models, users, sources, a label key or a metric."""

    kind: str
    key: str
    is_open: bool = False
    counted: "Facet | None" = None

    @property
    def name(self) -> str:
        """The name for a person."""
        return self.key or self.kind

    @property
    def heading(self) -> str:
        """The name as a heading: label keys and metrics as they are written."""
        return self.key or self.kind.capitalize()

    @property
    def of(self) -> str:
        """The name in an address, which `group_of` reads."""
        return f"{self.kind}:{self.key}" if self.kind in ("label", "metric") else self.kind


@dataclass(frozen=True, slots=True)
class Facet:
    """The choices of a group; `others` are not shown, `more` shows them.

    `newest` says that only so many of the newest matches were counted, `note` what else is to be
    known of the counts. `like` is the text that the values hold, `base` what they are compared
    with, of whose newest matches `base_newest` were counted. `again` is the link to the counts.
    """

    group: FacetGroup
    again: str
    choices: list[FacetChoice]
    others: int = 0
    newest: int = 0
    note: str = ""
    is_late: bool = False
    like: str = ""
    base: Base | None = None
    base_newest: int = 0

    @property
    def can_be_searched(self) -> bool:
        """Whether its values can be searched."""
        return self.group.kind in ("label", "model", "user")

    @property
    def more(self) -> str:
        """The link to as many values as are ever shown."""
        return f"{self.again}&more=1"


@dataclass(frozen=True, slots=True)
class ValuesWanted:
    """Which values of a group are asked for: how many, holding which text, compared with what."""

    most: int
    like: str = ""
    base: Base | None = None


def late(page: FilteredPage, group: FacetGroup, wanted: ValuesWanted) -> Facet:
    """The facet without values, which took too long."""
    return Facet(group, _link(page, group), [], is_late=True, like=wanted.like)


def facet_of(page: FilteredPage, group: FacetGroup, wanted: ValuesWanted) -> Facet:
    """A group's values under the other conditions, compared with those of the base under its."""
    if wanted.base is not None:
        without = replace(wanted.base, tree=others_of(wanted.base.tree, group))
        is_same = without.tree == others_of(page.tree, group)
        wanted = replace(wanted, base=None if is_same else without)
    if group.kind == "metric":
        return _feedback_facet(page, group, wanted)
    if group.kind == "label" and wanted.base is not None:
        return _compared_labels(page, group, wanted, wanted.base)
    tree, again = others_of(page.tree, group), _link(page, group)
    if (base := wanted.base) is None:
        found, made = _spread(page, group, tree, wanted)
        shown = sorted(
            _without_empty(made), key=lambda one: (not _is_active(one), one.is_none, -(one.n or 0))
        )
        return Facet(group, again, shown, found.others, found.newest, like=wanted.like)
    overall, there = _spread(page, group, base.tree, wanted)
    tree = lift.of_the_time(page.project, tree, base.tree, overall.newest)
    found, made = _spread(page, group, tree, wanted)
    lifted = with_lifts(_without_empty(made), there, found.of, overall.of)
    shown, others = _most(lifted, wanted.most)
    return Facet(
        *(group, again, shown, others + found.others, found.newest),
        like=wanted.like,
        base=base,
        base_newest=overall.newest,
    )


def _is_active(choice: FacetChoice) -> bool:
    return choice.is_on or choice.is_off


def _without_empty(made: Iterable[FacetChoice]) -> list[FacetChoice]:
    """The choices that the filter leaves matches of, and those that are in force."""
    return [one for one in made if one.n != 0 or _is_active(one)]


def _most(made: list[FacetChoice], most: int) -> tuple[list[FacetChoice], int]:
    """The first of them, those that are in force before all, and how many are left."""
    shown = sorted(made, key=lambda one: not _is_active(one))[:most]
    return shown, len(made) - len(shown)


def _link(page: FilteredPage, group: FacetGroup) -> str:
    return page.links.part("interactions-facet", of=group.of)


def _spread(
    page: FilteredPage, group: FacetGroup, tree: Tree, wanted: ValuesWanted
) -> tuple[Spread, list[FacetChoice]]:
    project, data, like = page.project, page.links.page.data, wanted.like
    most = wanted.most if wanted.base is None else VALUES_COMPARED
    if group.kind == "label":
        terms = [parse_label(t) for n in ("label", "not_label") for t in data.getlist(n)]
        also = [value for key, value in terms if key == group.key and value is not None]
        found = counting.labels(project, tree, group.key, most=most, also=also, like=like)
        made = choices.label_choices(data, group.key, found.uses, found.of)
    elif group.kind == "model":
        found = counting.llms(project, tree, most=most, also=data.getlist("model"), like=like)
        made = choices.llm_choices(data, found.uses, found.of)
    elif group.kind == "user":
        found = counting.users(project, tree, most=most, also=data.getlist("user"), like=like)
        made = choices.user_choices(data, found.uses, found.of)
    else:
        found = counting.sources(project, tree)
        made = choices.source_choices(data, found.uses, found.of)
    return found, list(made)


def _compared_labels(
    page: FilteredPage, group: FacetGroup, wanted: ValuesWanted, base: Base
) -> Facet:
    tree = others_of(page.tree, group)
    found = lift.labels(page.project, tree, base.tree, key=group.key)
    held = [one for one in found.lifts if _holds(one.value, wanted.like)]
    shown, others = _most(label_lifts(page, held), wanted.most)
    return Facet(
        *(group, _link(page, group), [replace(one, key="") for one in shown], others),
        newest=found.newest,
        like=wanted.like,
        base=base,
        base_newest=found.base_newest,
    )


def _holds(value: str | None, like: str) -> bool:
    return not like or (value is not None and like.lower() in value.lower())


def _feedback_facet(page: FilteredPage, group: FacetGroup, wanted: ValuesWanted) -> Facet:
    again = _link(page, group)
    metric = Metric.objects.in_project(page.project).linked().filter(key=group.key).first()
    if metric is None:
        return Facet(group, again, [])
    project, tree, base = page.project, others_of(page.tree, group), wanted.base
    overall = None if base is None else feedback_on(project, base.tree, metric)
    if base is not None and overall is not None:
        tree = lift.of_the_time(project, tree, base.tree, overall.newest)
        tree = lift.within(tree, overall.since)
    found = feedback_on(project, tree, metric)
    made = _without_empty(metric_choices(page.links.page.data, metric, found))
    if not found.n and not any(map(_is_active, made)):
        made = []
    facet = Facet(group, again, made, newest=found.newest, note=_note(metric, found))
    if overall is None or not found.n:
        return facet
    there = metric_choices(page.links.page.data, metric, overall)
    # Compared are those with feedback, so how many have none says nothing here.
    compared = [replace(one, n=None) if one.is_none else one for one in made]
    return replace(
        facet,
        choices=with_lifts(compared, there, found.n, overall.n),
        base=base,
        base_newest=overall.newest,
    )


def _note(metric: Metric, found: FeedbackOnMatches) -> str:
    """A note on the counts: which matches were counted, and the mean of numbers."""
    parts = []
    known = found.in_all if found.since and found.in_all else None
    n, mean = (known.n, known.mean) if known else (found.given, found.mean)
    if n and not metric.is_yes_no:
        parts.append(f"mean {mean:.3g} of {n:,} value{'s' * (n != 1)}")
    if found.both:
        parts.append(f"{found.both:,} with good and bad values")
    if found.since:
        parts.append(f"counted since {english.moment(found.since)}")
    elif found.newest and found.n:
        parts.append(f"of the newest {found.newest:,}")
    return "; ".join(parts)


def others_of(tree: Tree, group: FacetGroup) -> Tree:
    """The filter without the group's own conditions."""
    return And(tuple(one for one in conjuncts(tree) if not _is_of(one, group)))


def _is_of(tree: Tree, group: FacetGroup) -> bool:
    match tree.child if isinstance(tree, Not) else tree:
        case HasLabel(key):
            return (group.kind, group.key) == ("label", key)
        case HasFeedback(metric):
            return (group.kind, group.key) == ("metric", metric)
        case HasLlm():
            return group.kind == "model"
        case HasSource():
            return group.kind == "source"
        case CreatedBy():
            return group.kind == "user"
        case _:
            return False
