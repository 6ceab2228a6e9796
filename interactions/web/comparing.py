"""What the panel beside the rows compares the matches with, when the address asks for it.

`compare=all` is all interactions, `compare=judged` those that have feedback under the metrics that
the filter speaks of: else what is judged at all would be all that stands out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from interactions.filters.conditions import HasFeedback, HasLabel
from interactions.filters.names import conditions_of
from interactions.filters.tree import EVERYTHING, And, Tree
from interactions.services import lift
from interactions.services.facets import Use, is_everything
from interactions.services.lift import LabelLift, Lift

from .choices import Choice, label_choices
from .look import Look

ALL, JUDGED = "all", "judged"


@dataclass(frozen=True, slots=True)
class Base:
    """What is compared with: its filter, and what a person calls it."""

    name: str
    tree: Tree
    words: str


@dataclass(frozen=True, slots=True)
class Way:
    """A link of the panel: how its values are shown."""

    words: str
    link: str
    is_on: bool


def base_of(look: Look) -> Base | None:
    """What the address asks to compare with; None for nothing. Blames what it cannot read."""
    asked = look.data.get("compare", "")
    if asked == ALL:
        return Base(ALL, EVERYTHING, "all")
    if asked == JUDGED:
        metrics = _metrics(look)
        named = tuple(HasFeedback(metric) for metric in metrics) or (HasFeedback(None),)
        return Base(JUDGED, And(named), f"all judged{_under(metrics)}")
    if asked:
        look.blame("compare", "expected all or judged")
    return None


def ways_of(look: Look, base: Base | None) -> list[Way]:
    """The links from one way to the others."""
    name = base.name if base else ""
    found = [
        Way("Share", look.address.dropping("compare"), not name),
        Way("Compare with all", _comparing(look, ALL), name == ALL),
    ]
    if (metrics := _metrics(look)) or name == JUDGED:
        words = f"with all judged{_under(metrics)}"
        found.append(Way(words, _comparing(look, JUDGED), name == JUDGED))
    return found


def _comparing(look: Look, name: str) -> str:
    return look.address.adding("compare", name, instead_of=("compare",))


def _under(metrics: Sequence[str]) -> str:
    return f" by {', '.join(metrics)}" if metrics else ""


def _metrics(look: Look) -> list[str]:
    """The metrics whose values the filter asks for."""
    if not look.filter.is_valid():
        return []
    given = (one for one in conditions_of(look.tree) if isinstance(one, HasFeedback))
    return list(dict.fromkeys(one.metric for one in given if one.metric is not None))


def with_lifts(
    here: Iterable[Choice], there: Iterable[Choice], of: int, base_of: int
) -> list[Choice]:
    """The choices with how much more frequent each is than among those of the base, by rank."""
    base = {choice.name: choice.n or 0 for choice in there}
    made = [
        choice
        if choice.n is None
        else replace(choice, lift=Lift(choice.n, of, base.get(choice.name, 0), base_of))
        for choice in here
    ]
    return sorted(
        made, key=lambda one: (-(one.lift.least if one.lift else 0.0), one.is_none, -(one.n or 0))
    )


def label_lifts(look: Look, lifts: Iterable[LabelLift]) -> list[Choice]:
    """Values of label keys as choices, in their order."""
    made = []
    for one in lifts:
        uses = [Use(one.value, one.lift.n)]
        (choice,) = label_choices(look.data, one.key, uses, one.lift.of)
        made.append(replace(choice, lift=one.lift, key=one.key))
    return made


def apart(look: Look, base: Base) -> lift.Compared:
    """What sets the matches apart, of all label keys but those that the filter speaks of."""
    if is_everything(look.tree):
        return lift.Compared([])
    asked = {one.key for one in conditions_of(look.tree) if isinstance(one, HasLabel)}
    found = lift.labels(look.project, look.tree, base.tree)
    return replace(found, lifts=[one for one in found.lifts if one.key not in asked])
