"""A bare word that is the value of something is offered as a condition on it."""

from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.test import Client

from interactions.services.browsing import word_meanings
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"
SESSION = UUID("4e90da2e-c13b-5cbe-9073-1c2835aa9946")


@pytest.fixture
def filled(project: Project, alice: User, bob: User) -> Project:
    make.make_interactions(
        project,
        6,
        labels={"customer": "hotel-sandhu", "place": "Hotel Sandhu", "city": "Köln"},
        llm=make.make_llm(project, "gpt-sandbox"),
        created_by=alice,
        session_id=SESSION,
    )
    make.make_interactions(project, 2, labels={"customer": "Sandhu & Sons", "q": "100%"})
    make.make_metric(project, "sandiness")
    return project


def options(user: User, bar: str, project: str = "maple") -> list[tuple[str, int | None, int]]:
    client = Client()
    client.force_login(user)
    answer = client.get(
        f"/projects/{project}/interactions/complete/", {"bar": bar, "at": str(len(bar))}
    )
    assert answer.status_code == 200
    found = answer.context["options"]
    start = found.caret.start
    return [(one.text, one.n, start if one.start is None else one.start) for one in found.found]


@pytest.mark.parametrize(
    ("bar", "option"),
    [
        ("hotel-sandhu", ("customer:hotel-sandhu", 6, 0)),
        ("HOTEL-san", ("customer:hotel-sandhu", 6, 0)),
        ("sandhu", ("customer:hotel-sandhu", 6, 0)),
        ('"sandhu & s', ('customer:"Sandhu & Sons"', 2, 0)),
        ("hotel sandhu", ('place:"Hotel Sandhu"', 6, 0)),
        ("refund hotel san", ('place:"Hotel Sandhu"', 6, 7)),
        ("(env:prod hotel san", ('place:"Hotel Sandhu"', 6, 10)),
        ("gpt-sand", ("model:gpt-sandbox", 6, 0)),
        ("sandbox", ("model:gpt-sandbox", 6, 0)),
        ("alice@ex", ("user:alice@example.org", 6, 0)),
        ("alic", ("user:alice@example.org", 6, 0)),
        ("sandine", ("feedback.sandiness:", None, 0)),
        ("4e90da2e", (f"session:{SESSION}", 6, 0)),
        ("4e90da2e…", (f"session:{SESSION}", 6, 0)),
        ("ko\u0308ln", ("city:Köln", 6, 0)),
        ("100%", ("q:100%", 2, 0)),
    ],
)
def test_completion_offers_what_a_word_is_a_value_of(
    alice: User, filled: Project, bar: str, option: tuple[str, int | None, int]
) -> None:
    assert option in options(alice, bar)


def test_names_come_first_and_the_longest_phrase_before_its_last_word(
    alice: User, filled: Project
) -> None:
    assert options(alice, "cust")[0][0] == "customer:"
    said = [text for text, _, _ in options(alice, "hotel sandhu")]
    assert said[0] == 'place:"Hotel Sandhu"'
    assert "customer:hotel-sandhu" in said


def test_other_projects_values_are_never_offered(
    charlie: User, charlies_project: Project, filled: Project
) -> None:
    assert not [text for text, _, _ in options(charlie, "sandhu", "cherry") if "andhu" in text]


def empty(user: User, query: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"{URL}empty/?{query}").context["page"].meanings


def test_where_nothing_matches_the_words_are_offered_as_values_with_counts(
    alice: User, filled: Project
) -> None:
    found = empty(alice, "text=hotel-sandhu&source=OFFLINE")
    assert [(one.spelt, one.n.n) for one in found] == [("customer:hotel-sandhu", 6)]
    assert found[0].link == f"{URL}?source=OFFLINE&label=customer:hotel-sandhu"
    (place, *_) = empty(alice, "text=hotel+sandhu")
    assert (place.spelt, place.n.n) == ('place:"Hotel Sandhu"', 6)
    assert place.link == f"{URL}?label=place:Hotel+Sandhu"
    assert empty(alice, "text=hotel-sandhu&label=customer:nobody") == []
    assert empty(alice, "text=nothing") == []


def test_words_that_stand_in_one_value_are_offered_as_it(alice: User, project: Project) -> None:
    llm = make.make_llm(project, "openai/gpt-4o")
    labels = {"customer": "atelier-moreau", "place": "Moreau, Atelier"}
    make.make_interaction(project, labels=labels, llm=llm)
    make.make_interaction(project, labels={"customer": "atelier-durand"})
    for query in ("text=atelier+moreau", "text=Moreau+ATELIER"):
        spelt = {one.spelt for one in empty(alice, query)}
        assert spelt >= {"customer:atelier-moreau", 'place:"Moreau, Atelier"'}
    both = empty(alice, "text=atelier+moreau+tree")
    (one,) = [one for one in both if one.spelt == "customer:atelier-moreau"]
    assert (one.n.n, one.link) == (1, f"{URL}?text=tree&label=customer:atelier-moreau")


def test_a_value_behind_its_key_and_a_model_behind_its_project_are_offered(
    alice: User, project: Project
) -> None:
    make.make_interaction(project, labels={"customer": "atelier-moreau", "other": "atelier-moreau"},
                          llm=make.make_llm(project, "gpt-4o"))  # fmt: skip
    found = [one.spelt for one in empty(alice, "text=customer%3Datelier-moreau")]
    assert found == ["customer:atelier-moreau"]
    assert [one.spelt for one in empty(alice, "text=maple/gpt-4o")] == ["model:gpt-4o"]
    assert [one.spelt for one in empty(alice, "text=x%3D")] == []


def test_what_is_too_long_for_a_value_is_not_looked_for(filled: Project) -> None:
    (found, *_) = word_meanings.meanings(filled, ["hotel-sandhu"])
    assert found.value == "hotel-sandhu"
    marks = "\u0301\u0316" * word_meanings.LONGEST_PHRASE
    with patch.object(word_meanings, "normalize") as normalized:
        assert word_meanings.meanings(filled, [f"a{marks}", "x" * 10_000]) == []
    normalized.assert_not_called()
