"""Two answers to one prompt, to say which is better."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import caches

from adaptive_site.lib.errors import DomainError
from interactions.filters.conditions import HasLabel
from interactions.filters.tree import EVERYTHING, Tree
from interactions.models import Comparison
from interactions.services.judging import pairs
from interactions.services.judging.pairs import Gap, Pair
from projects.models import Metric, Project, User
from tests import make

PAGE = "/projects/maple/pairs/"


@pytest.fixture(autouse=True)
def nothing_mined() -> None:
    caches["pairs"].clear()


@pytest.fixture
def preference(project: Project) -> Metric:
    return make.make_metric(project, "preference")


def answer(project: Project, text: str, prompt: str = "What is a maple?", **more: Any) -> UUID:
    if "model" in more:
        more["llm"] = make.make_llm(project, more.pop("model"))
    return make.make_interaction(project, prompt, text, **more).id


@pytest.fixture
def two(project: Project, preference: Metric) -> Pair:
    """The only pair of the project."""
    older = answer(project, "A tree.", model="gpt-4o")
    return Pair(answer(project, "A **leafy** tree.", model="llama"), older)


def mined(
    project: Project, tree: Tree = EVERYTHING, gap: Gap | None = None
) -> list[frozenset[UUID]]:
    return [pair.ids for pair in pairs.mine(project, tree, gap=gap).pairs]


def test_a_pair_is_two_different_answers_to_the_very_same_prompt(project: Project) -> None:
    one = answer(project, "A tree.")
    answer(project, "A tree.", prompt="What is an oak?")
    assert mined(project) == []
    answer(project, "A tree.")
    assert mined(project) == []
    other = answer(project, "A shrub.")
    assert frozenset((one, other)) in mined(project)
    assert len(mined(project)) == 2  # with each of the two that say the same


def test_long_answers_that_begin_alike_differ_by_what_follows(project: Project) -> None:
    start = "word " * 100
    ids = [answer(project, start + end) for end in ("one", "two", "two")]
    assert set(mined(project)) == {frozenset((ids[0], ids[1])), frozenset((ids[0], ids[2]))}


def test_both_answers_are_in_the_filter(project: Project) -> None:
    answer(project, "A tree.", labels={"env": "staging"})
    prod = [answer(project, text, labels={"env": "prod"}) for text in ("One.", "Two.")]
    assert mined(project, HasLabel("env", ("prod",))) == [frozenset(prod)]


def test_of_one_prompt_the_best_three_come_different_models_first(project: Project) -> None:
    same = [answer(project, f"Answer {n}", model="gpt-4o") for n in range(4)]
    other = answer(project, "Another", model="llama")
    found = pairs.mine(project, EVERYTHING, gap=None).pairs
    assert [pair.ids for pair in found] == [frozenset((other, id)) for id in same[:0:-1]]
    assert {pair.answers for pair in found} == {5}


def test_newer_prompts_come_first_and_the_order_stays(project: Project) -> None:
    old = [answer(project, text, prompt="Old?") for text in ("a", "b")]
    new = [answer(project, text, prompt="New?") for text in ("a", "b")]
    assert mined(project) == mined(project) == [frozenset(new), frozenset(old)]


def test_a_gap_asks_for_scores_so_far_apart(project: Project) -> None:
    csat = make.make_metric(project, "csat", "SCALAR")
    scored = [answer(project, f"{n}", feedback={csat: n}) for n in (1, 2, 5)]
    answer(project, "not scored")
    found = pairs.mine(project, EVERYTHING, gap=Gap(csat, 3)).pairs
    assert [pair.ids for pair in found] == [
        frozenset((scored[0], scored[2])),
        frozenset((scored[1], scored[2])),
    ]
    assert found[0].scores == (5, 1)
    assert pairs.mine(project, EVERYTHING, gap=Gap(csat, 4.5)).pairs == []


def test_a_bound_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        for text in "ab":
            answer(project, text, prompt=f"{n}?")
    assert pairs.mine(project, EVERYTHING, gap=None).newest == 0
    monkeypatch.setattr(pairs, "MATCHES_MINED", 3)
    found = pairs.mine(project, EVERYTHING, gap=None)
    # The second of its prompt lies beyond the newest three; its answers are found all the same.
    assert (len(found.pairs), found.newest) == (2, 3)


def test_sides_are_the_same_for_one_person_and_by_chance_for_many(
    project: Project, alice: User, bob: User
) -> None:
    many = [Pair(uuid4(), uuid4()) for _ in range(200)]
    alices = [pair.sides(alice)[0] == pair.newer for pair in many]
    assert alices == [pair.sides(alice)[0] == pair.newer for pair in many]
    assert 60 < sum(alices) < 140
    assert alices != [pair.sides(bob)[0] == pair.newer for pair in many]


def test_twice_at_once_is_stored_once(
    project: Project, bob: User, two: Pair, preference: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs.prefer(project, two, metric=preference, better=None, tied="good", by=bob)
    monkeypatch.setattr(pairs, "withdraw", lambda *_, **__: None)  # as if it came in between
    with pytest.raises(DomainError, match="compared a moment ago"):
        pairs.prefer(project, two, metric=preference, better=None, tied="bad", by=bob)
    assert Comparison.objects.get().tied == "good"
