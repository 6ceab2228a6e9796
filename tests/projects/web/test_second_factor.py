"""A code of one's phone beside the password."""

import time
from typing import Any

import pyotp
import pytest
from django.test import Client

from adaptive_site.lib.errors import Forbidden, TooOften
from projects.models import Event, SecondFactor, User
from projects.services.access import Caller
from projects.services.signing_in import second_factor
from tests.make import PASSWORD, make_user

CODE_PAGE = "/login/code/"


class Phone:
    """An authenticator app that is 30 s behind; each code is of 30 s later: three are taken."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.steps = -2

    def code(self) -> str:
        self.steps += 1
        return self.totp.at(int(time.time()) + 30 * self.steps)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle of 30 seconds that do not end while a test runs."""
    now = time.time() // 30 * 30 + 15
    monkeypatch.setattr(time, "time", lambda: now)


@pytest.fixture
def phone(alice: User, clock: None) -> Phone:
    phone = Phone(second_factor.new_secret())
    second_factor.turn_on(alice, phone.totp.secret, phone.code())
    return phone


def log_in(client: Client, **more: Any) -> Any:
    return client.post("/login/", {"username": "alice@example.org", "password": PASSWORD} | more)


def is_in(client: Client) -> bool:
    return client.get("/account/password/").status_code == 200


def test_it_is_set_up_with_a_code_and_shows_recovery_codes_once(alice: User, clock: None) -> None:
    client = Client()
    client.force_login(alice)
    page = client.get("/account/second-factor/").text
    secret = client.session["second_factor_secret"]
    assert " ".join(secret[at : at + 4] for at in range(0, 32, 4)) in page
    drawn = client.get("/account/second-factor/qr.svg")
    assert drawn.content.startswith(b"<?xml")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    wrong = client.post("/account/second-factor/on/", {"code": "000000"})
    assert wrong.status_code == 422
    assert "This code is wrong" in wrong.text
    assert not second_factor.is_on(alice)
    made = client.post("/account/second-factor/on/", {"code": Phone(secret).code()})
    stored = SecondFactor.objects.get()
    assert len(stored.recovery) == 10
    assert made.text.count("<li><code>") == 10
    assert secret.encode() not in bytes(stored.secret)
    assert client.get("/account/second-factor/qr.svg").status_code == 404
    assert "10 recovery" in " ".join(client.get("/account/second-factor/").text.split())


def test_a_password_alone_opens_nothing_then(alice: User, phone: Phone) -> None:
    client = Client()
    answer = log_in(client, next="/keys/")
    assert answer.headers["Location"] == CODE_PAGE
    assert not is_in(client)
    assert client.post(CODE_PAGE, {"code": "12345"}).status_code == 422
    before = client.session.session_key
    right = client.post(CODE_PAGE, {"code": phone.code()})
    assert right.headers["Location"] == "/keys/"
    assert is_in(client)
    assert client.session.session_key != before


def test_a_code_is_taken_once(alice: User, phone: Phone) -> None:
    code = phone.code()
    for status in (302, 422):
        client = Client()
        log_in(client)
        assert client.post(CODE_PAGE, {"code": code}).status_code == status


def test_a_recovery_code_lets_in_once_however_it_is_written(alice: User, clock: None) -> None:
    secret = second_factor.new_secret()
    codes = second_factor.turn_on(alice, secret, Phone(secret).code())
    for code, status in ((f" {codes[0].upper().replace('-', ' ')} ", 302), (codes[0], 422)):
        client = Client()
        log_in(client)
        assert client.post(CODE_PAGE, {"code": code}).status_code == status
    assert second_factor.codes_left(alice) == 9
    used = Event.objects.get(verb="user.recovery_code_used")
    assert used.details == {"left": 9}


def test_without_a_right_password_shortly_before_there_is_no_code_page(
    alice: User, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client().get(CODE_PAGE).headers["Location"] == "/login/"
    client = Client()
    log_in(client)
    assert client.get(CODE_PAGE).status_code == 200
    changed = User.objects.get(id=alice.id)
    changed.set_password("another one for Alice")
    changed.save()
    assert client.post(CODE_PAGE, {"code": phone.code()}).headers["Location"] == "/login/"
    late = Client()
    late.post("/login/", {"username": alice.email, "password": "another one for Alice"})
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert late.get(CODE_PAGE).headers["Location"] == "/login/"


def test_codes_cannot_be_tried_through(alice: User, phone: Phone) -> None:
    client = Client()
    log_in(client)
    statuses = [client.post(CODE_PAGE, {"code": f"{n:06}"}).status_code for n in range(8)]
    assert statuses[:6] == [422] * 6
    assert statuses[-1] == 429
    with pytest.raises(TooOften):
        second_factor.check(alice, phone.code())


def test_where_it_leads_is_on_this_site(alice: User, phone: Phone) -> None:
    client = Client()
    log_in(client, next="https://evil.example/")
    assert client.post(CODE_PAGE, {"code": phone.code()}).headers["Location"] == "/"


def test_it_is_turned_off_with_a_code_or_by_an_administrator(
    alice: User, bob: User, phone: Phone
) -> None:
    client = Client()
    client.force_login(alice)
    assert client.post("/account/second-factor/off/", {"code": "nonsense"}).status_code == 422
    assert second_factor.is_on(alice)
    with pytest.raises(Forbidden):
        second_factor.remove(Caller(bob), alice)
    second_factor.remove(Caller(make_user("root", is_superuser=True)), alice)
    assert log_in(Client()).headers["Location"] == "/"


def test_the_admin_console_asks_too(clock: None, db: None) -> None:
    root = make_user("root", is_superuser=True, is_staff=True)
    phone = Phone(second_factor.new_secret())
    second_factor.turn_on(root, phone.totp.secret, phone.code())
    client = Client()
    given = {"username": root.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", given).headers["Location"] == CODE_PAGE
    assert client.get("/admin/").status_code == 302
    assert client.post(CODE_PAGE, {"code": phone.code()}).headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_after_another_secret_key_a_recovery_code_still_lets_in(
    alice: User, clock: None, settings: Any
) -> None:
    secret = second_factor.new_secret()
    phone = Phone(secret)
    codes = second_factor.turn_on(alice, secret, phone.code())
    settings.SECRET_KEY = "another one, of after a move"
    client = Client()
    log_in(client)
    assert "SECRET_KEY has changed" in client.post(CODE_PAGE, {"code": phone.code()}).text
    assert client.post(CODE_PAGE, {"code": codes[0]}).status_code == 302
