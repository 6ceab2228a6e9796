"""What the panel beside the rows compares the matches with, when the address asks for it.

`compare=all` leaves feedback open: the same filter without its conditions on feedback, so that what
is bad of a language is compared with that language. A filter that asks for no feedback is compared
with all of the same time, one of time alone with everything. `compare=judged` leaves only the value
of the feedback open: else what has feedback at all would be what stands out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from interactions.filters.conditions import CreatedIn, HasFeedback, HasLabel, IsCompared
from interactions.filters.notation import parse_label, spell_label
from interactions.filters.tree import EVERYTHING, And, Or, Tree, conditions_of, conjuncts, normal
from interactions.services.analysis import lift, value_pairs
from interactions.services.analysis.confidence_intervals import z_of_many
from interactions.services.analysis.facets import FacetValue
from interactions.services.analysis.lift import LabelLift, Lift
from interactions.services.analysis.sample_sizes import is_everything
from interactions.services.analysis.value_pairs import PairLift
from interactions.web.facets.choices import FacetChoice, label_choices
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.query_string import QueryString

COMPARE_WITH_ALL, COMPARE_WITH_FEEDBACK = "all", "judged"  # in addresses that people keep
SAME_FILTER, SAME_TIME = "with the same filter", "of the same time"


@dataclass(frozen=True, slots=True)
class Base:
    """What the matches are compared with: a filter, and in words `all` that are `which`."""

    name: str
    tree: Tree
    which: str = ""

    @property
    def words(self) -> str:
        """The base in words: `all with the same filter`."""
        return f"all {self.which}".strip()

    @property
    def brief(self) -> str:
        """The base in few words, for a link: `the same filter`, `all`."""
        return self.which.partition(" ")[2] or "all"


@dataclass(frozen=True, slots=True)
class PanelLink:
    """A link of the panel: how its values are shown."""

    words: str
    link: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class StandingOut:
    """What sets `of` matches apart from `base_of` of the base: label values and pairs, by rank.

    `compared` is how many there were to choose from. `newest`, `base_newest` and `pairs_newest`
    say that only so many were counted, `is_late` that it took too long.
    """

    base: Base
    shown: Sequence[FacetChoice] = ()
    keys: Sequence[str] = ()
    of: int = 0
    base_of: int = 0
    compared: int = 0
    newest: int = 0
    base_newest: int = 0
    pairs_newest: int = 0
    is_late: bool = False


def base_of(page: FilteredPage) -> Base | None:
    """What the address asks to compare with; None for nothing. Blames what it cannot read."""
    asked = page.compared_with
    if asked not in ("", COMPARE_WITH_ALL, COMPARE_WITH_FEEDBACK):
        page.blame("compare", "expected all or judged")
    if asked not in (COMPARE_WITH_ALL, COMPARE_WITH_FEEDBACK):
        return None
    tree = page.tree if page.filter.is_valid() else EVERYTHING
    return _with_feedback(tree) if asked == COMPARE_WITH_FEEDBACK else _all(tree)


def _all(tree: Tree) -> Base:
    rest = tuple(one for one in conjuncts(tree) if not _is_of_feedback(one))
    if len(rest) < len(conjuncts(tree)):
        return Base(COMPARE_WITH_ALL, And(rest), SAME_FILTER if rest else "")
    times = tuple(one for one in rest if isinstance(one, CreatedIn))
    if not times or len(times) == len(rest):
        return Base(COMPARE_WITH_ALL, EVERYTHING)
    return Base(COMPARE_WITH_ALL, And(times), SAME_TIME)


def _with_feedback(tree: Tree) -> Base:
    rest = tuple(one for one in conjuncts(tree) if not _is_of_feedback(one))
    metrics = _metrics(tree)
    given = normal(Or(tuple(map(HasFeedback, metrics)))) if metrics else HasFeedback()
    which = f"{SAME_FILTER} and" if rest else "with"
    return Base(COMPARE_WITH_FEEDBACK, And((*rest, given)), f"{which} {_feedback(metrics)}")


def _is_of_feedback(tree: Tree) -> bool:
    """Whether it asks for feedback, be it beside something else."""
    return any(isinstance(one, HasFeedback | IsCompared) for one in conditions_of(tree))


def panel_links(page: FilteredPage, base: Base | None) -> list[PanelLink]:
    """The links between counts and comparisons."""
    now = base.name if base else ""
    tree = page.tree if page.filter.is_valid() else EVERYTHING
    query = page.links.page
    names = {"": "Counts", COMPARE_WITH_ALL: f"Compare with {_all(tree).brief}"}
    if (metrics := _metrics(tree)) or now == COMPARE_WITH_FEEDBACK:
        names[COMPARE_WITH_FEEDBACK] = f"only those with {_feedback(metrics)}"
    return [
        PanelLink(
            words,
            query.adding("compare", name, instead_of=("compare",))
            if name
            else query.dropping("compare"),
            name == now,
        )
        for name, words in names.items()
    ]


def _feedback(metrics: Sequence[str]) -> str:
    return f"{' or '.join(metrics)} feedback" if metrics else "feedback"


def _metrics(tree: Tree) -> list[str]:
    """The metrics whose values the filter asks for."""
    given = (one for one in conditions_of(tree) if isinstance(one, HasFeedback))
    return list(dict.fromkeys(one.metric for one in given if one.metric is not None))


def with_lifts(
    here: Iterable[FacetChoice], there: Iterable[FacetChoice], of: int, base_of: int
) -> list[FacetChoice]:
    """The choices with how much more frequent each is than among those of the base, by rank."""
    base, choices = {choice.name: choice.n or 0 for choice in there}, list(here)
    z = z_of_many(sum(1 for choice in choices if (choice.n or 0) >= lift.LEAST_SUPPORT))
    made = [
        choice
        if choice.n is None
        else replace(choice, lift=Lift(choice.n, of, base.get(choice.name, 0), base_of, z))
        for choice in choices
    ]
    return sorted(
        made, key=lambda one: (-(one.lift.least if one.lift else 0.0), one.is_none, -(one.n or 0))
    )


def label_lifts(page: FilteredPage, lifts: Iterable[LabelLift]) -> list[FacetChoice]:
    """Values of label keys as choices, in their order."""
    made = []
    for one in lifts:
        uses = [FacetValue(one.value, one.lift.n)]
        (choice,) = label_choices(page.links.page.data, one.key, uses, one.lift.of)
        made.append(replace(choice, lift=one.lift, key=one.key))
    return made


def _pair_choice(page: FilteredPage, pair: PairLift) -> FacetChoice:
    """The two values as one choice: its link narrows to both."""
    data = page.links.page.data.copy()
    terms = [spell_label(key, value) for key, value in (pair.one, pair.other)]
    wanted = [parse_label(term) for term in terms]
    for name in ("label", "not_label"):
        keys = {key for key, _ in wanted}
        left = [term for term in data.getlist(name) if parse_label(term)[0] not in keys]
        data.setlist(name, left)
    data.setlist("label", [*data.getlist("label"), *terms])
    return FacetChoice(
        pair.one[1],
        pair.lift.n,
        pair.lift.share,
        False,
        False,
        str(QueryString(data)),
        "",
        lift=pair.lift,
        key=pair.one[0],
        other=pair.other,
    )


def standing_out(page: FilteredPage, base: Base, most: int) -> StandingOut:
    """What sets the matches apart, of all label keys but those that the filter speaks of."""
    if is_everything(page.tree) or page.tree == base.tree:
        return StandingOut(base)
    asked = {one.key for one in conditions_of(page.tree) if isinstance(one, HasLabel)}
    found = lift.labels(page.project, page.tree, base.tree)
    able = [one for one in found.lifts if one.key not in asked]
    pairs = value_pairs.pairs(page.project, page.tree, base.tree, able)
    compared = sum(one.lift.has_support for one in able) + pairs.looked_at
    z = z_of_many(compared)
    singles = [replace(one, lift=replace(one.lift, z=z)) for one in able]
    out = [one for one in singles if one.lift.stands_out]
    both: list[tuple[Lift, LabelLift | PairLift]] = [(one.lift, one) for one in out]
    both += [(one.lift, one) for one in pairs.lifts if one.lift.stands_out]
    both.sort(key=lambda one: (-one[0].least, -one[0].n))
    shown: list[FacetChoice] = []
    for _, one in both[:most]:
        if isinstance(one, PairLift):
            shown.append(_pair_choice(page, one))
        else:
            shown += label_lifts(page, [one])
    keys = dict.fromkeys(key for _, one in both for key in _keys(one))
    return StandingOut(
        base,
        shown,
        list(keys),
        found.of,
        found.base_of,
        compared,
        found.newest,
        found.base_newest,
        pairs.newest if any(one.other for one in shown) else 0,
    )


def _keys(one: LabelLift | PairLift) -> tuple[str, ...]:
    return (one.key,) if isinstance(one, LabelLift) else (one.one[0], one.other[0])
