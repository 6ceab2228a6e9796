"""Guessing passwords and keys is slow, from everywhere; whoever is at home gets in meanwhile."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from pytest_django import Settings

from adaptive_site.lib.http import client_address
from projects.models import Attempt, User
from projects.services import api_keys
from projects.services.signing_in import login, throttle
from tests.make import PASSWORD, make_key, make_user
from tests.projects.services.signing_in.clock import standing_still

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def alice_is_there(alice: User) -> None:
    """Every test here is about Alice's account."""


@pytest.fixture(autouse=True)
def the_clock_stands_still(db: None) -> Iterator[None]:
    """No wait ends because a test is slow; time passes by `let_pass` alone."""
    with standing_still():
        yield


def log_in(password: str, *, client: Client | None = None, at: str = HERE, **given: Any) -> Any:
    data = {"username": "alice@example.org", "password": password}
    address = given.pop("address", "/login/")
    return (client or Client()).post(address, data | given, REMOTE_ADDR=at)


def let_pass(seconds: float) -> None:
    """As if this time had passed."""
    ago = timedelta(seconds=seconds)
    Attempt.objects.update(last_at=F("last_at") - ago, again_at=F("again_at") - ago)


def is_refused() -> bool:
    """Whether the right password is not looked at."""
    return bool(log_in(PASSWORD).status_code == 429)


def waits(at: str = HERE) -> list[int]:
    """The waits that follow each of the next wrong tries, until they do not grow."""
    found: list[int] = []
    while len(found) < 2 or found[-1] != found[-2]:
        assert log_in("wrong", at=at).status_code == 200
        refused = log_in(PASSWORD, at=at)
        if refused.status_code == 302:
            raise AssertionError("a right password between wrong ones clears them")
        assert refused.status_code == 429
        found.append(int(refused["Retry-After"]))
        let_pass(found[-1] + 0.5)
    return found


def test_many_wrong_passwords_do_not_find_the_right_one() -> None:
    statuses = [log_in(f"wrong {n}").status_code for n in range(120)]
    assert statuses == [200] * 6 + [429] * 114
    assert is_refused()


def test_the_page_says_when_to_try_again() -> None:
    for _ in range(6):
        log_in("wrong")
    answer = log_in(PASSWORD, next="/keys/")
    said = answer.content.decode()
    assert "Too many wrong passwords for this account from here: try again in 1 second." in said
    assert answer["Retry-After"] == "1"
    assert 'value="alice@example.org"' in said
    assert 'value="/keys/"' in said
    let_pass(1.1)
    assert log_in(PASSWORD, next="/keys/")["Location"] == "/keys/"


def test_each_wrong_one_makes_the_next_wait_twice_as_long_up_to_15_minutes() -> None:
    for _ in range(5):
        log_in("wrong")
    assert waits() == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    let_pass(25 * 3600)
    assert [log_in("wrong").status_code for _ in range(6)] == [200] * 6


def test_a_right_password_clears_what_was_wrong() -> None:
    for _ in range(4):
        for _ in range(4):
            assert log_in("wrong").status_code == 200
        assert log_in(PASSWORD).status_code == 302
    assert Attempt.objects.get().number == 16  # of the address, which stays counted


def test_an_attacker_locks_nobody_out() -> None:
    home = Client()
    assert log_in(PASSWORD, client=home).status_code == 302
    home.post("/logout/")
    for n in range(60):  # from the very address that Alice has, too
        log_in(f"wrong {n}")
        log_in(f"wrong {n}", at=ELSEWHERE)
    assert is_refused()
    assert log_in(PASSWORD, client=home).status_code == 302
    # And from an address of her own she needs no known browser.
    assert log_in(PASSWORD, at="192.0.2.1").status_code == 302


def test_a_known_browser_has_a_budget_of_its_own_and_for_its_account_only() -> None:
    make_user("bob")
    home = Client()
    log_in(PASSWORD, client=home)
    cookie = home.cookies[login.DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    home.post("/logout/")
    statuses = [log_in("wrong", client=home).status_code for _ in range(20)]
    assert statuses == [200] * 11 + [429] * 9
    others = [log_in("x", client=home, username="bob@example.org").status_code for _ in range(8)]
    assert others == [200] * 6 + [429] * 2
    for forged in ("", "x", cookie.value[:-1], cookie.value + "A"):
        stranger = Client()
        stranger.cookies[login.DEVICE_COOKIE] = forged
        assert log_in("wrong", client=stranger).status_code == (200 if forged == "" else 200)
    assert Attempt.objects.filter(number=4).exists()  # all four counted with the address


def test_many_accounts_from_one_address_are_counted_together() -> None:
    tried = [log_in("x", username=f"user{n}@example.org").status_code for n in range(60)]
    assert tried == [200] * 51 + [429] * 9
    assert log_in("x", username="new@example.org", at=ELSEWHERE).status_code == 200
    let_pass(1000)
    assert log_in(PASSWORD).status_code == 302


def test_an_account_that_is_not_there_is_treated_alike() -> None:
    for name in ("alice@example.org", "nobody@example.org"):
        answers = [log_in("wrong", username=name) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
        assert "Too many wrong passwords for this account" in answers[-1].content.decode()


def test_other_ways_of_writing_an_address_share_its_budget() -> None:
    names = ("alice@example.org", "ALICE@example.org", " Alice@Example.org ")
    assert [log_in("x", username=names[n % 3]).status_code for n in range(7)][6] == 429


def test_the_admin_consoles_login_has_the_same_brake() -> None:
    User.objects.create_superuser("root@example.org", PASSWORD)
    given: dict[str, Any] = {
        "username": "root@example.org",
        "address": "/admin/login/?next=/admin/projects/",
    }
    statuses = [log_in("wrong", **given).status_code for _ in range(8)]
    assert statuses == [200] * 6 + [429] * 2
    assert log_in(PASSWORD, **given).status_code == 429
    assert log_in(PASSWORD, at=ELSEWHERE, **given)["Location"] == "/admin/projects/"
    client = Client()
    answer = log_in(PASSWORD, client=client, at=ELSEWHERE, **(given | {"address": "/admin/login/"}))
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_who_is_no_administrator_is_told_so_at_the_console(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    answer = client.get("/admin/", follow=True)
    assert "alice@example.org may not use the admin console" in answer.content.decode()
    assert log_in(PASSWORD, address="/admin/login/").status_code == 200


def test_the_old_password_cannot_be_guessed_in_a_session_left_open(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    new = "another long pass phrase"

    def change(old: str) -> int:
        data = {"old_password": old, "new_password1": new, "new_password2": new}
        return client.post("/account/password/", data).status_code

    assert [change("wrong") for _ in range(13)] == [200] * 11 + [429] * 2
    let_pass(2)
    assert change(PASSWORD) == 302


def test_wrong_keys_are_counted_by_address_and_our_own_keys_go_on(alice: User) -> None:
    mine, chosen = make_key(alice), make_key(alice, "chosen-by-hand")
    assert api_keys.is_made_here(mine)
    assert not api_keys.is_made_here(chosen)

    def ask(secret: str, at: str = HERE, path: str = "/api/v1/models") -> Any:
        return Client().get(path, HTTP_AUTHORIZATION=f"Bearer {secret}", REMOTE_ADDR=at)

    statuses = [ask(f"guess-{n}").status_code for n in range(110)]
    assert statuses == [401] * 101 + [429] * 9
    refused = ask(chosen)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert refused.json()["error"].startswith("too many wrong API keys from your address: try")
    direct = Client().post("/api/v1/feedback", {}, content_type="application/json",
                        HTTP_AUTHORIZATION="Bearer guess", REMOTE_ADDR=HERE)  # fmt: skip
    assert (direct.status_code, direct["Retry-After"]) == (429, refused["Retry-After"])
    graphql = Client().post(
        "/api/graphql",
        {"query": "{__typename}"},
        content_type="application/json",
        HTTP_AUTHORIZATION="Bearer guess",
        REMOTE_ADDR=HERE,
    )
    assert graphql.status_code == 429
    assert ask(mine).status_code == 200
    assert ask(chosen, at=ELSEWHERE).status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("203.0.113.7", "198.51.100.9", 0, "203.0.113.7"),
        ("127.0.0.1", "198.51.100.9", 1, "198.51.100.9"),
        ("127.0.0.1", "9.9.9.9, 198.51.100.9", 1, "198.51.100.9"),
        ("127.0.0.1", "9.9.9.9, 198.51.100.9, 10.0.0.1", 2, "198.51.100.9"),
        ("127.0.0.1", "198.51.100.9", 2, "198.51.100.9"),
        ("127.0.0.1", "", 1, "127.0.0.1"),
        ("127.0.0.1", " , ", 1, "127.0.0.1"),
        ("127.0.0.1", "unknown", 1, "unknown"),
        ("::ffff:203.0.113.7", "", 0, "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("127.0.0.1", "[2001:db8:1:2::9]", 1, "2001:db8:1:2::/64"),
        ("", "", 0, ""),
    ],
)
def test_the_address_is_what_our_own_proxies_vouch_for(
    peer: str, forwarded: str, proxies: int, address: str
) -> None:
    assert client_address.address_of(peer, forwarded, proxies=proxies) == address


def test_behind_a_proxy_each_client_has_its_own_budget(settings: Settings) -> None:
    settings.PROXIES = 1
    data = {"username": "alice@example.org", "password": "wrong"}

    def status(client: str) -> int:
        forwarded = f"9.9.9.9, {client}"
        return Client().post("/login/", data, HTTP_X_FORWARDED_FOR=forwarded).status_code

    assert [status(HERE) for _ in range(7)] == [200] * 6 + [429]
    assert status(ELSEWHERE) == 200


@pytest.mark.django_db(transaction=True)
def test_32_at_once_are_counted_one_by_one(alice_is_there: None) -> None:
    found: list[int] = []

    def try_one(n: int) -> None:
        try:
            found.append(log_in(f"wrong {n}").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_one, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 6 + [429] * 26


def test_what_was_counted_long_ago_is_cleared_away() -> None:
    for n in range(30):
        throttle.spend((throttle.KEYS, f"192.0.2.{n}"))
    let_pass(2 * 24 * 3600)
    for n in range(2):
        throttle.spend((throttle.KEYS, f"198.51.100.{n}"))
    assert Attempt.objects.count() == 2
    assert not Attempt.objects.filter(key__contains="198").exists()  # only digests are kept


@pytest.mark.django_db
def test_who_logged_in_with_an_older_version_stays_logged_in(client: Client) -> None:
    client.force_login(make_user("zoe"), backend="projects.services.signin.BrakedBackend")
    assert client.get("/").status_code == 200
