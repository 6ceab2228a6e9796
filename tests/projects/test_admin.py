"""The admin console, as an administrator uses it."""

import pytest
from django.test import Client

from projects.models import Role, User
from projects.services import people
from projects.services.access import PERMISSIONS, READ
from tests.make import make_user

NO_TEAMS = {
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
}


@pytest.fixture
def console(client: Client, db: None) -> Client:
    """A browser in which an administrator is logged in."""
    client.force_login(User.objects.create_superuser("root@example.org", "x", name="Root"))
    return client


def test_a_roles_permissions_are_chosen_from_those_there_are(console: Client) -> None:
    role = people.role("viewer")
    address = f"/admin/projects/role/{role.pk}/change/"
    page = console.get(address).content.decode()
    assert page.count('type="checkbox" name="permissions"') == len(PERMISSIONS)
    assert page.count("checked") == 2
    form = {"key": "viewer", "name": "Viewer"}
    assert console.post(address, {**form, "permissions": [READ]}).status_code == 302
    assert Role.objects.get(key="viewer").permissions == [READ]
    refused = console.post(address, {**form, "permissions": ["interaction:raed"]})
    assert "interaction:raed is not one of the available choices" in refused.content.decode()


@pytest.mark.parametrize("is_administrator", [True, False])
def test_administrators_and_nobody_else_use_the_console(
    console: Client, client: Client, is_administrator: bool
) -> None:
    user = make_user("dora", is_staff=not is_administrator)
    form = {"email": user.email, "name": "Dora", "is_active": "on", **NO_TEAMS}
    if is_administrator:
        form["is_superuser"] = "on"
    address = f"/admin/projects/user/{user.pk}/change/"
    assert "is_staff" not in console.get(address).content.decode()
    assert console.post(address, form).status_code == 302
    user.refresh_from_db()
    assert (user.is_superuser, user.is_staff) == (is_administrator, is_administrator)
    client.force_login(user)
    assert ('href="/console/"' in client.get("/").content.decode()) is is_administrator


def test_a_new_user_can_be_made_an_administrator_at_once(console: Client) -> None:
    form = {
        **NO_TEAMS,
        "email": "eve@example.org",
        "name": "Eve",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "is_superuser": "on",
    }
    assert console.post("/admin/projects/user/add/", form).status_code == 302
    eve = User.objects.get(email="eve@example.org")
    assert eve.is_superuser
    assert eve.is_staff


def test_who_only_has_the_flag_of_staff_is_not_sent_to_the_console(
    client: Client, db: None
) -> None:
    client.force_login(make_user("dora", is_staff=True))
    page = client.get("/").content.decode()
    assert 'href="/admin/' not in page
    assert 'href="/console/' not in page
    assert "Ask an owner of one to invite you" in page


def test_the_console_looks_like_the_site_and_leads_back_to_it(console: Client) -> None:
    console.cookies["theme"] = "dark"
    for address in ("/admin/", "/admin/projects/metric/", "/admin/projects/project/add/"):
        page = console.get(address).text
        last = page.rindex('rel="stylesheet"')
        assert "css/admin" in page[last:], "its stylesheet is the last one"
        assert 'data-chosen="dark"' in page
        assert 'href="/"' in page
        assert "<style" not in page
        assert "theme.js" not in page
