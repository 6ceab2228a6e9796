"""The admin console, as an administrator uses it."""

import pytest
from django.test import Client

from projects.models import ApiKey, Project, User
from projects.services import people
from tests.make import make_metric, make_user


@pytest.fixture
def console(client: Client, db: None) -> Client:
    """A browser in which an administrator is logged in."""
    client.force_login(User.objects.create_superuser("root@example.org", "x", name="Root"))
    return client


def test_what_our_own_pages_change_by_rules_is_only_shown(
    console: Client, project: Project, alice: User
) -> None:
    people.issue_key(alice, name="laptop")
    root = User.objects.get(email="root@example.org")
    rows = {
        "user": root, "role": people.role("viewer"), "team": alice.memberships.get().team,
        "apikey": ApiKey.objects.get(), "metric": make_metric(project),
    }  # fmt: skip
    for name, row in rows.items():
        address = f"/admin/projects/{name}/{row.pk}/"
        for act in ("change/", "delete/", "password/"):
            answer = console.post(address + act, {"name": "x", "is_superuser": "", "post": "yes"})
            assert answer.status_code in (302, 403, 404), address + act
            before = row.__class__._default_manager.get(pk=row.pk)
            assert str(before) == str(row)
        assert console.post(f"/admin/projects/{name}/add/", {"name": "x"}).status_code == 403
    root.refresh_from_db()
    assert root.is_superuser
    # Neither digests nor passwords are shown; a share is added, and no last one taken away.
    assert root.password not in console.get(f"/admin/projects/user/{root.pk}/change/").text
    page = console.get(f"/admin/projects/apikey/{rows['apikey'].pk}/change/").text
    assert "digest" not in page.lower()
    page = console.get(f"/admin/projects/project/{project.pk}/change/").text
    assert 'name="shares-__prefix__-team"' in page
    assert "DELETE" not in page and 'name="keep_days"' not in page


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
    for address in ("/admin/", "/admin/projects/metric/", "/admin/projects/llm/add/"):
        page = console.get(address).text
        last = page.rindex('rel="stylesheet"')
        assert "css/admin" in page[last:], "its stylesheet is the last one"
        assert 'data-chosen="dark"' in page
        assert 'href="/"' in page
        assert "<style" not in page
        assert "theme.js" not in page
