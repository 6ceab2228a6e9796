"""The pages of people: a project's, an invitation's, a team's."""

import re

import pytest
from django.test import Client

from adaptive_site.lib.errors import Invalid
from projects.models import Invitation, Project, User
from projects.services import people, user_admin
from projects.services.access import Caller
from projects.services.membership import project_people
from tests import make
from tests.auditing import told

URL = "/projects/maple/people/"
PASSWORD = "a walk in the woods"


def link_in(text: str) -> str:
    found = re.search(r"(/invitations/[\w-]{43}/)", text)
    assert found, "no link is shown"
    return found[1]


def invited(client: Client, email: str = "vera@example.org", role: str = "viewer") -> str:
    answer = client.post(f"{URL}invite/", {"email": email, "role": role, "days": "7"})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return link_in(answer.text)


@pytest.fixture
def hers(client: Client, alice: User, project: Project) -> Client:
    client.force_login(alice)
    return client


def test_an_owner_invites_changes_and_removes(hers: Client, project: Project) -> None:
    link = invited(hers)
    assert "vera@example.org" in hers.get(URL).text
    assert link not in hers.get(URL).text
    newcomer = Client()
    page = newcomer.get(link)
    assert "read interactions, labels, feedback and datasets" in page.text
    given = {"name": "Vera", "password": PASSWORD}
    assert newcomer.post(link, given).headers["Location"] == "/projects/maple/interactions/"
    assert newcomer.get("/projects/maple/interactions/").status_code == 200
    assert newcomer.post(f"{URL}invite/", {"email": "a@b.org"}).status_code == 403
    vera = User.objects.get(email="vera@example.org")
    hers.post(f"{URL}{vera.uuid}/role/", {"role": "annotator"})
    assert Caller(vera).may("interaction:label", project)
    hers.post(f"{URL}{vera.uuid}/remove/")
    assert newcomer.get("/projects/maple/interactions/").status_code == 404


def test_links_that_open_nothing_each_say_why(hers: Client, project: Project, bob: User) -> None:
    link = invited(hers)
    made = Invitation.objects.in_project(project).get()
    assert Client().get("/invitations/nonsense/").status_code == 404
    his = Client()
    his.force_login(bob)
    page = his.get(link)
    assert page.status_code == 200
    assert "this invitation is for vera@example.org" in page.text
    assert his.post(link).status_code == 200
    assert not Invitation.objects.in_project(project).get().accepted_at
    renewed = link_in(hers.post(f"{URL}invitations/{made.id}/renew/").text)
    assert renewed != link
    assert Client().get(link).status_code == 404
    hers.post(f"{URL}invitations/{made.id}/revoke/")
    answer = Client().get(renewed)
    assert (answer.status_code, "revoked" in answer.text) == (410, True)
    assert hers.post(f"{URL}invitations/{made.id}/revoke/").status_code == 404


def test_who_has_an_account_is_asked_to_log_in(hers: Client, charlie: User) -> None:
    link = invited(hers, charlie.email)
    assert f"/login/?next={link}" in Client().get(link).text
    his = Client()
    his.force_login(charlie)
    assert his.post(link).status_code == 302
    assert his.get(URL).status_code == 200


def test_others_see_whom_they_know_and_change_nothing(
    client: Client, bob: User, alice: User, project: Project
) -> None:
    vera = make.make_user("vera")
    project_people.put(project, vera, people.role("viewer"))
    client.force_login(bob)
    page = client.get(URL).text
    assert "Bob" in page
    assert "vera@example.org" not in page
    assert (
        "<form"
        not in page.split("<main", 1)[1].replace(f'action="{URL}leave/"', "").split("Leave")[0]
    )
    for path in (f"{vera.uuid}/role/", f"{vera.uuid}/remove/", "invitations/1/revoke/"):
        assert client.post(f"{URL}{path}", {"role": "owner"}).status_code == 403


def test_an_address_that_is_wrong_is_said_at_the_field(hers: Client) -> None:
    answer = hers.post(f"{URL}invite/", {"email": "vera", "role": "viewer", "days": "7"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    answer = hers.post(f"{URL}invite/", {"email": "v@example.org", "role": "king", "days": "7"})
    assert (answer.status_code, "expected one of the roles" in answer.text) == (422, True)
    assert not Invitation.objects.in_project(Project.objects.get(key="maple")).exists()


CONSOLE = ("people/", "roles/", "teams/", "keys/", "models/", "jobs/")


@pytest.mark.parametrize("page", CONSOLE)
def test_the_consoles_pages_are_the_administrators(client: Client, alice: User, page: str) -> None:
    client.force_login(alice)
    assert client.get(f"/console/{page}").status_code == 404
    assert client.post(f"/console/{page}", {"name": "x"}).status_code in (404, 405)
    assert client.post(f"/console/people/{alice.uuid}/", {"do": "promote"}).status_code == 404
    client.force_login(make.make_user("root", is_superuser=True))
    assert client.get(f"/console/{page}").status_code == 200


def test_administrators_end_sessions_accounts_and_give_links(
    client: Client, bob: User, project: Project
) -> None:
    his = Client()
    his.force_login(bob)
    client.force_login(make.make_user("root", is_superuser=True))

    def do(act: str) -> str:
        return client.post(f"/console/people/{bob.uuid}/", {"do": act}, follow=True).text

    do("sign-out")
    assert his.get("/").status_code == 302
    his.force_login(bob)
    do("deactivate")
    assert his.get("/").status_code == 302
    do("reactivate")
    assert Caller(bob).may("interaction:read", project)  # his teams stayed
    found = re.search(r"/account/new-password/\w+/[\w-]+/", do("link"))
    assert found
    secret = make.make_key(bob)
    answer = Client().post(found[0], {"password": PASSWORD, "revokes_keys": "on"})
    assert answer.headers["Location"] == "/login/"
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    used = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/models", headers=used).status_code == 401
    assert Client().get(found[0]).status_code == 410


def test_roles_of_the_site_are_made_changed_and_removed(client: Client, db: None) -> None:
    client.force_login(make.make_user("root", is_superuser=True))
    made = {"name": "Exporter", "permissions": ["interaction:read", "dataset:export"]}
    client.post("/console/roles/", made)
    assert people.role_named("exporter").permissions == ["dataset:export", "interaction:read"]
    client.post("/console/roles/exporter/", {"name": "Out", "permissions": ["interaction:read"]})
    assert people.role_named("exporter").name == "Out"
    assert client.post("/console/roles/viewer/", made).status_code == 404
    assert client.post("/console/roles/exporter/remove/").status_code == 302


def test_a_team_is_made_filled_and_removed(client: Client, bob: User) -> None:
    client.force_login(make.make_user("root", is_superuser=True))
    assert client.post("/console/teams/", {"name": "Reds"}).headers["Location"] == "/teams/reds/"
    answer = client.post("/teams/reds/invite/", {"email": bob.email, "role": "editor", "days": "1"})
    his = Client()
    his.force_login(bob)
    assert his.get("/teams/reds/").status_code == 404
    his.post(link_in(answer.text))
    assert "Bob" in his.get("/teams/reds/").text
    assert client.post("/teams/reds/rename/", {"remove": "1"}).status_code == 400
    his.post(f"/teams/reds/members/{bob.uuid}/", {"remove": "1"})
    client.post("/teams/reds/rename/", {"name": "Greens"})
    assert client.post("/teams/reds/rename/", {"remove": "1"}).status_code == 302
    assert client.get("/teams/reds/").status_code == 404


def test_who_is_the_only_owner_of_a_project_is_shut_out_only_after_a_question(
    client: Client, alice: User, alice_key: str, bob: User, project: Project
) -> None:
    root = make.make_user("root", is_superuser=True)
    client.force_login(root)

    def do(user: User, act: str, sure: str = "") -> str:
        sent = {"do": act, "sure": sure}
        return client.post(f"/console/people/{user.uuid}/", sent, follow=True).text

    asked = do(alice, "deactivate")
    assert "is the only owner of" in asked and "/projects/maple/people/" in asked
    assert User.objects.get(pk=alice.pk).is_active
    with pytest.raises(Invalid, match="Alice is the only owner of Maple"):
        user_admin.set_active(Caller(root), alice, False)
    do(alice, "deactivate", "1")
    assert not User.objects.get(pk=alice.pk).is_active
    (event,) = told("user.deactivated")
    assert event.details["without_owner"] == ["maple"]
    do(alice, "reactivate")
    # To be removed is always asked about; who owns nothing leaves no project behind.
    asked = do(bob, "remove")
    assert "Remove Bob?" in asked and "only owner" not in asked
    do(bob, "remove", "1")
    bob.refresh_from_db()
    assert not bob.is_active and not bob.memberships.exists()


def test_the_last_administrator_stays(client: Client, alice: User) -> None:
    root = make.make_user("root", is_superuser=True, is_staff=True)
    other = make.make_user("other", is_superuser=True, is_staff=True)
    # What two do to each other at the same moment: who acts is none any more.
    User.objects.filter(pk=root.pk).update(is_active=False)
    for act in (
        lambda: user_admin.set_active(Caller(root), other, False),
        lambda: user_admin.set_administrator(Caller(root), other, False),
        lambda: user_admin.remove_user(Caller(root), other),
    ):
        with pytest.raises(Invalid, match="the site needs an administrator"):
            act()
        other.refresh_from_db()
        assert other.is_active and other.is_superuser
