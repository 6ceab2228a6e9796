"""Signing in with OpenID Connect, against a certified provider on this machine."""

import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import set_script_prefix
from pytest_django import Settings

from adaptive_site.lib.openid import provider as openid
from projects.models import Event, Invitation, Project, ProviderIdentity, User
from projects.services.access import Caller
from projects.services.membership import invitations, roles
from projects.services.membership.invitations import InvitedTo
from projects.services.signing_in import identities, passwords, throttle
from projects.web import openid as doors
from tests import make
from tests.openid_provider import Provider, address_of, running_provider
from tests.projects import openid_site

BACK = "http://testserver/login/openid/back/"
ALICE = {"sub": "1", "email": "Alice@Example.org", "email_verified": True, "name": "Alice A."}
DORA = {"sub": "4", "email": "dora@example.org", "email_verified": True, "name": "Dora D."}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider"), BACK) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, settings: Settings, db: None) -> Provider:
    """One that behaves, and a site that is configured for it."""
    running.misbehave()
    settings.ROOT_URLCONF = openid_site.__name__
    settings.OPENID = running.settings()
    return running


def begun(client: Client, then: str = "") -> str:
    """Where the browser is sent."""
    answer = client.post("/login/openid/", {"next": then})
    assert answer.status_code == 200, answer.text
    return address_of(answer.text)


def signed_in(client: Client, provider: Provider, then: str = "", **claims: Any) -> Any:
    """What the site answers to who comes back from the provider."""
    return client.get(provider.visit(begun(client, then), **claims))


def is_in(client: Client) -> bool:
    return client.get("/account/password/").status_code == 200


def refused(answer: Any, status: int, words: str) -> bool:
    """Whether it is our page that says why, and no session."""
    text = " ".join(answer.text.split())
    assert answer.status_code == status, (answer.status_code, text)
    assert "Not signed in" in text and words in text, text
    assert not is_in(answer.client)
    return True


def events(verb: str) -> list[dict[str, Any]]:
    return [one.details for one in Event.objects.filter(verb=verb).order_by("id")]


def test_an_account_is_found_by_its_verified_address_and_then_by_the_person(
    alice: User, provider: Provider
) -> None:
    client = Client()
    page = client.get("/login/?next=/keys/")
    assert "Sign in with Example" in page.text and 'name="next" value="/keys/"' in page.text
    asked = parse_qs(urlsplit(begun(client, "/keys/")).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["redirect_uri"] == [BACK]
    assert asked["nonce"] and len(asked["state"][0]) >= 30
    before = client.session.session_key
    answer = signed_in(client, provider, "/keys/", **ALICE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/keys/")
    assert is_in(client) and client.session.session_key != before
    assert client.session["_auth_user_id"] == str(alice.pk)
    stored = str(dict(client.session.items()))
    assert "access_token" not in stored and "id_token" not in stored
    assert events("sign_in.made") == [{"by": "OpenID Connect"}]
    assert events("user.identity_linked") == [{"issuer": provider.issuer}]
    # Another address, not even verified: it is the same person. The account keeps its own.
    later = Client()
    signed_in(later, provider, **{**ALICE, "email": "charlie@example.org", "email_verified": False})
    assert later.session["_auth_user_id"] == str(alice.pk)
    assert User.objects.get().email == "alice@example.org"
    passwords.sign_out_everywhere(Caller(alice), alice)
    assert not is_in(client) and not is_in(later)


def test_who_is_not_let_in_reads_why(
    alice: User, charlie: User, provider: Provider, settings: Settings
) -> None:
    make.make_user("robot", is_service_account=True)
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    unverified = {**ALICE, "email_verified": False}
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({}, DORA, "There is no account of dora@example.org here, and nobody has invited you"),
        ({}, unverified, "Example has not verified that Alice@example.org is yours"),
        ({}, {"sub": "1", "email": ALICE["email"]}, "has not verified"),
        ({}, {"sub": "1"}, "does not say what your e-mail address is"),
        ({}, {**ALICE, "email": "charlie@example.org"}, "Your account is deactivated"),
        ({}, {**ALICE, "email": "robot@example.org"}, "is a service account"),
        ({"verified_claim": "xms_edov"}, ALICE, "has not verified"),
        ({"new_people": "everybody", "domains": "example.com"}, DORA, "are not let in"),
        ({"domains": "example.org"}, unverified, "has not verified"),
        ({"claim": "groups=staff|owners"}, ALICE, "does not say that you may use this site"),
        (
            {"claim": "groups=staff"},
            {**ALICE, "groups": ["staffers"]},
            "does not say that you may use this site",
        ),
        (
            {"new_people": "everybody", "domains": "*"},
            {**DORA, "email": "x@system.adaptive.local"},
            "are those of service accounts",
        ),
    ]
    for configured, claims, words in cases:
        settings.OPENID = provider.settings(**configured)
        assert refused(signed_in(Client(), provider, **claims), 403, words)
    assert User.objects.count() == 3 and not ProviderIdentity.objects.exists()
    told = Event.objects.filter(verb="sign_in.refused").order_by("id")
    assert len(told) == len(cases)
    assert (told[0].subject, told[0].actor) == ("dora@example.org", None)
    assert told[0].details["by"] == "OpenID Connect" and "invited" in told[0].details["reason"]


def test_who_is_let_in_by_domain_and_claim(
    alice: User, provider: Provider, settings: Settings
) -> None:
    settings.OPENID = provider.settings(domains="example.com,EXAMPLE.org", claim="groups=a|staff")
    signed_in(client := Client(), provider, **ALICE, groups=["others", "staff"])
    assert is_in(client)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    again = signed_in(Client(), provider, **ALICE, groups=["staff"])
    assert refused(again, 403, "Your account is deactivated")


def test_another_person_with_the_same_address_does_not_get_the_account(
    alice: User, provider: Provider
) -> None:
    assert is_in(signed_in(Client(), provider, **ALICE).client)
    other = {**ALICE, "sub": "77"}
    words = "belongs to another person at Example; an administrator can unlink them"
    assert refused(signed_in(Client(), provider, **other), 403, words)
    root = Client()
    root.force_login(make.make_user("root", is_superuser=True, is_staff=True))
    assert "Unlink from the provider" in root.get("/console/people/").text
    root.post(f"/console/people/{alice.uuid}/", {"do": "unlink"})
    assert events("user.identity_unlinked") == [{}]
    assert is_in(signed_in(Client(), provider, **other).client)


def test_new_people_get_an_account_without_a_password_where_that_is_wanted(
    provider: Provider, settings: Settings
) -> None:
    settings.OPENID = provider.settings(new_people="everybody", domains="example.org")
    settings.EMAIL_URL = "smtp://localhost?from=a@example.org"
    signed_in(client := Client(), provider, **DORA)
    user = User.objects.get()
    assert (user.email, user.name, user.is_staff) == ("dora@example.org", "Dora D.", False)
    assert not user.has_usable_password() and not user.memberships.exists()
    assert events("user.made_by_provider") == [{"issuer": provider.issuer}]
    assert "You sign in with Example" in client.get("/account/password/").text
    # A link for a new password would open the account to who is let in no more.
    assert passwords.asked("dora@example.org", "127.0.0.1") is None
    assert mail.outbox == []


def test_an_invitation_is_accepted_by_signing_in(
    alice: User, project: Project, provider: Provider
) -> None:
    viewer = InvitedTo(project=project, role=roles.named("viewer"))
    made, secret = invitations.invite(Caller(alice), "Dora@example.org", viewer)
    client = Client()
    page = client.get(f"/invitations/{secret}/").text
    assert "Sign in with Example" in page and f'value="/invitations/{secret}/"' in page
    wrong = {**DORA, "email": "dora@example.com"}
    assert refused(signed_in(Client(), provider, **wrong), 403, "nobody has invited you")
    answer = signed_in(client, provider, f"/invitations/{secret}/", **DORA)
    assert answer.headers["Location"] == "/projects/maple/interactions/"
    assert client.get(answer.headers["Location"]).status_code == 200
    dora = User.objects.get(email="dora@example.org")
    assert Invitation.objects.get(pk=made.pk).accepted_by == dora
    # One that expired opens nothing.
    invitations.invite(Caller(alice), "eve@example.org", viewer)
    Invitation.objects.filter(email="eve@example.org").update(expires_at=made.created_at)
    eve = {**DORA, "sub": "5", "email": "eve@example.org"}
    assert refused(signed_in(Client(), provider, **eve), 403, "nobody has invited you")


def test_the_second_step_is_asked_for_too(
    alice: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.services.signing_in.second_factor.is_on", lambda user: True)
    monkeypatch.setattr("projects.services.signing_in.second_factor.check", lambda *given: None)
    answer = signed_in(client := Client(), provider, "/keys/", **ALICE)
    assert answer.headers["Location"] == "/login/code/" and not is_in(client)
    assert events("sign_in.made") == []
    then = client.post("/login/code/", {"code": "123456"})
    assert then.headers["Location"] == "/keys/" and is_in(client)
    assert events("sign_in.made") == [{"by": "OpenID Connect"}]


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    alice: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, thief = Client(), Client()
    back = provider.visit(begun(client), **ALICE)
    lost = "not begun in this browser, has ended already, or took longer than 10 minutes"
    for address in (BACK, back, f"{BACK}?code=x&state=y"):
        assert refused(thief.get(address), 400, lost)
    # A code of one browser in the other: PKCE and the nonce are not its own.
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(begun(thief)).query)["state"][0]
    stolen = {"code": code, "state": state, "iss": provider.issuer}
    assert refused(thief.get(f"{BACK}?{urlencode(stolen)}"), 400, "was used already")
    back = provider.visit(begun(client), **ALICE)
    assert client.get(back).status_code == 302
    client.post("/logout/")
    assert refused(client.get(back), 400, lost)
    replayed = back.replace(
        parse_qs(urlsplit(back).query)["state"][0],
        parse_qs(urlsplit(begun(client)).query)["state"][0],
    )
    assert refused(client.get(replayed), 400, "was used already")
    late = provider.visit(begun(client), **ALICE)
    monkeypatch.setattr(doors, "_SECONDS", -1)
    assert refused(client.get(late), 400, lost)


def test_a_provider_that_is_away_or_wrong_is_told_in_words(
    alice: User, provider: Provider, settings: Settings
) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"down": "/token"}, 503, "Example does not answer"),
        ({"down": "/me"}, 503, "Example does not answer"),
        ({"forged": True}, 502, "What Example says of you cannot be checked"),
        ({"another": True}, 502, "cannot be checked"),
    ]
    for faults, status, words in cases:
        provider.misbehave(**faults)
        assert refused(signed_in(Client(), provider, **ALICE), status, words)
    provider.misbehave()
    for ago, is_right in ((3600 + 300, False), (3600 + 60, True), (-60, True), (-300, False)):
        client = Client()
        back = provider.visit(begun(client), **ALICE)
        provider.misbehave(ago=ago)  # the clock of who makes the ID token, which is for an hour
        answer = client.get(back)
        provider.misbehave()
        assert is_in(client) if is_right else refused(answer, 502, "cannot be checked")
    assert refused(signed_in(Client(), provider), 400, "did not let you in, or you went back")
    mixed = provider.visit(begun(client := Client()), **ALICE)
    assert "iss=" in mixed
    other = mixed.replace(urlencode({"iss": provider.issuer}), "iss=https%3A%2F%2Fevil.example")
    assert refused(client.get(other), 502, "cannot be checked")
    settings.OPENID = provider.settings(client_secret="another")
    assert refused(signed_in(Client(), provider, **ALICE), 502, "answered with an error")
    for issuer, status in (
        (provider.issuer.replace("127.0.0.1", "localhost"), 502),
        ("http://127.0.0.1:9", 503),
    ):
        settings.OPENID = provider.settings(issuer=issuer)
        assert refused(Client().post("/login/openid/"), status, "Example")
    assert len(events("sign_in.refused")) == 11


def test_the_way_there_is_a_form_of_ours_that_leads_back_to_us(
    alice: User, provider: Provider
) -> None:
    assert Client(enforce_csrf_checks=True).post("/login/openid/").status_code == 403
    assert Client().get("/login/openid/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = signed_in(Client(), provider, elsewhere, **ALICE)
        assert answer.headers["Location"] == "/"
    set_script_prefix("/logs/")
    asked = parse_qs(urlsplit(begun(Client())).query)
    set_script_prefix("/")
    assert asked["redirect_uri"] == ["http://testserver/logs/login/openid/back/"]
    client = Client()
    states = [parse_qs(urlsplit(begun(client)).query)["state"][0] for _ in range(7)]
    assert list(client.session["openid_sign_ins"]) == states[-5:]


def test_sign_ins_that_come_to_nothing_are_braked(
    alice: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = throttle.Budget("provider", 2, 30, 900, throttle.PROVIDER.said)
    monkeypatch.setattr(throttle, "PROVIDER", few)
    for _ in range(4):  # each is given back
        assert signed_in(Client(), provider, **ALICE).status_code == 302
    for _ in range(3):
        begun(Client())
    answer = Client().post("/login/openid/")
    assert refused(answer, 429, "Too many sign-ins")
    assert 0 < int(answer.headers["Retry-After"]) <= 30


def test_the_document_of_the_provider_is_read_once_an_hour(
    alice: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid._documents.clear()
    begun(Client())
    provider.misbehave(down="/.well-known/openid-configuration")
    begun(Client())
    clock = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: clock)
    assert refused(Client().post("/login/openid/"), 503, "Example does not answer")


def test_without_a_provider_there_is_no_button_and_no_address(alice: User) -> None:
    client = Client()
    assert "Sign in with" not in client.get("/login/").text
    for path in ("/login/openid/", "/login/openid/back/"):
        assert client.get(path).status_code == client.post(path).status_code == 404
    assert not identities.has_one(alice)
