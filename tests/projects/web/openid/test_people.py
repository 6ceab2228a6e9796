"""Who is let in by the provider, and whose account it is."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from projects.models import Event, Invitation, Project, ProviderIdentity, User
from projects.services.access import Caller
from projects.services.membership import invitations, roles
from projects.services.membership.invitations import InvitedTo
from projects.services.signing_in import passwords
from tests import make
from tests.openid_provider import Provider
from tests.projects.web.openid.signing_in import (
    ALICE,
    BACK,
    DORA,
    begun,
    events,
    is_in,
    refused,
    signed_in,
)


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
    assert told[0].subject == "dora@example.org" and told[0].actor is None
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
