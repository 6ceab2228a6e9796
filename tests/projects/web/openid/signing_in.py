"""A browser at the site and at the provider, and what comes of it."""

from typing import Any

from django.test import Client

from projects.models import Event
from tests.openid_provider import Provider, address_of

BACK = "http://testserver/login/openid/back/"
ALICE: dict[str, Any] = {
    "sub": "1",
    "email": "Alice@Example.org",
    "email_verified": True,
    "name": "Alice A.",
}
DORA: dict[str, Any] = {
    "sub": "4",
    "email": "dora@example.org",
    "email_verified": True,
    "name": "Dora D.",
}


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
