"""Every count of a plan is what plain Python counts over the same rows."""

import random
from datetime import timedelta

import pytest
from django.http import QueryDict

from interactions.models import Comparison
from interactions.services import selections
from interactions.services.building import pipeline
from interactions.services.building.recipe_reading import read
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.log import log_interactions
from projects.models import Metric, Project, User
from tests.interactions.services.building.cases import steps
from tests.interactions.services.building.recount import recount
from tests.make import NOON, make_draft, make_llm, make_metric

pytestmark = pytest.mark.django_db

RECIPES = [
    "",
    "kind=prompt&dedupe=prompt",
    "kind=prompt&dedupe=answer",
    "dedupe=answer&empty=keep",
    "dedupe=prompt&score=csat:gte:3",
    "kind=feedback&require_feedback=1&score=good:eq:1&dedupe=answer",
    "kind=preference",
    "kind=preference&ties=told&dedupe=answer&score=good",
    "kind=preference&metric=prefer&empty=keep&dedupe=prompt",
    "kind=preference&pairs=mined&metric=csat",
    "kind=preference&pairs=mined&metric=csat&gap=2&per_prompt=all&dedupe=answer",
    "kind=preference&pairs=mined&metric=good&score=csat:gte:2",
    "kind=preference&pairs=mined&metric=slow&per_prompt=all&empty=keep",
    "kind=preference&pairs=both&metric=csat&gap=0.5&dedupe=answer",
    "kind=preference&pairs=both&metric=good&ties=told&per_prompt=all",
]


def populate(project: Project, by: User, seed: int) -> None:
    """Two hundred answers to few prompts, many of them alike, judged and compared at random."""
    chance = random.Random(seed)
    llms = [make_llm(project, key) for key in ("small", "large")]
    csat, good = make_metric(project, "csat", kind="SCALAR"), make_metric(project, "good")
    lower = Metric.Scoring.LOWER_IS_BETTER
    slow = make_metric(project, "slow", kind="SCALAR", scoring_type=lower)
    prefer, other = make_metric(project, "prefer"), make_metric(project, "other")
    drafts = []
    for n in range(200):
        given = {
            csat: chance.randint(1, 5), good: chance.random() < 0.5, slow: chance.random()
        }  # fmt: skip
        feedback = {metric: value for metric, value in given.items() if chance.random() < 0.5}
        answer = chance.choice(["A tree.", "A leaf.", "A bush.", "", " \n", "<think>So", f"{n}"])
        more = {"completion_parts": {"tool_calls": [{"id": "1"}]}} if n % 9 == 0 else {}
        notes = chance.choice([None, None, None, {"finish_reason": "length"}, {"cut_short": "x"}])
        drafts.append(
            make_draft(
                f"Question {chance.randint(1, 30)}",
                answer,
                feedback=feedback,
                llm=chance.choice(llms),
                system=notes,
                labels={"half": str(n % 2)},
                created_at=NOON + n * timedelta(minutes=1),
                **more,
            )
        )
    ids = [one.id for one in log_interactions(project, drafts)]
    by_prompt: dict[str, list[int]] = {}
    for n, draft in enumerate(drafts):
        by_prompt.setdefault(str(draft.messages), []).append(n)
    pairs = [chance.sample(some, 2) for some in by_prompt.values() if len(some) > 1] * 2
    pairs += [chance.sample(range(200), 2) for _ in range(10)]
    given_pairs = [
        NewComparison(
            metric=chance.choice([prefer, other]),
            preferred_id=ids[one],
            other_id=ids[two],
            tied=chance.choice([None, None, "good", "bad"]),
            created_at=NOON,
        )
        for one, two in pairs
    ]
    compare(project, given_pairs, by=by)
    assert Comparison.objects.in_project(project).count() == len(given_pairs)


@pytest.mark.parametrize("seed", range(3))
def test_each_step_is_what_plain_python_counts(project: Project, alice: User, seed: int) -> None:
    populate(project, alice, seed)
    for filter in ("", "label=half:0"):
        selection = selections.freeze(project, QueryDict(filter), by=alice)
        ids = {id for piece in selections.pieces(selection, limit=500) for id in piece}
        for said in RECIPES:
            recipe = read(QueryDict(f"of={selection.uuid}&{said}"))
            plan = pipeline.plan(project, selection, recipe)
            assert steps(plan) == recount(project, recipe, ids), said
            assert steps(pipeline.preview(project, selection, recipe)) == steps(plan)
