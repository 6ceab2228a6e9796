"""The list of projects, and the menu that switches between them."""

from django.test import Client

from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

MENU = {"HX-Request": "true"}


def test_a_person_sees_their_projects_and_no_others(
    client: Client, bob: User, project: Project, charlies_project: Project
) -> None:
    client.force_login(bob)
    page = client.get("/")
    assert "Maple" in page.text
    assert "Cherry" not in page.text
    assert 'type="search"' not in page.text
    menu = client.get("/?now=maple&tab=metrics", headers=MENU).text
    assert '<a href="/projects/maple/metrics/" aria-current="true">Maple</a>' in menu
    assert "Cherry" not in menu
    assert "<html" not in menu


def test_a_tab_that_is_none_leads_to_the_interactions(
    client: Client, alice: User, project: Project
) -> None:
    client.force_login(alice)
    for tab in ("nonsense", "", "metric", "api-graphql", "\0"):
        menu = client.get("/", {"tab": tab}, headers=MENU).text
        assert 'href="/projects/maple/interactions/"' in menu


def test_of_many_one_is_found_by_name(client: Client, alice: User) -> None:
    for number in range(12):
        make.make_project(f"tree-{number}", owner=alice)
    client.force_login(alice)
    page = client.get("/?name=TREE-1").text
    assert 'type="search"' in page
    assert [f"tree-{n}</code>" in page for n in (0, 1, 10, 11)] == [False, True, True, True]
    assert "No project of that name" in client.get("/?name=%00<b>").text


def test_the_menu_costs_as_many_queries_for_many(
    client: Client, alice: User, query_counts: QueryCounts
) -> None:
    client.force_login(alice)
    for number in range(3):
        make.make_project(f"tree-{number}", owner=alice)
    with query_counts("the menu of projects"):
        client.get("/", headers=MENU)
    for number in range(3, 30):
        make.make_project(f"tree-{number}", owner=alice)
    with query_counts("the menu of projects"):
        client.get("/", headers=MENU)
