"""Passwords: hashed a few at a time, and none that is easily guessed."""

import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from adaptive_site.lib.errors import TooOften
from adaptive_site.lib.password_hashing import Gate, GatedPasswordHasher
from projects.models import Attempt, User
from tests.make import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def entered() -> Iterator[tuple[Gate, threading.Event]]:
    """A gate with all its places taken, until the event."""
    gate, leave = Gate(2, 3), threading.Event()

    def stay() -> None:
        with gate.passed():
            leave.wait(60)

    threads = [threading.Thread(target=stay) for _ in range(5)]
    for thread in threads:
        thread.start()
    while gate._room.acquire(blocking=False):
        gate._room.release()
    yield gate, leave
    leave.set()
    for thread in threads:
        thread.join()


def test_few_passwords_are_hashed_at_once_and_few_wait(
    entered: tuple[Gate, threading.Event],
) -> None:
    gate, leave = entered
    with pytest.raises(TooOften, match="try again in 3 seconds"), gate.passed():
        raise AssertionError("nobody gets in")
    leave.set()


def test_who_is_sent_away_for_want_of_time_has_not_tried(
    alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PASSWORD_HASHERS = ["adaptive_site.lib.password_hashing.GatedPasswordHasher"]
    monkeypatch.setattr("adaptive_site.lib.password_hashing._gate", Gate(0, 0))
    data = {"username": alice.email, "password": PASSWORD}
    answers = [Client().post("/login/", data) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {429}
    assert "Too many people log in at this moment" in answers[0].content.decode()
    assert set(Attempt.objects.values_list("number", flat=True)) == {0}


def test_hashes_are_djangos_own() -> None:
    hasher = GatedPasswordHasher()
    encoded = hasher.encode("horse", "salt1234", iterations=2)
    assert encoded.startswith("pbkdf2_sha256$2$salt1234$")
    assert hasher.verify("horse", encoded)
    assert not hasher.verify("house", encoded)


@pytest.mark.parametrize(
    "weak", ["password", "12345678", "short1!", "alice@example.org", "qwerty123"]
)
def test_passwords_that_are_easily_guessed_are_refused_everywhere(
    alice: User, weak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(alice)
    data = {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak}
    assert 'class="error"' in client.post("/account/password/", data).content.decode()

    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", weak)
    with pytest.raises(CommandError, match="password|similar|common|short"):
        call_command("createsuperuser", interactive=False, email="alice@example.orgs")
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert get_user_model().objects.count() == 1
