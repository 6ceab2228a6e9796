"""One's own account: login, password, theme, and pages that outlived a login."""

import pytest
from django.test import Client

from projects.models import User
from tests.make import PASSWORD

pytestmark = pytest.mark.django_db


def test_login_takes_the_address_in_any_case_and_goes_where_one_wanted(alice: User) -> None:
    answer = Client().post(
        "/login/?next=/projects/maple/interactions/",
        {"username": "ALICE@example.org", "password": PASSWORD},
    )
    assert answer.status_code == 302
    again = Client().post("/login/", {"username": alice.email, "password": "wrong"})
    assert "Wrong e-mail address or password" in again.content.decode()


def test_a_password_can_be_changed(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/account/password/").status_code == 200
    new = "another long pass phrase"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/account/password/", data).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(new)
    assert Client().get("/account/password/").status_code == 302


def test_a_form_from_before_a_login_gets_a_page_that_helps(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This page was too old" in answer.content.decode()


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_the_theme_is_kept_and_leads_back_to_us_only(alice: User, back: str) -> None:
    client = Client()
    answer = client.post("/theme/", {"theme": "dark", "next": back})
    assert answer["Location"] == "/"
    assert client.cookies["theme"].value == "dark"
    client.post("/theme/", {"theme": "auto", "next": "/"})
    assert client.cookies["theme"].value == ""
