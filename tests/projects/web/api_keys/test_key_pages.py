"""The pages of API keys, service accounts, and what a limit does at every door."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from projects.models import ApiKey, ApiKeyUse, Project, User
from projects.services.keys import usage
from tests import make

OWN = "/account/keys/"
KEYS = "/projects/maple/keys/"


def secret_in(text: str) -> str:
    found = re.search(r"as-[\w-]{43}", text)
    assert found, "no key is shown"
    return found[0]


def status_of(secret: str, path: str = "/api/v1/models", **body: object) -> int:
    sent = {"Authorization": f"Bearer {secret}"}
    if not body:
        return Client().get(path, headers=sent).status_code
    return Client().post(path, body, content_type="application/json", headers=sent).status_code


def log(secret: str) -> int:
    turn = {"role": "user", "content": "hello"}
    return status_of(
        secret, "/api/v1/interactions", project="maple", messages=[turn], completion="x"
    )


def test_a_key_is_narrowed_shown_once_and_revoked(
    client: Client, alice: User, project: Project
) -> None:
    client.force_login(alice)
    given = {"name": "reader", "days": "7", "permissions": ["interaction:read"]}
    answer = client.post(OWN, given | {"projects": ["maple"], "requests_a_minute": "50"})
    secret = secret_in(answer.text)
    page = client.get(OWN).text
    assert secret not in page
    assert "50 requests a minute" in page
    assert (status_of(secret), log(secret)) == (200, 403)
    key = ApiKey.objects.get(user=alice)
    assert key.expires_at is not None
    assert key.expires_at - timezone.now() < timedelta(days=7)
    assert "from 127.0.0.1" in client.get(OWN).text
    client.post(f"{OWN}{key.id}/revoke/")
    assert status_of(secret) == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"permissions": ["everything"]},
        {"projects": ["cherry"]},
        {"days": "3"},
        {"requests_a_minute": "0"},
        {"requests_a_minute": "many"},
    ],
)
def test_a_key_that_cannot_be_is_not_made(
    client: Client, alice: User, charlies_project: Project, wrong: dict[str, object]
) -> None:
    client.force_login(alice)
    assert client.post(OWN, {"name": "k", **wrong}).status_code == 422
    assert not ApiKey.objects.exists()


def test_owners_see_the_keys_that_reach_their_project_and_shut_one_out(
    client: Client, alice: User, bob: User, charlie: User, project: Project
) -> None:
    secret = make.make_key(bob)
    make.make_key(charlie)
    make.make_key(make.make_user("root", is_superuser=True))
    client.force_login(alice)
    page = client.get(KEYS).text
    assert ("Bob" in page, "Charlie" in page, "Root" in page) == (True, False, False)
    assert "An administrator" in page
    key = ApiKey.objects.get(user=bob)
    other = make.make_project("oak", owner=bob)
    client.post(f"{KEYS}{key.id}/shut-out/")
    assert log(secret) == 404
    oak = {"project": "oak", "messages": [{"role": "user", "content": "x"}], "completion": "y"}
    assert status_of(secret, "/api/v1/interactions", **oak) == 201
    client.post(f"{KEYS}{key.id}/shut-out/", {"open": "1"})
    assert log(secret) == 201
    admins = ApiKey.objects.get(user__is_superuser=True)
    assert client.post(f"{KEYS}{admins.id}/shut-out/").status_code == 403
    client.force_login(bob)
    assert client.get(KEYS).status_code == 403
    assert client.post(f"{KEYS}{key.id}/shut-out/").status_code == 403
    assert other.shares.count() == 1


def test_an_owner_makes_a_service_account_for_the_project_alone(
    client: Client, alice: User, project: Project
) -> None:
    make.make_project("oak", owner=alice)
    client.force_login(alice)
    made = client.post(f"{KEYS}accounts/", {"name": "Nightly", "role": "editor"})
    secret = secret_in(made.text)
    robot = User.objects.get(is_service_account=True)
    assert robot.email == "maple-nightly@system.adaptive.local"
    assert log(secret) == 201
    second = secret_in(client.post(f"{KEYS}accounts/{robot.uuid}/key/").text)
    assert log(second) == 201
    assert client.post(f"{KEYS}accounts/{alice.uuid}/remove/").status_code == 403
    client.post(f"{KEYS}accounts/{robot.uuid}/remove/")
    assert (log(secret), log(second)) == (401, 401)


def test_a_limit_holds_at_every_door_and_says_when_to_come_back(
    bob: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000_020.0)  # a minute's 0th second
    doors: tuple[Callable[[str], int], ...] = (
        log,
        status_of,
        lambda secret: status_of(secret, "/api/graphql", query="{ me { id } }"),
        lambda secret: status_of(secret, "/api/v1/feedback", metric="x"),
    )
    for door in doors:
        secret = make.make_key(bob)
        ApiKey.objects.filter(user=bob).update(requests_a_minute=2)
        assert [door(secret) == 429 for _ in range(4)] == [False, False, True, True]
    sent = {"Authorization": f"Bearer {secret}"}
    refused = Client().get("/api/v1/models", headers=sent)
    assert refused.headers["Retry-After"] == "60"
    assert "2 requests a minute: try again in" in refused.json()["error"]
    monkeypatch.setattr(time, "time", lambda: 1_000_000_080.0)
    assert status_of(secret) == 200


def test_the_last_use_is_written_once_a_minute(bob: User, project: Project) -> None:
    secret = make.make_key(bob)
    usage.forget()
    log(secret)
    use = ApiKeyUse.objects.get(key__user=bob)
    first = use.used_at
    log(secret)
    use.refresh_from_db()
    assert use.used_at == first
    assert use.address == "127.0.0.1"
    ApiKeyUse.objects.update(used_at=first - timedelta(minutes=5))
    usage.forget()
    status_of(secret)
    use.refresh_from_db()
    assert use.used_at >= first
