"""The Connect page: snippets with the address filled in, and keys."""

import pytest
from django.test import Client

from projects.models import ApiKey, Project, User
from projects.services.access import authenticate
from tests import make

URL = "/projects/maple/connect/"


def test_the_snippets_name_this_server_and_project(
    client: Client, bob: User, project: Project
) -> None:
    make.make_metric(project, "ok")
    client.force_login(bob)
    page = client.get(URL, headers={"host": "localhost:8123"}).context["page"]
    for snippet in page.snippets:
        assert "http://localhost:8123" in snippet.text
        assert '"maple"' in snippet.text
        assert '"ok"' in snippet.text


@pytest.mark.parametrize("key", [None, 'it\'s "quoted"', "$(echo)"])
def test_without_a_metric_that_needs_no_quoting_the_snippets_say_helpful(
    client: Client, alice: User, project: Project, key: str | None
) -> None:
    if key is not None:
        make.make_metric(project, key)
    client.force_login(alice)
    answer = client.get(URL)
    sdk, openai, curl = answer.context["page"].snippets
    assert 'register_key("maple", "helpful", kind="bool")' in sdk.text
    assert '"helpful"' in openai.text
    assert '"helpful"' in curl.text
    assert "There is no yes/no metric" in answer.text


def test_python_snippets_are_python(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)
    for snippet in client.get(URL).context["page"].snippets[:2]:
        compile(snippet.text, snippet.id, "exec")


def test_a_key_is_shown_once_and_works(client: Client, bob: User) -> None:
    client.force_login(bob)
    answer = client.post(f"{URL}keys/", {"name": "laptop"})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = answer.context["page"].secret
    assert f"export ADAPTIVE_API_KEY={secret}" in answer.text
    assert authenticate(f"Bearer {secret}").user == bob
    later = client.get(URL)
    assert secret not in later.text
    assert "laptop" in later.text


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_key_without_a_name_is_not_made(client: Client, bob: User, name: str) -> None:
    client.force_login(bob)
    answer = client.post(f"{URL}keys/", {"name": name})
    assert answer.status_code == 422
    assert 'id="name-wrong"' in answer.text
    assert not ApiKey.objects.filter(user=bob).exists()


def test_a_revoked_key_opens_nothing_and_only_ones_own_can_be_revoked(
    client: Client, alice: User, bob: User, alice_key: str, bob_key: str
) -> None:
    client.force_login(bob)
    mine, hers = ApiKey.objects.get(user=bob), ApiKey.objects.get(user=alice)
    assert client.post(f"{URL}keys/{mine.id}/revoke/").status_code == 302
    assert client.post(f"{URL}keys/{mine.id}/revoke/").status_code == 404
    assert client.post(f"{URL}keys/{hers.id}/revoke/").status_code == 404
    mine.refresh_from_db()
    hers.refresh_from_db()
    assert mine.revoked_at is not None
    assert hers.revoked_at is None
    assert "Your API keys" not in client.get(URL).text


def test_a_stranger_finds_nothing(client: Client, charlie: User, project: Project) -> None:
    client.force_login(charlie)
    assert client.get(URL).status_code == 404
    assert client.post(f"{URL}keys/", {"name": "x"}).status_code == 404
    assert not ApiKey.objects.filter(user=charlie).exists()


def test_nobody_logged_in_goes_to_the_login_page(client: Client, project: Project) -> None:
    answer = client.get(URL)
    assert answer.headers["Location"].startswith("/login/")


def test_an_empty_project_leads_here(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert f'href="{URL}"' in client.get("/projects/maple/interactions/").text
