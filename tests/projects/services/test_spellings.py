"""An account has one brake, and an address one person, however it is written."""

import pytest
from django.test import Client, RequestFactory

from adaptive_site.lib.errors import Invalid, NotFound
from projects.models import User
from projects.services import people, user_admin
from projects.services.access import Caller
from projects.services.signing_in import login
from tests.make import PASSWORD, make_user
from tests.projects.services.signing_in.test_login import log_in

pytestmark = pytest.mark.django_db

# Whose capitals or small letters are those of ASCII's i, k or s, for somebody or other.
ODD_SPELLINGS = [
    "dısk@example.org", "dİsk@example.org", "di̇sk@example.org", "diſk@example.org",
    "disK@example.org", "DISK@EXAMPLE.ORG", "ｄisk@example.org", "dısK@EXAMPLE.ORG",
]  # fmt: skip


@pytest.mark.parametrize("written", ODD_SPELLINGS)
def test_no_way_of_writing_an_address_has_a_budget_of_its_own(written: str) -> None:
    make_user("disk")
    for _ in range(6):
        assert log_in("wrong", username="disk@example.org").status_code == 200
    # It is another's address, of nobody; or this one's, which has to wait.
    client = Client()
    assert log_in(PASSWORD, client=client, username=written).status_code in (200, 429)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("written", ODD_SPELLINGS)
def test_the_backend_itself_counts_by_the_account_that_it_opens(
    written: str, rf: RequestFactory
) -> None:
    """Whatever a form makes of an address first."""
    user = make_user("disk")
    request = rf.post("/")
    found = User.objects.at(written).first()
    mine = login.budgets_of(request, user.email)[0]
    assert found in (None, user)
    assert (login.budgets_of(request, written)[0] == mine) == (found == user)


def test_an_address_of_other_letters_is_another_person(alice: User) -> None:
    other = make_user("alıce")
    root = Caller(make_user("root", is_superuser=True))
    assert people.user_named("alice@example.org") == alice
    assert people.user_named("ALICE@example.org") == alice
    assert people.user_named("alıce@example.org") == other
    with pytest.raises(NotFound):
        people.user_named("bıb@example.org")
    user_admin.remove_user(root, alice)
    # To add one does not bring back, or rename, the other.
    with pytest.raises(Invalid, match="exists"):
        user_admin.add_user(root, name="New", email="alıce@example.org")
    alice.refresh_from_db()
    assert (alice.is_active, alice.email) == (False, "alice@example.org")
