"""The tour is shown to a person once."""

import pytest
from django.test import Client

from interactions.models import TourSeen
from interactions.web.guide.tour import HINTS
from projects.models import User

pytestmark = pytest.mark.django_db


def test_whoever_has_seen_the_tour_is_not_shown_it_again(alice: User, bob: User) -> None:
    client, other = Client(), Client()
    client.force_login(alice)
    other.force_login(bob)
    said = client.get("/tour/").content.decode()
    assert len(HINTS) == 5
    assert all(hint.title in said for hint in HINTS)
    for _ in range(2):  # also from a second window
        assert client.post("/tour/").status_code == 204
        assert client.get("/tour/").status_code == 204
    assert list(TourSeen.objects.values_list("user", flat=True)) == [alice.pk]
    assert other.get("/tour/").status_code == 200


def test_nobody_is_sent_to_log_in() -> None:
    assert Client().get("/tour/").status_code == 302
    assert Client().put("/tour/").status_code == 302
    assert not TourSeen.objects.exists()
