"""What each start makes sure of, and what it refuses to guess."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from pytest_django import DjangoAssertNumQueries, Settings

from adaptive_site import settings as site
from adaptive_site.environment import Environment
from adaptive_site.serving.provision import collect_static, provision
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


@pytest.mark.parametrize("password", ["password", "12345678", "short"])
def test_a_weak_password_is_taken_only_where_nobody_else_reaches_the_site(
    tmp_path: Path, password: str
) -> None:
    weak: dict[str, Any] = {
        "ADAPTIVE_SITE_DEMO": "off",
        "ADAPTIVE_SITE_ADMIN_PASSWORD": password,
    }
    reached: list[dict[str, Any]] = [
        {"HOST": "0.0.0.0"},
        {"ADAPTIVE_SITE_HOSTS": "logs.example.com"},
    ]
    for public in reached:
        with pytest.raises(SystemExit, match=r"^ADAPTIVE_SITE_ADMIN_PASSWORD: This password is"):
            provision(Environment(**weak, **public), tmp_path / "note")
        assert not User.objects.exists()
    welcome = provision(Environment(**weak), tmp_path / "note")
    assert welcome.warnings[0].startswith("ADAPTIVE_SITE_ADMIN_PASSWORD: This password is ")
    assert User.objects.get().check_password(password)


def test_only_secrets_that_we_made_are_told_and_noted(tmp_path: Path) -> None:
    note = tmp_path / "note"
    given = Environment(ADAPTIVE_SITE_DEMO="off", ADAPTIVE_SITE_ADMIN_PASSWORD="a long pass phrase")
    welcome = provision(given, note)
    assert welcome.password == "as set by ADAPTIVE_SITE_ADMIN_PASSWORD"
    assert welcome.api_key is not None
    assert welcome.api_key.startswith("as-")
    assert "a long pass phrase" not in note.read_text()
    assert welcome.api_key in note.read_text()
    assert note.stat().st_mode & 0o777 == 0o600


def test_a_start_with_nothing_to_do_asks_little_and_loads_no_migration(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    provision(WITHOUT_DEMO, tmp_path / "note")
    monkeypatch.delattr(MigrationLoader, "build_graph")
    # Names of migrations (2), columns, the echo (1, in a savepoint), roles (5) and the
    # administrator; the lock is on a connection of its own.
    with django_assert_num_queries(12):
        provision(WITHOUT_DEMO, tmp_path / "note")


def test_a_missing_column_stops_a_start(tmp_path: Path) -> None:
    provision(WITHOUT_DEMO, tmp_path / "note")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_project RENAME key TO name_in_addresses")
    with pytest.raises(SystemExit, match=r"projects_project\.key is missing"):
        provision(WITHOUT_DEMO, tmp_path / "note")


def test_static_files_are_hashed_once(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    settings.STORAGES = site.STORAGES
    assert collect_static()
    assert len(list((tmp_path / "collected").glob("a.*.css"))) == 1
    with monkeypatch.context() as patch:
        patch.delattr("adaptive_site.serving.provision.call_command")
        assert not collect_static()
    (source / "a.css").write_text("a{color:red}")
    assert collect_static()
    assert len(list((tmp_path / "collected").glob("a.*.css"))) == 1
