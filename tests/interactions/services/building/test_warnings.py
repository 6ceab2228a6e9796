"""What the builder warns of, with how many records and which."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.services.building import warnings
from interactions.services.building.pipeline import BuildPlan
from interactions.services.building.texts.findings import Findings, does_alternate
from interactions.services.building.texts.personal_data import kinds_in
from interactions.services.judging.comparisons import compare_sides
from interactions.services.training.from_interactions import records
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User
from tests.interactions.services.building.cases import planned
from tests.make import (
    data_uri,
    image_message,
    make_image,
    make_interaction,
    make_interactions,
    make_llm,
    make_metric,
)


def told(plan: BuildPlan) -> dict[str, tuple[int, int]]:
    """Each warning with its count and how many ids it has."""
    return {one.name: (one.count, len(one.ids)) for one in warnings.of_plan(plan)}


@pytest.mark.django_db
def test_a_good_plan_has_no_warning(project: Project, alice: User) -> None:
    make_interactions(project, 20)
    assert told(planned(project, alice, "split=80/10/10")) == {}


@pytest.mark.django_db
def test_kept_flaws_and_one_prompt_are_told(project: Project, alice: User) -> None:
    make_interactions(project, 8)
    make_interaction(project, "Question 1", "")
    cut = make_interaction(project, "Question 1", "x", system={"finish_reason": "length"})
    plan = planned(project, alice, "empty=keep")
    assert told(plan) == {"empty": (1, 1), "cut off": (1, 1), "one prompt": (3, 3)}
    assert [one.ids for one in warnings.of_plan(plan) if one.name == "cut off"] == [(cut.id,)]


@pytest.mark.django_db
def test_few_records_and_an_empty_split_are_told(project: Project, alice: User) -> None:
    make_interaction(project)
    plan = planned(project, alice, "split=80/20")
    assert told(plan)["few"] == (1, 0)
    assert told(plan)["empty split"] == (0, 0)


@pytest.mark.django_db
def test_shares_that_sessions_upset_are_told(project: Project, alice: User) -> None:
    make_interactions(project, 20, session_id=uuid4())
    assert "uneven split" in told(planned(project, alice, "split=50/50"))


@pytest.mark.django_db
def test_what_a_balanced_sample_lacks_is_told(project: Project, alice: User) -> None:
    llm = make_llm(project)
    make_interactions(project, 12, llm=llm)
    make_interaction(project, "no model")
    plan = planned(project, alice, "sample=balanced&by=model&n=20")
    assert told(plan) == {"no value": (1, 1), "few of a value": (12, 12)}
    sentences = [one.sentence for one in warnings.of_plan(plan)]
    assert sentences[1] == "fewer than 20 of gpt-4o (12)"


@pytest.mark.django_db
def test_pairs_judged_both_ways_are_told(project: Project, alice: User, bob: User) -> None:
    metric = make_metric(project)
    one, other = make_interaction(project, "a", "one"), make_interaction(project, "a", "other")
    compare_sides(project, one.id, other.id, metric=metric, tied=None, by=alice)
    compare_sides(project, other.id, one.id, metric=metric, tied=None, by=bob)
    assert told(planned(project, alice, "kind=preference"))["judged both ways"] == (2, 2)


def record(*said: str, answer: str = "Yes.", **more: Any) -> TrainingRecord:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
    return TrainingRecord(messages, ModelAnswer(answer), **more)


@pytest.mark.parametrize(
    "fault, name",
    [
        (record("Hi", answer="<think>Hm.</think> Yes."), "thoughts"),
        (record("Say: " + "the maple is a tree " * 3, answer="the maple is a tree " * 3), "quoted"),
        (record("word " * 10_000), "long"),
        (record("Hi", "Hello"), "roles"),
        (record("I am ann@maple.org"), "e-mail addresses"),
        (replace(record(), messages=[image_message("https://maple.org/1.png")]), "image elsewhere"),
        (replace(record(), messages=[image_message("image:" + "0" * 64)]), "image missing"),
    ],
)
@pytest.mark.django_db
def test_texts_tell_what_is_wrong(project: Project, fault: TrainingRecord, name: str) -> None:
    found = Findings(project)
    found.look([record("Is it?"), fault])
    assert found.counts == {name: 1}
    again = Findings.of_json(project, found.as_json())  # type: ignore[arg-type]
    again.look([fault])
    assert (again.counts, again.looked_at) == ({name: 2}, 3)
    assert again.warnings()[0].of == 3


@pytest.mark.django_db
def test_an_image_that_is_there_is_not_missing(
    project: Project, alice: User, empty_storage: Path
) -> None:
    make_interaction(project, messages=[image_message(data_uri(make_image()))])
    found = Findings(project)
    chosen = planned(project, alice).records()
    found.look(records(project, chosen, kind="PROMPT_COMPLETION"))
    assert (found.counts, len(found.lengths)) == ({}, 1)


@pytest.mark.django_db
def test_one_sided_feedback_is_told(project: Project) -> None:
    found = Findings(project)
    found.look([record("Hi", feedback={"ok": n > 0, "csat": 3.0}) for n in range(20)])
    assert [one.sentence for one in found.warnings()] == ["only 1 of 20 records say no under ok"]


@pytest.mark.parametrize(
    "text, kinds",
    [
        ("Write to ann.b+c@maple.co.uk!", ["e-mail addresses"]),
        ("Write to ann@example.com or a@b", []),
        ("@decorator, user@host", []),
        ("Call +49 30 901820 or (212) 555-0123", ["phone numbers"]),
        ("On 2024-02-21 it was 1234567890 or 3.14159265358979", []),
        ("4111 1111 1111 1111", ["card numbers"]),
        ("4111 1111 1111 1112, 0000 0000 0000 0000", []),
        ("DE89 3704 0044 0532 0130 00", ["IBANs"]),
        ("DE89 3704 0044 0532 0130 02, XX89370400440532013000", []),
        ("x" * 200_000, []),
        ("1 " * 100_000, []),
    ],
)
def test_personal_data_is_told_from_what_looks_less_like_it(text: str, kinds: list[str]) -> None:
    assert list(kinds_in(text)) == kinds


@given(st.text(alphabet="aA1 -+.@()x4DE89", max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert len(list(kinds_in(text))) <= 4


@pytest.mark.parametrize(
    "roles, is_good",
    [
        ("user", True),
        ("system user", True),
        ("developer system user assistant user", True),
        ("user assistant tool", True),
        ("user assistant tool tool assistant user", True),
        ("user assistant tool assistant tool", True),
        ("user user", False),
        ("user assistant assistant user", False),
        ("assistant user", False),
        ("user system user", False),
        ("tool", False),
        ("user assistant", False),
        ("system", False),
    ],
)
def test_roles_alternate(roles: str, is_good: bool) -> None:
    assert does_alternate(roles.split()) == is_good
