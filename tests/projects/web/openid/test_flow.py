"""The way to the provider and back, against a certified one on this machine."""

import time
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import set_script_prefix
from pytest_django import Settings

from adaptive_site.lib.openid import provider as openid
from projects.models import User
from projects.services.signing_in import identities, throttle
from projects.web import openid as doors
from tests.openid_provider import Provider
from tests.projects.web.openid.signing_in import (
    ALICE,
    BACK,
    begun,
    events,
    is_in,
    refused,
    signed_in,
)


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


def test_the_userinfo_is_asked_for_what_the_id_token_does_not_say(provider: Provider) -> None:
    token = {"sub": "1", "email": "a@example.org", "email_verified": True, "roles": ["Reviewer"]}
    for configured, is_enough in (
        ({}, True),
        ({"claim": "roles=Reviewer"}, True),
        ({"claim": "groups=staff"}, False),
        ({"verified_claim": "xms_edov"}, False),
    ):
        assert openid._says_all(provider.settings(**configured), token) is is_enough
    nested = provider.settings(claim="realm_access.roles=reviewer|admin").claim
    assert nested and nested.is_met({"realm_access": {"roles": ["admin"]}})
    assert nested.is_met({"realm_access.roles": "reviewer"})
    assert not nested.is_met({"realm_access": ["reviewer"]}) and not nested.is_met({})
