"""What each start makes sure of, and what it refuses to guess."""

from pathlib import Path

import pytest

from adaptive_site.environment import Environment
from adaptive_site.provision import provision
from projects.models import Role, User
from projects.services import people

pytestmark = pytest.mark.django_db
WITHOUT_DEMO = Environment(ADAPTIVE_SITE_DEMO="off", ADAPTIVE_SITE_ADMIN_EMAIL="alice@example.org")


def test_the_roles_are_there_without_a_demo_and_come_back(tmp_path: Path) -> None:
    for _ in range(2):
        provision(WITHOUT_DEMO, tmp_path / "note")
        assert set(Role.objects.values_list("key", flat=True)) == set(people.ROLES)
        Role.objects.filter(key="viewer").delete()


def test_a_role_that_was_changed_stays_so(tmp_path: Path) -> None:
    provision(WITHOUT_DEMO, tmp_path / "note")
    Role.objects.filter(key="viewer").update(permissions=[])
    provision(WITHOUT_DEMO, tmp_path / "note")
    assert Role.objects.get(key="viewer").permissions == []


def test_without_an_administrator_an_ordinary_user_is_not_made_one(tmp_path: Path) -> None:
    provision(WITHOUT_DEMO, tmp_path / "note")
    User.objects.update(is_superuser=False, email="Alice@example.org")
    with pytest.raises(SystemExit, match=r"^ADAPTIVE_SITE_ADMIN_EMAIL: no administrator is left"):
        provision(WITHOUT_DEMO, tmp_path / "note")
    assert not User.objects.filter(is_superuser=True).exists()
