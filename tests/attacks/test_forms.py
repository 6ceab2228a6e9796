"""Forms of other sites, pages in frames, planted sessions, and ways back that lead elsewhere."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, get_resolver

from interactions.models import Interaction
from projects.models import Project, User
from tests import make
from tests.interactions.doors.addresses import every_pattern
from tests.interactions.services.datasets.making import make_dataset, record

pytestmark = pytest.mark.django_db
_PLACE = re.compile(r"<(?:(\w+):)?\w+>")
_SOME = {"uuid": str(UUID(int=7)), "int": "1"}
ELSEWHERE = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example",
    "\thttps://evil.example", "https:evil.example", "javascript:alert(1)",
)  # fmt: skip
SPLIT = "/keys/\r\nSet-Cookie: stolen=1"


def addresses() -> Iterator[tuple[str, URLPattern]]:
    """Every route with something in its places, the admin console's among them."""
    for path, pattern in every_pattern(get_resolver()):
        if "(?P<" not in path:  # but the console's own end of all addresses
            yield "/" + _PLACE.sub(lambda place: _SOME.get(place[1], "x"), path), pattern


@pytest.fixture
def root(db: None) -> User:
    return make.make_user("root", is_superuser=True, is_staff=True)


def test_no_form_is_taken_without_its_token(root: User) -> None:
    """Of the most powerful user, whose browser another site has send it."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    tried = 0
    for address, pattern in addresses():
        answer = client.post(address, {}, headers={"Origin": "https://evil.example"})
        if getattr(pattern.callback, "csrf_exempt", False):
            # By a key alone, which no other site has a browser send.
            assert address.startswith("/api/"), address
            assert answer.status_code in (401, 404, 405), (address, answer.status_code)
        else:
            assert answer.status_code == 403 and "too old" in answer.text, address
        tried += 1
    assert tried > 200


def test_no_page_is_shown_in_a_frame(root: User) -> None:
    client = Client()
    client.force_login(root)
    stranger = Client()
    pages = [path for path, _ in addresses() if _PLACE.search(path) is None and "/x/" not in path]
    found = [one.get(path) for one in (client, stranger) for path in [*pages, "/nothing/here/"]]
    html = [one for one in found if one.headers.get("Content-Type", "").startswith("text/html")]
    assert len(html) > 60 and {200, 302, 404} <= {one.status_code for one in html}
    for answer in html:
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    unnamed = client.get("/login/", headers={"Host": "evil.example"})
    assert unnamed.status_code == 400
    assert "frame-ancestors 'none'" in unnamed["Content-Security-Policy"]


def test_a_session_from_before_the_login_is_not_the_one_after_it(alice: User, bob: User) -> None:
    attacker, victim = Client(), Client()
    attacker.force_login(bob)
    name = "adaptive_site_session"
    for planted in ("chosen-by-an-attacker-0123456789", attacker.cookies[name].value):
        victim.cookies[name] = planted
        answer = victim.post("/login/", {"username": alice.email, "password": make.PASSWORD})
        assert answer.status_code == 302
        if answer.cookies.get(name) is None:  # who is logged in as another stays that one
            assert victim.get("/account/keys/").wsgi_request.user == bob
            continue
        assert answer.cookies[name].value != planted
        assert victim.get("/account/keys/").wsgi_request.user == alice
        assert not Session.objects.filter(session_key=planted).exists()
        victim = Client()
    assert attacker.get("/account/keys/").wsgi_request.user == bob


@pytest.fixture
def one(project: Project) -> Interaction:
    return make.make_interaction(project)


def test_no_way_back_leads_elsewhere(alice: User, project: Project, one: Interaction) -> None:
    here = "/projects/maple/"
    dataset = make_dataset(project, alice, [record("What is a maple?")])
    client = Client()
    client.force_login(alice)
    login = {"username": alice.email, "password": make.PASSWORD}
    for wrong in (*ELSEWHERE, SPLIT):
        given = {"next": wrong}
        answers: list[Any] = [
            Client().post("/login/", login | given),
            client.get("/login/", given),
            client.post("/theme/", {"theme": "dark", **given}),
            client.post("/account/time-zone/", {"time_zone": "UTC", **given}),
            client.post(
                f"{here}interactions/{one.id}/labels/", {"key": "a", "value": "b", **given}
            ),
            client.post(f"{here}datasets/{dataset.key}/records/undo/", {"entry": "1", **given}),
            client.post("/logout/", given, follow=False),
        ]
        client.force_login(alice)
        for answer in answers:
            where = answer.headers.get("Location", "") + answer.headers.get("HX-Redirect", "")
            assert answer.status_code < 500
            assert "\n" not in where and "stolen" not in answer.cookies
            assert re.fullmatch(r"|/(?![/\\]).*", where), (wrong, where)
            assert "evil" not in where
