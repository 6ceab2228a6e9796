"""The menus of views and columns, the density, and the views of every project."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import ListPreference
from interactions.services.browsing import saved_views
from interactions.web.listing.starter_views import starter_views
from projects.models import Project, User
from projects.services.access import Caller
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, path: str, **headers: str) -> Any:
    return client_of(user).get(URL + path, headers=headers)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_rows_come_without_what_is_in_the_menus(alice: User, filled: Project) -> None:
    make.make_interaction(filled, labels={"rarely": "x"})
    rows = text(get(alice, "", **{"HX-Request": "true", "HX-Target": "results"}))
    for menu in ("view-menu/", "column-menu/", "add-filter/"):
        assert f'hx-get="{URL}{menu}' in rows
    assert 'name="column"' not in rows
    assert 'value="rarely"' not in rows


def test_the_menu_of_columns_keeps_the_page_of_rows(alice: User, filled: Project) -> None:
    said = text(get(alice, "column-menu/?label=env:prod&order=oldest&after=7&open=8"))
    assert 'name="query" value="label=env:prod&amp;order=oldest&amp;after=7"' in said
    assert 'value="label:env"' in said
    assert 'value="metric:ok"' in said


def test_the_menu_of_views_saves_what_is_shown(alice: User, filled: Project) -> None:
    view = saved_views.save(filled, caller=Caller(alice), name="Prod", query="label=env:prod")
    said = text(get(alice, f"view-menu/?label=env:prod&time=7d&view={view.id}"))
    assert "Update “Prod” to what is shown" in said
    assert (
        "label=env%3Aprod&amp;time=7d&amp;columns=" in said or "label=env:prod&amp;time=7d" in said
    )
    assert "Worst this week" in said


def test_views_of_every_project_can_be_answered(alice: User, filled: Project) -> None:
    found = {one.name: one.link for one in starter_views(filled)}
    assert len(found) == 5
    for link in found.values():
        listing = get(alice, link.removeprefix(URL)).context["listing"]
        assert listing.faults == []
        assert listing.is_empty_project is False
    unjudged = get(alice, found["Without feedback"].removeprefix(URL)).context["listing"]
    assert len(unjudged.rows) == 50
    assert not any(row.feedback for row in unjudged.rows)
    bad = get(alice, found["Bad, no reason given"].removeprefix(URL)).context["listing"]
    assert len(bad.rows) == 15
    assert bad.title == "ok: no with no reason given"


def test_views_need_a_metric_in_use_and_the_primary_one_leads(project: Project) -> None:
    always = ["Slowest", "With images", "Without feedback"]
    make.make_metric(project, "unused")
    assert [one.name for one in starter_views(project)] == always
    stars, ok = make.make_metric(project, "stars", "SCALAR"), make.make_metric(project, "ok")
    make.make_interaction(project, feedback={stars: 3, ok: True})
    found = {one.name: one.link for one in starter_views(project)}
    assert "sort=metric:ok&sort_order=asc" in found["Worst this week"]
    project.primary_metric = stars
    found = {one.name: one.link for one in starter_views(project)}
    assert "sort=metric:stars&sort_order=asc" in found["Worst this week"]
    # Without a threshold no number of stars is bad.
    assert [*found] == ["Worst this week", *always]


def test_the_density_is_remembered_and_columns_stay(
    alice: User, bob: User, filled: Project
) -> None:
    saved_views.remember(filled, user=alice, columns="time,ask", density="comfortable")
    client = client_of(alice)
    form = {"density": "compact", "query": "label=env:prod"}
    assert client.post(f"{URL}density/", form)["Location"] == f"{URL}?label=env:prod"
    display = client.get(URL).context["listing"].display
    assert (display.columns_term, display.density) == ("time,ask", "compact")
    form = {"density": "comfortable", "query": "density=compact"}
    assert client.post(f"{URL}density/", form)["Location"] == f"{URL}?density=comfortable"
    assert not client_of(bob).get(URL).context["listing"].display.is_compact
    assert client.post(f"{URL}density/", {"density": "tiny"}).status_code == 400
    assert ListPreference.objects.get().density == "comfortable"


def test_a_stranger_changes_nothing(charlie: User, filled: Project) -> None:
    answer = client_of(charlie).post(f"{URL}density/", {"density": "compact"})
    assert answer.status_code == 404
