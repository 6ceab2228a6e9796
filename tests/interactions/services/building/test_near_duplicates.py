"""What is dropped for being like another, checked word by word."""

import random
from functools import partial

import pytest

from adaptive_site.lib.errors import Invalid
from interactions.services.building import pipeline
from interactions.services.building.texts import near_duplicates
from interactions.services.building.texts.near_duplicates import jaccard, near, shingles_of
from interactions.services.building.texts.near_step import NearLimits
from interactions.services.building.texts.record_words import words_of
from projects.models import Project, User
from tests.interactions.services.building.cases import everything, planned, recipe, steps, texts
from tests.make import image_message, make_interaction

WORDS = [f"word{n}" for n in range(400)]


def variants(seed: int, families: int = 40, of_each: int = 6) -> list[list[str]]:
    """Texts of families, whose members have more and more words changed."""
    chance = random.Random(seed)
    made = []
    for _ in range(families):
        text = chance.choices(WORDS, k=chance.randint(30, 120))
        for n in range(of_each):
            changed = list(text)
            for _ in range(n):
                changed[chance.randrange(len(text))] = chance.choice(WORDS)
            made.append(changed)
    chance.shuffle(made)
    return made


def of(said: list[list[str]], places: object) -> dict[int, list[str]]:
    return {at: said[at] for at in places}  # type: ignore[attr-defined]


def greedy(said: list[list[str]], threshold: float) -> list[int]:
    """The same by comparing each with each."""
    kept: list[int] = []
    shingles = [shingles_of(words) for words in said]
    for at in reversed(range(len(said))):
        if all(jaccard(shingles[at], shingles[other]) < threshold for other in kept):
            kept.append(at)
    return kept[::-1]


@pytest.mark.parametrize("threshold", [0.5, 0.65, 0.8, 0.9, 1.0])
def test_it_finds_what_comparing_each_with_each_finds(threshold: float) -> None:
    said = variants(seed=round(threshold * 100))
    found = near(list(range(len(said))), threshold, partial(of, said))
    kept, dropped = found.kept, found.dropped
    exact = greedy(said, threshold)
    # Nothing is dropped that is less similar; MinHash may miss a pair, so little more is kept.
    assert len(set(kept) ^ set(exact)) <= 0.02 * len(said)
    for one in dropped:
        similarity = jaccard(shingles_of(said[one.dropped]), shingles_of(said[one.kept]))
        assert one.similarity == similarity >= threshold
        assert one.kept in kept and one.kept > one.dropped
    assert sorted([*kept, *(one.dropped for one in dropped)]) == list(range(len(said)))
    assert near(list(range(len(said))), threshold, partial(of, said)) == found
    # Of the newest alone the same is dropped.
    part = near(list(range(len(said))), threshold, partial(of, said), most=100)
    assert part.looked_at == 100
    assert part.dropped == [one for one in dropped if one.dropped >= len(said) - 100]


def test_what_is_there_is_kept_in_any_case() -> None:
    text = WORDS[:30]
    said = [text, WORDS[50:80], text, text]
    found = near([0, 1], 0.8, partial(of, said), there=[2, 3])
    assert found.kept == [1]
    assert [(one.dropped, one.kept) for one in found.dropped] == [(0, 3)]


def test_nothing_is_looked_at_when_no_time_is_left() -> None:
    found = near([0, 1], 0.8, partial(of, [["a"]] * 2), seconds=0)
    assert (found.kept, found.dropped, found.looked_at) == ([0, 1], [], 0)


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_RECORDS", 2)
    with pytest.raises(Invalid, match="near: expected at most 2 records"):
        near([0, 1], 0.8, partial(of, [["a"]] * 3), there=[2])


def test_records_without_words_are_like_no_other() -> None:
    assert near([0, 1], 0.8, partial(of, [[], []])).kept == [0, 1]


def test_letters_are_words_where_there_are_no_blanks() -> None:
    assert words_of(["Is it? 是的", "naïve_x1"]) == ["is", "it", "是", "的", "naïve_x1"]


@pytest.mark.django_db
def test_records_are_compared_by_prompt_and_answer(project: Project, alice: User) -> None:
    answer = " ".join(WORDS[:40])
    system = {"role": "system", "content": " ".join(WORDS[100:200])}
    question = [system, {"role": "user", "content": "What is a maple?"}]
    make_interaction(project, messages=question, completion=answer)
    make_interaction(project, messages=question, completion=f"{answer} indeed")
    make_interaction(project, messages=question, completion="Another.")
    make_interaction(project, messages=[image_message("https://example.com/1.png")])
    make_interaction(project, messages=[image_message("https://example.com/2.png")])
    found = planned(project, alice, "near=0.8")
    assert steps(found)["without near-duplicates"] == 4
    assert texts(found) == [f"{answer} indeed", "Another.", "A tree.", "A tree."]
    (group,) = found.near_groups(10)
    assert (group.kept, group.row) == (found.candidates.ids.id(1), None)
    assert [id for id, _ in group.dropped] == [found.candidates.ids.id(0)]
    # The instructions alone are no likeness, and of prompts no answer is read.
    assert steps(planned(project, alice, "kind=prompt&near=0.8"))["without near-duplicates"] == 3


@pytest.mark.django_db
def test_a_preview_does_not_look_among_many(project: Project, alice: User) -> None:
    for _ in range(3):
        make_interaction(project)
    few = NearLimits(all_up_to=2, most=0)
    found = planned(project, alice, "near=0.8&sample=newest&n=2", near_limits=few)
    assert found.near is None and not found.is_exact
    assert [(step.name, step.left, step.is_at_most) for step in found.steps[1:]] == [
        ("not empty", 3, False),
        ("without near-duplicates", 3, True),
        ("sampled", 2, True),
    ]


@pytest.mark.django_db
def test_a_look_after_the_preview_is_of_the_newest_and_remembered(
    project: Project, alice: User
) -> None:
    for _ in range(4):
        make_interaction(project)
    few, after = NearLimits(2, 0), NearLimits(2, most=3, seconds=60)
    selection = everything(project, alice)
    said = recipe(selection, "near=0.8")
    found = pipeline.plan(project, selection, said, near_limits=after)
    assert (found.near_looked_at, found.near_of, found.is_exact) == (3, 4, False)
    assert len(found) == 2 and found.near is not None and len(found.near) == 2
    # A sample of the same records needs no other look; other records do.
    sampled = recipe(selection, "near=0.8&sample=newest&n=1")
    again = pipeline.plan(project, selection, sampled, near_limits=few)
    assert again.near == found.near and len(again) == 1
    assert (
        pipeline.plan(project, selection, recipe(selection, "near=0.7"), near_limits=few).near
        is None
    )
