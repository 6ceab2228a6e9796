"""A forgotten password, and sessions that end."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from adaptive_site.lib import mailing
from projects.models import ApiKey, User
from tests import make
from tests.make import PASSWORD

URL = "/account/forgotten/"
NEW = "a walk in the woods"


@pytest.fixture
def outbox(db: None, settings: Any) -> list[Any]:
    settings.EMAIL_URL = "smtp://localhost?from=logs@example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def test_without_mail_the_page_says_who_can_help(client: Client, alice: User) -> None:
    page = client.get(URL).text
    assert "Ask an administrator" in page
    assert 'name="email"' not in page
    assert "Forgot your password?" in client.get("/login/").text


def test_the_answer_is_the_same_for_an_account_and_for_none(
    client: Client, alice: User, outbox: list[Any]
) -> None:
    told = [
        client.post(URL, {"email": email}).text.replace(email, "")
        for email in (alice.email, "none@example.org")
    ]
    mailing.wait_until_sent()
    without = [re.sub(r'value="[\w-]{64}"', "", page) for page in told]
    assert without[0] == without[1]
    assert [message.to for message in outbox] == [[alice.email]]


def test_a_link_works_once(client: Client, alice: User, alice_key: str, outbox: list[Any]) -> None:
    client.post(URL, {"email": "ALICE@example.org"})
    mailing.wait_until_sent()
    found = re.search(r"http://testserver(/account/new-password/\S+)", outbox[0].body)
    assert found
    page = client.get(found[1])
    assert "no-store" in page.headers["Cache-Control"]
    assert client.post(found[1], {"password": "12345"}).status_code == 422
    assert client.post(found[1], {"password": NEW}).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert ApiKey.objects.filter(user=alice).in_use().exists()  # nobody asked to revoke them
    assert client.post(found[1], {"password": "another walk, in town"}).status_code == 410
    for wrong in ("/account/new-password/0/x/", "/account/new-password/zz/x-y/"):
        assert client.get(wrong).status_code == 410


def test_who_asks_again_and_again_has_to_wait(
    client: Client, alice: User, outbox: list[Any]
) -> None:
    statuses = [client.post(URL, {"email": alice.email}).status_code for _ in range(6)]
    assert statuses[:3] == [200] * 3
    assert 429 in statuses
    mailing.wait_until_sent()
    assert len(outbox) < 6


def test_a_new_password_revokes_keys_if_one_says_so(alice: User, alice_key: str) -> None:
    client = Client()
    client.force_login(alice)
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    client.post("/account/password/", {**data, "revokes_keys": "on"})
    assert not ApiKey.objects.filter(user=alice).in_use().exists()


def test_other_browsers_are_signed_out_and_this_one_goes_on(alice: User) -> None:
    here, there = Client(), Client()
    for one in (here, there):
        one.force_login(alice)
        assert one.get("/account/keys/").status_code == 200
    here.post("/account/sign-out/")
    assert here.get("/account/keys/").status_code == 200
    assert there.get("/account/keys/").status_code == 302


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail?from=a@b.org", 25, False, False),
        ("smtp+tls://me:p%40ss@mail?from=Logs%20<a@b.org>", 587, True, False),
        ("smtps://me:x@mail:4650?from=a@b.org", 4650, False, True),
    ],
)
def test_the_mail_servers_address_is_read(url: str, port: int, tls: bool, ssl: bool) -> None:
    read = mailing.read_url(url)
    assert (read["EMAIL_PORT"], read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"]) == (port, tls, ssl)


@pytest.mark.parametrize("url", ["mail", "smtp://mail", "http://mail?from=a@b", "smtp://?from=a@b"])
def test_a_mail_server_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        mailing.read_url(url)


def test_a_mail_that_cannot_be_sent_is_in_the_log(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    mailing.send("a@example.org", "x\r\nBcc: evil@example.org", "y")
    mailing.wait_until_sent()
    assert "a mail to a@example.org was not sent" in caplog.text


def test_an_invitation_is_mailed(client: Client, outbox: list[Any], alice: User) -> None:
    make.make_project("maple", owner=alice)
    client.force_login(alice)
    given = {"email": "vera@example.org", "role": "viewer", "days": "7"}
    page = client.post("/projects/maple/people/invite/", given).text
    mailing.wait_until_sent()
    assert "on its way by mail" in page
    (message,) = outbox
    assert message.to == ["vera@example.org"]
    assert "Alice invites you to Maple as viewer" in message.body
    assert "http://testserver/invitations/" in message.body
