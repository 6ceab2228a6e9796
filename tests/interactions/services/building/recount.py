"""What a recipe makes of rows, counted a second time in plain Python, in another way.

Nothing of the builder is used but the recipe: rows are read whole, compared by their texts, and
nothing is bounded.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any
from uuid import UUID

from interactions.models import Comparison, Feedback, Interaction, InteractionBody
from interactions.models.thoughts import split_thoughts
from interactions.services.building.recipe import Recipe
from projects.models import Metric, Project

SIGNS: dict[str, Any] = {
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}


@dataclass
class Told:
    """One interaction as plain values."""

    id: UUID
    prompt: str
    answer: str
    session: UUID | None
    is_bad: bool
    feedback: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def rows(project: Project) -> dict[UUID, Told]:
    """All interactions of a project."""
    sessions = dict(Interaction.objects.in_project(project).values_list("id", "session_id"))
    found = {}
    for body in InteractionBody.objects.in_project(project):
        notes, parts = body.system or {}, body.completion_parts or {}
        reply = split_thoughts(body.completion).reply.strip()
        said = reply or any(parts.get(name) for name in ("tool_calls", "refusal", "audio"))
        is_cut = notes.get("finish_reason") == "length" or bool(notes.get("cut_short"))
        found[body.interaction_id] = Told(
            body.interaction_id,
            json.dumps(body.messages, sort_keys=True, default=str),
            json.dumps([body.completion, body.completion_parts], sort_keys=True, default=str),
            sessions[body.interaction_id],
            is_cut or not said,
        )
    for given in Feedback.objects.in_project(project).select_related("metric"):
        found[given.interaction_id].feedback[given.metric.key].append(given.value)
    return found


def recount(project: Project, recipe: Recipe, ids: set[UUID]) -> dict[str, int]:
    """How many are left after each step but near-duplicates, of the interactions `ids`."""
    all = rows(project)
    mine = sorted((all[id] for id in ids), key=lambda one: one.id)
    left = {"matched": len(mine)}
    records: list[tuple[Told, ...]] = []
    if recipe.is_preference:
        records += _pairs(project, recipe, all, mine, left)
    else:
        records += [(one,) for one in _singles(recipe, mine, left)]
    seen = set()
    for record in reversed(records):
        answers = [one.answer for one in record] if recipe.dedupe == "answer" else []
        if not recipe.has_answer:
            answers = []
        seen.add((record[0].prompt, *answers))
    if recipe.dedupe != "none":
        left["without duplicates"] = len(seen)
    return left


def _singles(recipe: Recipe, mine: list[Told], left: dict[str, int]) -> list[Told]:
    if recipe.require_feedback:
        mine = [one for one in mine if one.feedback]
        left["with feedback"] = len(mine)
    if recipe.score:
        mine = [one for one in mine if _scored(recipe, one)]
        left["with these scores"] = len(mine)
    if recipe.has_answer and recipe.empty == "out":
        mine = [one for one in mine if not one.is_bad]
        left["not empty"] = len(mine)
    return mine


def _scored(recipe: Recipe, one: Told) -> bool:
    return all(
        any(
            condition.comparator is None or SIGNS[condition.comparator](value, condition.value)
            for value in one.feedback.get(condition.metric or "", ())
        )
        for condition in recipe.score
    )


def _pairs(
    project: Project,
    recipe: Recipe,
    all_rows: dict[UUID, Told],
    mine: list[Told],
    left: dict[str, int],
) -> list[tuple[Told, Told]]:
    found: list[tuple[Told, Told, str | None]] = []
    if recipe.pairs != "mined":
        found += _compared(project, recipe, all_rows, {one.id for one in mine})
    if recipe.pairs != "comparisons":
        told = {frozenset((one.id, other.id)) for one, other, _ in found}
        found += [
            (one, other, None)
            for one, other in _mined(project, recipe, mine)
            if frozenset((one.id, other.id)) not in told
        ]
    left["pairs"] = len(found)
    if recipe.ties == "out" and recipe.pairs != "mined":
        found = [pair for pair in found if pair[2] is None]
        left["not tied"] = len(found)
    if recipe.empty == "out":
        found = [pair for pair in found if not pair[0].is_bad and not pair[1].is_bad]
        left["not empty"] = len(found)
    pairs = [(one, other) for one, other, _ in found if one.answer != other.answer]
    left["different answers"] = len(pairs)
    return pairs


def _compared(
    project: Project, recipe: Recipe, all_rows: dict[UUID, Told], ids: set[UUID]
) -> list[tuple[Told, Told, str | None]]:
    found = []
    for one in Comparison.objects.in_project(project).select_related("metric"):
        better, worse = all_rows[one.preferred_id], all_rows[one.other_id]
        if recipe.pairs == "comparisons" and recipe.metric not in ("", one.metric.key):
            continue
        is_one_prompt = better.prompt == worse.prompt
        if {better.id, worse.id} & ids and is_one_prompt and _scored(recipe, better):
            found.append((better, worse, one.tied))
    return found


def _mined(project: Project, recipe: Recipe, mine: list[Told]) -> list[tuple[Told, Told]]:
    metric = Metric.objects.in_project(project).get(key=recipe.metric)
    by_prompt: dict[str, list[Told]] = defaultdict(list)
    for one in mine:
        if recipe.metric in one.feedback and not (one.is_bad and recipe.empty == "out"):
            by_prompt[one.prompt].append(one)

    def apart(pair: tuple[Told, Told]) -> float:
        better, worse = (sum(v) / len(v) for v in (o.feedback[recipe.metric] for o in pair))
        return worse - better if metric.is_low_better else better - worse

    gap = recipe.gap if recipe.gap is not None else 1.0 if metric.is_yes_no else 1e-8
    found = []
    for group in by_prompt.values():
        pairs = [
            pair
            for pair in permutations(group, 2)
            if pair[0].answer != pair[1].answer
            and apart(pair) >= gap - 1e-9
            and _scored(recipe, pair[0])
        ]
        if recipe.per_prompt == "all":
            found += pairs
        elif pairs:
            # The widest; of as wide ones the newest. Only that there is one counts here.
            found.append(max(pairs, key=lambda pair: (apart(pair), pair[0].id, pair[1].id)))
    return found
