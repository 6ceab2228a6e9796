"""Thoughts of a model begin folded, with the reply below them."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Interaction
from interactions.models.thoughts import split_thoughts
from interactions.services.browsing import rows
from interactions.web.rendering.text_parts import TextPart
from interactions.web.rendering.turns import Turn, turns_of
from projects.models import Project, User
from tests import make


@pytest.mark.parametrize(
    ("text", "thoughts", "reply"),
    [
        ("Four.", "", "Four."),
        ("<think>\nHm.\n</think>\n\nFour.", "Hm.", "Four."),
        ("  <THINKING>Hm.</THINKING>Four.", "Hm.", "Four."),
        ("<think>\n\n</think>\n\nFour.", "", "Four."),
        ("<think>Hm, and", "Hm, and", ""),
        ("<think>a <b> </think2></think>Four.", "a <b> </think2>", "Four."),
        ("Hm.\n</think>\nFour.", "Hm.", "Four."),
        ("Write `</think>` at the end.", "", "Write `</think>` at the end."),
        ("Tags: <think>x\n</think>\n", "", "Tags: <think>x\n</think>\n"),
        ("[THINK]Hm.[/THINK]Four.", "Hm.", "Four."),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
            "<|channel|>final<|message|>Four.",
            "Hm.",
            "Four.",
        ),
        ("", "", ""),
    ],
)
def test_thoughts_are_split_from_the_reply(text: str, thoughts: str, reply: str) -> None:
    assert split_thoughts(text) == (thoughts, reply)


def turns(project: Project, one: Interaction, *, is_raw: bool = False) -> list[Turn]:
    return turns_of(project, rows.whole(project, one.id), is_raw=is_raw)


def parts(turn: Turn) -> list[tuple[str, bool]]:
    return [(part.text, part.is_thought) for part in turn.parts if isinstance(part, TextPart)]


@pytest.mark.django_db
def test_an_answers_thoughts_are_a_part_of_their_own(project: Project) -> None:
    one = make.make_interaction(project, "2 + 2?", "<think>Two\nand two.</think>\nFour.")
    asked, answer = turns(project, one)
    assert parts(asked) == [("2 + 2?", False)]
    assert parts(answer) == [("Two\nand two.", True), ("Four.", False)]
    raw = turns(project, one, is_raw=True)[-1]
    assert parts(raw) == [("<think>Two\nand two.</think>\nFour.", False)]


@pytest.mark.django_db
def test_earlier_answers_too_but_not_what_people_write(project: Project) -> None:
    text = "<think>Hm.</think>Four."
    messages = [{"role": role, "content": text} for role in ("user", "assistant", "user")]
    asked, said, *_ = turns(project, make.make_interaction(project, messages=messages))
    assert (parts(asked), parts(said)) == ([(text, False)], [("Hm.", True), ("Four.", False)])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("beside", "thoughts"),
    [
        ({"reasoning_content": "Hm."}, ["Hm."]),
        ({"reasoning": "Hm.", "reasoning_content": "Hm."}, ["Hm."]),
        ({"reasoning": None}, []),
        ({"reasoning": {"odd": 1}}, []),
    ],
)
def test_thoughts_that_came_beside_the_text(
    project: Project, beside: dict[str, Any], thoughts: list[str]
) -> None:
    one = make.make_interaction(project, "2 + 2?", "Four.", completion_parts=beside)
    answer = turns(project, one)[-1]
    assert parts(answer) == [*((text, True) for text in thoughts), ("Four.", False)]


@pytest.mark.django_db
def test_the_page_folds_them_and_opens_them_for_a_hit(
    client: Client, alice: User, project: Project
) -> None:
    thoughts = "maple " * 2_000
    one = make.make_interaction(project, "what", f"<think>{thoughts}</think>An oak.")
    client.force_login(alice)
    url = f"/projects/maple/interactions/{one.id}/"
    page = client.get(url).text
    assert '<details class="thought"><summary>Thought, 12 k characters</summary>' in page
    assert page.index("12 k characters") < page.index("An oak.")
    assert '<details class="thought" open>' in client.get(f"{url}?text=maple").text
    row = client.get("/projects/maple/interactions/").context["listing"].rows[0]
    assert row.interaction.completion_preview == "An oak."
