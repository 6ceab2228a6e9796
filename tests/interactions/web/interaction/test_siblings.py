"""Answers to one prompt side by side."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from interactions.models import Interaction
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts


@pytest.fixture
def answers(project: Project) -> list[Interaction]:
    metric = make.make_metric(project)
    return [
        make.make_interaction(
            project,
            completion=text,
            llm=make.make_llm(project, llm),
            labels={"env": llm},
            feedback={metric: llm == "one"},
        )
        for llm, text in (
            ("one", "A maple is a tall tree."),
            ("two", "A maple is a small tree."),
            ("three", "Une plante."),
        )
    ]


def page(one: Interaction, *others: Interaction, more: str = "") -> str:
    chosen = "&".join([*(f"with={other.id}" for other in others), more]).strip("&")
    return f"/projects/{one.project.key}/interactions/{one.id}/siblings/?{chosen}"


def test_two_answers_differ_in_a_word(
    client: Client, bob: User, answers: list[Interaction]
) -> None:
    client.force_login(bob)
    text = client.get(page(answers[0], answers[1])).text
    assert "<del>tall</del><ins>small</ins>" in text.replace(" </", "</")
    assert "% the same" in text
    assert text.count("<article") == 2
    assert "▲ helpful: yes" in text
    assert "▼ helpful: no" in text
    assert "env <b>two</b>" in text


def test_what_has_little_in_common_is_marked_without_what_is_gone(
    client: Client, bob: User, answers: list[Interaction]
) -> None:
    client.force_login(bob)
    text = client.get(page(answers[0], answers[2])).text
    assert "<ins>Une plante</ins>" in text
    assert "what only the first says is left out" in text


def test_a_third_takes_its_place_and_can_be_left_out(
    client: Client, bob: User, answers: list[Interaction]
) -> None:
    client.force_login(bob)
    one, two, three = answers
    text = client.get(page(one, two, three)).text
    assert text.count("<article") == 3
    assert f"?with={three.id}" in text  # without the second
    assert client.get(page(one, two, three, more="view=formatted")).text.count("<ins>only") == 0


def test_without_a_choice_another_models_answer_is_shown(
    client: Client, bob: User, answers: list[Interaction]
) -> None:
    client.force_login(bob)
    assert client.get(page(answers[0])).text.count("<article") == 2


def test_one_alone_says_so(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    alone = make.make_interaction(project, "Nobody else asks this")
    assert "No other interaction has this prompt" in client.get(page(alone)).text


def test_the_prompt_is_shown_whole_with_its_images_and_all_answers_are_offered(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)
    asked = [{"role": "user", "content": f"Earlier {n}"} for n in range(9)]
    asked.append(make.image_message(make.data_uri(make.make_image()), text="Which tree?"))
    made = [make.make_interaction(project, messages=asked) for _ in range(15)]
    text = client.get(page(made[0])).text
    assert "<h1>15 answers to one prompt</h1>" in text
    assert re.search(r'<a class="zoom" href="[^"]+"><img', text)
    assert "8 earlier messages" in text
    assert text.index("Which tree?") < text.index("<article")
    assert "<summary>2 more</summary>" in text
    assert text.count('class="chip"') == 14
    assert f'/projects/maple/pairs/?prompt={made[0].prompt_hash}"' in text
    other = f"/projects/maple/interactions/{made[-1].id}/"
    assert f'href="{other}" aria-label="Open the page of the answer' in text
    assert client.get(f"/projects/maple/pairs/?prompt={made[0].prompt_hash}").status_code == 200


def test_markup_in_answers_is_text(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    one, two = (
        make.make_interaction(project, completion=f"<script>alert({n})</script> the same words")
        for n in (1, 2)
    )
    for more in ("", "view=formatted"):
        assert "<script>alert" not in client.get(page(one, two, more=more)).text


def test_a_stranger_and_another_project_find_nothing(
    client: Client, bob: User, charlie: User, charlies_project: Project, answers: list[Interaction]
) -> None:
    theirs = make.make_interaction(charlies_project)
    client.force_login(charlie)
    assert client.get(page(answers[0])).status_code == 404
    client.force_login(bob)
    assert client.get(page(answers[0], theirs)).status_code == 404
    other_prompt = make.make_interaction(answers[0].project, "Something else")
    assert client.get(page(answers[0], other_prompt)).status_code == 404
    assert client.get(page(answers[0], more=f"with={uuid4()}")).status_code == 404


@pytest.mark.parametrize("more", ["with=nonsense", "view=upside-down"])
def test_what_cannot_be_understood_is_refused(
    client: Client, bob: User, answers: list[Interaction], more: str
) -> None:
    client.force_login(bob)
    response = client.get(page(answers[0], more=more))
    assert response.status_code == 400
    assert "expected" in response.text


def test_the_number_of_queries_is_fixed(
    client: Client, bob: User, answers: list[Interaction], query_counts: QueryCounts
) -> None:
    client.force_login(bob)
    with query_counts("siblings: page"):
        client.get(page(answers[0], answers[1], answers[2]))
