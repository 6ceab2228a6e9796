"""Which interactions and pairs a recipe makes records of."""

import pytest

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset
from interactions.services.building.candidates import mining, pool
from interactions.services.judging.comparisons import compare_sides
from projects.models import Metric, Project, User
from tests.interactions.services.building.cases import planned, rated, steps, texts
from tests.make import NOON, make_interaction, make_llm, make_metric, make_project

pytestmark = pytest.mark.django_db


def test_empty_and_cut_off_answers_are_left_out(project: Project, alice: User) -> None:
    make_interaction(project, "a", "Whole.")
    make_interaction(project, "b", "")
    make_interaction(project, "c", "Cut at the", system={"finish_reason": "length"})
    make_interaction(project, "d", "Hung up", system={"cut_short": "the client hung up"})
    make_interaction(project, "e", "<think>I was still")
    make_interaction(project, "f", "Thought only: is a good title.")
    make_interaction(project, "g", "", completion_parts={"tool_calls": [{"id": "1"}]})
    found = planned(project, alice)
    assert steps(found) == {"matched": 7, "not empty": 3}
    assert texts(found) == ["Whole.", "Thought only: is a good title.", ""]
    assert steps(planned(project, alice, "empty=keep")) == {"matched": 7}
    assert steps(planned(project, alice, "kind=prompt")) == {"matched": 7}


def test_feedback_and_scores_can_be_asked_for(project: Project, alice: User) -> None:
    csat = make_metric(project, "csat", kind="SCALAR")
    rated(project, "a", {"bad": 1, "fair": 3, "good": 5}, csat)
    make_interaction(project, "a", "unseen")
    found = planned(project, alice, "kind=feedback&require_feedback=1&score=csat:gte:3")
    assert steps(found) == {
        "matched": 4, "with feedback": 3, "with these scores": 2, "not empty": 2
    }  # fmt: skip
    assert texts(found) == ["fair", "good"]
    with pytest.raises(Invalid, match="score: expected a metric"):
        planned(project, alice, "score=nothing")


def test_rows_of_other_projects_are_no_candidates(project: Project, alice: User) -> None:
    other = make_project("oak")
    make_interaction(other, "a", "theirs")
    mine = make_interaction(project, "a", "mine")
    assert [one.interaction_id for one in planned(project, alice).records()] == [mine.id]


def test_a_comparison_counts_when_either_side_is_selected(project: Project, alice: User) -> None:
    prefer = make_metric(project, "prefer")
    good = make_interaction(project, "a", "good", labels={"seen": "yes"})
    bad = make_interaction(project, "a", "bad", labels={"seen": "no"})
    make_interaction(project, "a", "other", labels={"seen": "never"})
    compare_sides(project, good.id, bad.id, metric=prefer, tied=None, by=alice)
    for seen, pairs in (("yes", 1), ("no", 1), ("never", 0)):
        found = planned(project, alice, "kind=preference", filter=f"label=seen:{seen}")
        assert steps(found)["pairs"] == pairs
        assert texts(found) == ["good > bad"][:pairs]
    (one,) = planned(project, alice, "kind=preference").records()
    assert (one.metric, one.tied) == ("prefer", None)


def test_ties_are_left_out_or_told(project: Project, alice: User) -> None:
    prefer = make_metric(project, "prefer")
    one, other = make_interaction(project, "a", "one"), make_interaction(project, "a", "other")
    compare_sides(project, one.id, other.id, metric=prefer, tied="bad", by=alice)
    found = planned(project, alice, "kind=preference")
    assert (steps(found)["pairs"], steps(found)["not tied"]) == (1, 0)
    (told,) = planned(project, alice, "kind=preference&ties=told").records()
    assert told.tied == "bad"


def test_pairs_that_say_nothing_are_left_out(project: Project, alice: User) -> None:
    prefer, other = make_metric(project, "prefer"), make_metric(project, "other")
    a, same = make_interaction(project, "a", "A tree."), make_interaction(project, "a", "A tree.")
    b, empty = make_interaction(project, "b", "A bush."), make_interaction(project, "a", "")
    for preferred, rejected in ((a, same), (a, b), (a, empty)):
        compare_sides(project, preferred.id, rejected.id, metric=prefer, tied=None, by=alice)
    found = planned(project, alice, "kind=preference")
    assert steps(found) == {
        "matched": 4, "pairs": 2, "not tied": 2, "not empty": 1, "different answers": 0
    }  # fmt: skip
    assert (
        other.key and steps(planned(project, alice, "kind=preference&metric=other"))["pairs"] == 0
    )
    with pytest.raises(Invalid, match="metric: expected a metric of this project"):
        planned(project, alice, "kind=preference&metric=unknown")


def test_the_best_answer_is_paired_with_the_worst(project: Project, alice: User) -> None:
    csat = make_metric(project, "csat", kind="SCALAR")
    rated(project, "a", {"fine": 3, "worst": 1, "best": 5, "good": 4}, csat)
    rated(project, "b", {"alone": 5}, csat)
    said = "kind=preference&pairs=mined&metric=csat"
    assert texts(planned(project, alice, said)) == ["best > worst"]
    assert texts(planned(project, alice, f"{said}&gap=4.5")) == []
    every = planned(project, alice, f"{said}&gap=2&per_prompt=all")
    assert sorted(texts(every)) == ["best > fine", "best > worst", "fine > worst", "good > worst"]


def test_less_can_be_better_and_yes_is_one_apart_from_no(project: Project, alice: User) -> None:
    toxic = make_metric(project, "toxic", scoring_type=Metric.Scoring.LOWER_IS_BETTER)
    rated(project, "a", {"kind": False, "rude": True}, toxic)
    assert texts(planned(project, alice, "kind=preference&pairs=mined&metric=toxic")) == [
        "kind > rude"
    ]


def test_a_gap_as_people_write_it_is_met(project: Project, alice: User) -> None:
    ratio = make_metric(project, "ratio", kind="SCALAR")
    rated(project, "a", {"more": 0.3, "less": 0.2}, ratio)
    found = planned(project, alice, "kind=preference&pairs=mined&metric=ratio&gap=0.1")
    assert texts(found) == ["more > less"]


def test_equal_answers_are_never_mined(project: Project, alice: User) -> None:
    csat = make_metric(project, "csat", kind="SCALAR")
    rated(project, "a", {"same": 5, "middle": 2}, csat)
    rated(project, "a", {"same": 1}, csat)
    rated(project, "b", {"twice": 1}, csat)
    rated(project, "b", {"twice": 9}, csat)
    found = planned(project, alice, "kind=preference&pairs=mined&metric=csat")
    assert texts(found) == ["same > middle"]


def test_pairs_with_answers_that_are_not_selected(project: Project, alice: User) -> None:
    helpful, csat = make_metric(project), make_metric(project, "csat", kind="SCALAR")
    bad, *_ = rated(project, "Why?", {"Hm.": False, "So.": True, "Because.": True}, helpful)
    rated(project, "Whence?", {"From there.": True, "No.": True}, helpful)
    rated(project, "Who?", {"Me.": 3, "You.": 5, "They.": 2}, csat)
    no = "feedback=helpful:eq:0"
    said = "kind=preference&pairs=mined&metric=helpful"
    assert texts(planned(project, alice, said, filter=no)) == []
    found = planned(project, alice, f"{said}&answers=prompts", filter=no)
    assert texts(found) == ["Because. > Hm."]
    assert found.candidates.others.id(0) == bad.id
    all = planned(project, alice, f"{said}&answers=prompts&per_prompt=all", filter=no)
    assert sorted(texts(all)) == ["Because. > Hm.", "So. > Hm."]
    said = "kind=preference&pairs=mined&metric=csat&answers=prompts"
    middle = "feedback=csat:eq:3"  # as wide as can be with it, not the widest there is
    assert texts(planned(project, alice, said, filter=middle)) == ["You. > Me."]


def test_what_was_compared_is_not_mined_again(project: Project, alice: User) -> None:
    csat, prefer = make_metric(project, "csat", kind="SCALAR"), make_metric(project, "prefer")
    high, low = rated(project, "a", {"high": 5, "low": 1}, csat)
    rated(project, "b", {"yes": 5, "no": 1}, csat)
    compare_sides(project, low.id, high.id, metric=prefer, tied=None, by=alice)
    found = planned(project, alice, "kind=preference&pairs=both&metric=csat")
    assert sorted(texts(found)) == ["low > high", "yes > no"]


def test_many_answers_to_a_prompt_are_narrowed(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mining, "ANSWERS_PER_PROMPT", 3)
    csat = make_metric(project, "csat", kind="SCALAR")
    rated(project, "a", {str(n): n for n in range(5)}, csat)
    found = planned(project, alice, "kind=preference&pairs=mined&metric=csat&per_prompt=all")
    assert (found.narrowed, sorted(texts(found))) == (1, ["3 > 2", "4 > 2", "4 > 3"])


def test_the_widest_of_many_pairs_are_mined(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mining, "PAIRS_PER_PROMPT", 2)
    csat = make_metric(project, "csat", kind="SCALAR")
    rated(project, "a", {str(n): n for n in range(4)}, csat)
    said = "kind=preference&pairs=mined&metric=csat&per_prompt=all"
    found = planned(project, alice, said)
    assert (found.narrowed, sorted(texts(found))) == (1, ["3 > 0", "3 > 1"])
    monkeypatch.setattr(mining, "MOST_PAIRS", 1)
    with pytest.raises(Invalid, match="per_prompt: expected at most 1 pairs"):
        planned(project, alice, said)


def test_all_pieces_are_read_and_the_newest_of_many(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "READ_AT_ONCE", 2)
    for n in range(5):
        make_interaction(project, "a", str(n), created_at=NOON.replace(minute=n))
    assert texts(planned(project, alice)) == ["0", "1", "2", "3", "4"]
    found = planned(project, alice, most=3)
    assert (texts(found), found.newest, found.is_exact) == (["2", "3", "4"], 3, False)
    assert planned(project, alice, most=5).is_exact


def test_a_dataset_of_another_kind_is_refused(project: Project, alice: User) -> None:
    make_interaction(project)
    dataset = Dataset(project=project, kind=Dataset.Kind.PROMPT)
    with pytest.raises(Invalid, match="kind: expected the kind of the dataset"):
        planned(project, alice, dataset=dataset)


def test_samples_are_balanced_by_label_or_model(project: Project, alice: User) -> None:
    gpt, claude = make_llm(project, "gpt"), make_llm(project, "claude")
    for n in range(6):
        llm = gpt if n < 4 else claude
        make_interaction(project, "a", str(n), llm=llm, labels={"lang": "fr" if n % 3 else "de"})
    make_interaction(project, "a", "none")
    by_label = planned(project, alice, "sample=balanced&n=2&by=label:lang")
    assert len(by_label) == 4
    assert steps(by_label)["sampled"] == 4
    assert {"0", "3"} <= set(texts(by_label))
    assert len(planned(project, alice, "sample=balanced&n=3&by=model")) == 5
    with pytest.raises(Invalid, match="by: expected the key of a label"):
        planned(project, alice, "sample=balanced&n=3&by=label:moon")
