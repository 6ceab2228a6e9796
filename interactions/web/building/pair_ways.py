"""What the builder says where a selection makes no pairs: why, and how to go on."""

from dataclasses import dataclass

from django.urls import reverse

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.notation import spell_number
from interactions.services.building import pair_chances
from interactions.services.building.pair_chances import PairFigures, WayOn
from interactions.services.building.recipe import Answers, PairsFrom, Recipe, RecordKind, Ties
from interactions.web.building.builder_page import BuilderPage

FIGURES_LIMIT_MS = 3_000
WAYS_LIMIT_MS = 12_000


@dataclass(frozen=True, slots=True)
class ShownWay:
    """A way on: what it does, where it leads, and what comes of it."""

    words: str
    link: str
    result: str


def figures(page: BuilderPage) -> PairFigures | None:
    """What there is to make pairs of; None when counting takes too long."""
    try:
        with time_limit(FIGURES_LIMIT_MS):
            return pair_chances.figures(page.selection)
    except TookTooLong:
        return None


def reasons(recipe: Recipe, said: PairFigures) -> list[str]:
    """Why there are no pairs, a sentence each."""
    n = f"{said.interactions:,} interaction{'' if said.interactions == 1 else 's'}"
    found = []
    if recipe.pairs != PairsFrom.MINED:
        found.append(_why_not_compared(recipe, said, n))
    else:
        found.append(f"There are {n}.")
    found.append(
        f"{_prompts(said.prompts_with_two)} more than one answer here, and"
        f" {said.with_feedback:,} of the answers {'has' if said.with_feedback == 1 else 'have'}"
        " feedback."
    )
    if recipe.pairs != PairsFrom.COMPARISONS:
        gap = "" if recipe.gap is None else f" by {spell_number(recipe.gap)} or more"
        found.append(
            f"No prompt has two different answers whose {recipe.metric} differs{gap}"
            + ("." if recipe.answers == Answers.PROMPTS else " within the selection.")
        )
    return found


def _why_not_compared(recipe: Recipe, said: PairFigures, n: str) -> str:
    if not said.compared:
        return f"None of the {n} was compared with another."
    under = f" under {recipe.metric}" if recipe.metric else ""
    if not said.decided and recipe.ties == Ties.OUT:
        return f"All {said.compared:,} comparisons of the {n} are ties."
    return f"Of {said.compared:,} comparisons of the {n} none{under} can be used."


def _prompts(n: int) -> str:
    return f"{n:,} prompt{' has' if n == 1 else 's have'}" if n else "No prompt has"


def ways(page: BuilderPage, said: PairFigures) -> list[ShownWay]:
    """How to go on, each with what comes of it; without counts when these take too long."""
    if page.recipe is None:
        return []
    try:
        with time_limit(WAYS_LIMIT_MS):
            into = page.into
            found = pair_chances.ways_on(page.selection, page.recipe, said, dataset=into)
    except TookTooLong:
        found = []
    shown = [ShownWay(_words(one.recipe), page.with_recipe(one.recipe), _of(one)) for one in found]
    if said.prompts_with_two and page.may_compare:
        shown.insert(len(shown) - 1 if shown else 0, _compare(page, said))
    return shown


def _words(recipe: Recipe) -> str:
    if recipe.kind == RecordKind.FEEDBACK:
        return "Make prompts, completions and feedback (KTO) instead"
    if recipe.pairs == PairsFrom.COMPARISONS:
        return "Keep ties, too" if recipe.ties == Ties.TOLD else "Take comparisons under any metric"
    if recipe.answers == Answers.PROMPTS:
        return f"Pair them by {recipe.metric} with all other answers to the same prompts"
    return f"Pair these answers by {recipe.metric}"


def _of(way: WayOn) -> str:
    what = "pair" if way.recipe.is_preference else "record"
    return f"{'about ' * way.is_at_most}{way.records:,} {what}{'' if way.records == 1 else 's'}"


def _compare(page: BuilderPage, said: PairFigures) -> ShownWay:
    selection = page.selection
    query = selection.query if selection.query is not None else selection.came_from
    link = reverse("pairs", kwargs={"key": page.project.key}) + (f"?{query}" if query else "")
    n = said.prompts_with_two
    return ShownWay(
        "Compare answers in Pairs now",
        link,
        f"{n:,} prompt{'' if n == 1 else 's'} with more than one answer",
    )
