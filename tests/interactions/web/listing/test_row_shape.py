"""What the rows of a page have in common: columns without anything, labels of them all."""

from typing import Any

import pytest
from django.test import Client

from interactions.services.recording.log import log_interactions
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def get(user: User, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(URL + query)


def logged(project: Project, *labels: dict[str, str], **known: Any) -> None:
    log_interactions(project, [make.make_draft(labels=one, **known) for one in labels])


def test_columns_without_anything_are_left_out_and_named(alice: User, project: Project) -> None:
    logged(project, {}, latency_ms=900)
    answer = get(alice)
    shape = answer.context["listing"].shape
    assert [cell.heading for cell in shape.cells] == ["Time", "Prompt and completion", "Latency"]
    assert shape.empty_terms == "model,labels,images,tokens"
    assert "No row of this page has: Model, Labels, Images, Tokens" in answer.text
    assert 'class="pics"' not in answer.text
    logged(project, {"env": "prod"}, usage={"prompt_tokens": 4, "completion_tokens": 2})
    headings = [cell.heading for cell in get(alice).context["listing"].shape.cells]
    assert headings == ["Time", "Prompt, completion, labels", "Tokens, latency"]


def test_one_column_stays_even_if_it_is_empty(alice: User, project: Project) -> None:
    logged(project, {})
    answer = get(alice, "?columns=images")
    assert [cell.kind for cell in answer.context["listing"].shape.cells] == ["images"]
    assert "No row of this page" not in answer.text


def test_labels_of_every_row_are_said_once(alice: User, project: Project) -> None:
    logged(project, *({"env": "prod", "n": str(n)} for n in range(3)))
    answer = get(alice)
    assert answer.text.count("env <b>prod</b>") == 1
    assert f'data-shared="{answer.context["listing"].shape.shared[0].id}"' in answer.text
    assert answer.text.index("All 3:") < answer.text.index("env <b>prod</b>")
    assert answer.text.count('class="chip"') == 4
    logged(project, {"env": "test"})
    answer = get(alice)
    assert answer.text.count("env <b>prod</b>") == 3
    assert "All 4:" not in answer.text and "data-shared" not in answer.text


def test_two_rows_are_too_few_to_have_labels_in_common(alice: User, project: Project) -> None:
    logged(project, {"env": "prod"}, {"env": "prod"})
    assert get(alice).text.count("env <b>prod</b>") == 2


def test_rare_labels_come_first_and_the_rest_is_counted(alice: User, project: Project) -> None:
    common = {"a": "1", "b": "2", "c": "3", "d": "4"}
    logged(project, {**common, "z": "rare"}, *[common] * 10, {"other": "x"})
    listing = get(alice).context["listing"]
    row = next(row for row in listing.rows if len(row.labels) == 5)
    assert [label.key for label in listing.shape.chips_of(row)] == ["z", "a", "b", "c", "d"]
    page = get(alice).text
    assert 'title="c 3\nd 4">+2</span>' in page
    assert page.count('class="rest"') == 11


def test_a_label_with_a_column_of_its_own_is_no_chip(alice: User, project: Project) -> None:
    logged(project, {"env": "prod", "lang": "fr"}, {"env": "test", "lang": "de"})
    page = get(alice, "?columns=ask,labels,label:env").text
    assert 'title="env is prod">prod</a>' in page
    assert "env <b>" not in page


@pytest.mark.parametrize(
    ("values", "signs", "words"),
    [
        ({"ok": True}, '<b class="good">▲</b>', "ok: yes"),
        ({"ok": False}, '<b class="bad">▼</b>', "ok: no"),
        ({"ok": False, "well": True}, '<b class="bad">▼</b><b class="good">▲</b>', ""),
        ({"score": 3.5}, '<b class="none">·</b>', "score: 3.5"),
    ],
)
def test_feedback_is_a_mark_with_words(
    alice: User, project: Project, values: dict[str, Any], signs: str, words: str
) -> None:
    kinds = {"ok": "BOOL", "well": "BOOL", "score": "SCALAR"}
    given = {make.make_metric(project, key, kinds[key]): value for key, value in values.items()}
    one = make.make_interaction(project, feedback=given)
    page = get(alice).text
    assert f'<span id="fb-{one.id}" class="mark" role="img" title="' in page
    assert f'{words}">{signs}</span>' in page


def test_without_feedback_the_mark_has_its_place(alice: User, project: Project) -> None:
    one = make.make_interaction(project)
    assert f'<span id="fb-{one.id}" class="mark"></span>' in get(alice).text
    assert 'class="mark"' not in get(alice, "?columns=time,ask").text


def test_a_hit_out_of_sight_takes_the_line_of_the_answer(alice: User, project: Project) -> None:
    make.make_interaction(project, "where", f"{'long ' * 100} the <b>maple</b> stands")
    page = get(alice, "?text=maple").text
    assert '<span class="hit" dir="auto"><small>in the completion</small>' in page
    assert "&lt;b&gt;<mark>maple</mark>&lt;/b&gt;" in page
    assert 'class="say"' not in page
