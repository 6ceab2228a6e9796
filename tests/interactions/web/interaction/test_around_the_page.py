"""What stands around the page of an interaction: its neighbours, and the project's tabs."""

import pytest
from django.db import connection
from django.test import Client

from projects.models import Project, User
from tests import make


def test_neighbours_that_take_too_long_to_find_are_left_out(
    client: Client, alice: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asleep(*args: object, **known: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr("interactions.web.interaction.page.NEIGHBOURS_LIMIT_MS", 10)
    monkeypatch.setattr("interactions.web.interaction.page.queries.page", asleep)
    _, middle, _ = make.make_interactions(project, 3)
    client.force_login(alice)
    answer = client.get(f"/projects/maple/interactions/{middle}/?text=rare")
    assert answer.status_code == 200
    assert "Question 1" in answer.text
    assert 'rel="next"' not in answer.text


def test_the_tabs_say_where_one_is(client: Client, alice: User, project: Project) -> None:
    page = f"/projects/maple/interactions/{make.make_interaction(project).id}/"
    client.force_login(alice)
    listed = client.get("/projects/maple/interactions/").text
    link, name = '<a href="/projects/maple/interactions/"', 'data-key="g i">Interactions</a>'
    assert f'{link} aria-current="page" {name}' in listed
    tab = f'{link} aria-current="true" {name}'
    assert tab in client.get(page).text
    wrong = client.post(f"{page}labels/", {"key": ""})
    assert (wrong.status_code, tab in wrong.text, "<span>Maple</span>" in wrong.text) == (
        422,
        True,
        True,
    )
    counted = client.get("/projects/maple/interactions/count/?label=env").text
    assert tab.replace('interactions/"', 'interactions/?label=env"') in counted
