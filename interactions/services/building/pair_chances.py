"""Why a selection makes no pairs, and what would make some."""

from dataclasses import dataclass, replace
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.filters.conditions import HasFeedback
from interactions.filters.tree import conjuncts
from interactions.models import Dataset, Selection
from interactions.services import selections
from interactions.services.building import pipeline
from interactions.services.building.candidates.mining import ROUNDING
from interactions.services.building.recipe import Answers, PairsFrom, Recipe, RecordKind, Ties
from projects.models import Metric

METRICS_TRIED = 2  # of those with the most promising prompts, how many are planned with
LOOKED_AT = 20_000  # newest interactions of the selection


@dataclass(frozen=True, slots=True)
class PairFigures:
    """What there is to make pairs of: of `interactions`, how many have feedback, and how many
    prompts have two of them; how many comparisons there are of them, and how many do not tie.

    `newest` says that only so many of the newest interactions were looked at, 0 for all.
    """

    interactions: int
    with_feedback: int
    prompts_with_two: int
    compared: int
    decided: int
    newest: int


@dataclass(frozen=True, slots=True)
class WayOn:
    """Another recipe for the same selection, and how many records it makes."""

    recipe: Recipe
    records: int
    is_at_most: bool


@dataclass(frozen=True, slots=True)
class PromisingMetric:
    """A metric, and how many prompts have answers whose means are apart by its usual gap: both of
    them selected, or one.
    """

    key: str
    selected: int
    of_prompts: int


def figures(selection: Selection) -> PairFigures:
    """What there is to make pairs of in a selection."""
    ids, newest = _newest(selection)
    project = selection.project
    query = Sql(
        "WITH chosen AS (SELECT id, prompt_hash, EXISTS (SELECT FROM feedback f"
        "  WHERE f.interaction_id = i.id AND f.project_id = i.project_id) AS is_given"
        " FROM interaction i WHERE project_id = %s AND id = ANY(%s::uuid[])),"
        " compared AS (SELECT c.id, c.tied FROM comparison c"
        "  WHERE c.project_id = %s AND c.preferred_id = ANY(%s::uuid[])"
        " UNION SELECT c.id, c.tied FROM comparison c"
        "  WHERE c.project_id = %s AND c.other_id = ANY(%s::uuid[]))"
        " SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM chosen WHERE is_given),"
        " (SELECT count(*) FROM (SELECT FROM chosen GROUP BY prompt_hash HAVING count(*) > 1) t),"
        " (SELECT count(*) FROM compared), (SELECT count(*) FROM compared WHERE tied IS NULL)",
        (project.id, ids) * 3,
    )
    ((n, given, prompts, compared, decided),) = fetch(query)
    return PairFigures(n, given, prompts, compared, decided, newest)


def metrics(selection: Selection) -> list[PromisingMetric]:
    """The metrics that pairs can be mined by: those of the selection's filter, then those with
    the most prompts.

    Counted by scores alone: answers with the same text, or empty ones, make no pair in the end.
    """
    ids, _ = _newest(selection)
    project = selection.project
    query = Sql(
        "WITH chosen AS MATERIALIZED (SELECT id, prompt_hash FROM interaction"
        "  WHERE project_id = %s AND id = ANY(%s::uuid[])),"
        " answers AS (SELECT i.id, i.prompt_hash, c.id IS NOT NULL AS is_chosen"
        "  FROM (SELECT DISTINCT prompt_hash FROM chosen) p"
        "  JOIN interaction i ON i.project_id = %s AND i.prompt_hash = p.prompt_hash"
        "  LEFT JOIN chosen c ON c.id = i.id),"
        " means AS (SELECT f.metric_id, a.prompt_hash, a.is_chosen, avg(f.value) AS mean"
        "  FROM answers a JOIN feedback f ON f.interaction_id = a.id AND f.project_id = %s"
        "  GROUP BY a.id, f.metric_id, a.prompt_hash, a.is_chosen),"
        " apart AS (SELECT metric_id, max(mean) AS high, min(mean) AS low,"
        "  max(mean) FILTER (WHERE is_chosen) AS chosen_high,"
        "  min(mean) FILTER (WHERE is_chosen) AS chosen_low"
        "  FROM means GROUP BY metric_id, prompt_hash)"
        " SELECT m.key, count(*) FILTER (WHERE chosen_high - chosen_low >= g.gap),"
        " count(*) FILTER (WHERE greatest(high - chosen_low, chosen_high - low) >= g.gap) AS wide"
        " FROM apart JOIN projects_metric m ON m.id = apart.metric_id"
        " CROSS JOIN LATERAL (SELECT CASE WHEN m.kind = %s THEN %s ELSE %s END::float8 AS gap) g"
        " GROUP BY m.key ORDER BY wide DESC, m.key",
        (project.id, ids, project.id, project.id, Metric.Kind.BOOL, 1 - ROUNDING, ROUNDING),
    )
    found = [PromisingMetric(*row) for row in fetch(query) if row[2]]
    asked = _asked(selection)
    return sorted(found, key=lambda one: one.key not in asked)


def _asked(selection: Selection) -> set[str | None]:
    """The metrics that its filter asks for."""
    if selection.query is None:
        return set()
    terms = conjuncts(selections.tree_of(selection))
    return {one.metric for one in terms if isinstance(one, HasFeedback)}


def ways_on(
    selection: Selection, recipe: Recipe, said: PairFigures, *, dataset: Dataset | None = None
) -> list[WayOn]:
    """Recipes that make records of a selection of which this one makes no pairs.

    What each makes is planned as its own preview plans it.
    """
    tried = []
    compared = replace(
        recipe, pairs=PairsFrom.COMPARISONS, metric="", gap=None, answers=Answers.SELECTED
    )
    if said.decided:
        tried.append(compared)
    if said.compared > said.decided:
        tried.append(replace(compared, ties=Ties.TOLD))
    promising = metrics(selection)
    both = [one for one in promising if one.selected][:METRICS_TRIED]
    tried += [_mined(recipe, one.key, Answers.SELECTED) for one in both]
    wider = [one for one in promising[:METRICS_TRIED] if one.of_prompts > one.selected]
    tried += [_mined(recipe, one.key, Answers.PROMPTS) for one in wider]
    ways = [_way(selection, one, dataset) for one in tried if one != recipe]
    if said.with_feedback:
        given = Recipe(
            of=recipe.of,
            kind=RecordKind.FEEDBACK,
            require_feedback=True,
            empty=recipe.empty,
            dedupe=recipe.dedupe,
            split=recipe.split,
            seed=recipe.seed,
            name=recipe.name,
        )
        ways.append(_way(selection, given, None))
    return [one for one in ways if one.records]


def _mined(recipe: Recipe, metric: str, answers: Answers) -> Recipe:
    return replace(recipe, pairs=PairsFrom.MINED, metric=metric, gap=None, answers=answers)


def _way(selection: Selection, recipe: Recipe, dataset: Dataset | None) -> WayOn:
    made = pipeline.preview(selection.project, selection, recipe, dataset=dataset)
    return WayOn(recipe, len(made), not made.is_exact)


def _newest(selection: Selection) -> tuple[list[UUID], int]:
    ids = selections.shown(selection, limit=LOOKED_AT + 1)
    return ids[:LOOKED_AT], LOOKED_AT if len(ids) > LOOKED_AT else 0
