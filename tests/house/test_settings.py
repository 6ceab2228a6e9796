"""Every option is documented, and the models are what the migrations make."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from adaptive_site.environment import BadEnvironment, Environment, read_environment
from adaptive_site.lib.openid import settings as openid_settings
from tests.house.files import ROOT


@pytest.mark.parametrize("option", sorted(Environment.model_fields))
def test_every_option_is_documented(option: str) -> None:
    assert f"`{option}`" in (ROOT / "docs" / "operations.md").read_text("utf-8")


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said, skip_checks=True)
    assert "No changes detected" in said.getvalue()


PRINT = (
    "from django.conf import settings as s;"
    "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.CSRF_TRUSTED_ORIGINS)"
)


@pytest.mark.parametrize(
    ("hosts", "says"),
    [
        ("", "False False []"),
        (
            "logs.example.com, .example.org",
            "True True ['https://logs.example.com', 'https://*.example.org']",
        ),
        ("https://logs.example.com:8443", "True True ['https://logs.example.com:8443']"),
        ("http://adaptive_site:8000", "False False ['http://adaptive_site:8000']"),
        (
            "logs.example.com,http://adaptive",
            "False False ['https://logs.example.com', 'http://adaptive']",
        ),
        ("http://*", "False False ['http://*']"),
    ],
)
def test_a_site_with_a_public_name_keeps_to_https(tmp_path: Path, hosts: str, says: str) -> None:
    settings = {"DATA_DIR": str(tmp_path), "ADAPTIVE_SITE_HOSTS": hosts}
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "adaptive_site.settings", **settings},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == says, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADAPTIVE_SITE_HOSTS", "logs.example.com/logs"),
        ("ADAPTIVE_SITE_HOSTS", "ftp://logs.example.com"),
        ("ADAPTIVE_SITE_HOSTS", "logs.example.com, a b"),
        ("ADAPTIVE_SITE_PATH", "/logs?"),
        ("ADAPTIVE_SITE_PATH", "/a/../b"),
        ("ADAPTIVE_SITE_PATH", "/"),
        ("ADAPTIVE_SITE_OIDC_ISSUER", "login.example.com"),
        ("ADAPTIVE_SITE_OIDC_ISSUER", "http://login.example.com"),
        ("ADAPTIVE_SITE_OIDC_DOMAINS", "example.com;example.org"),
        ("ADAPTIVE_SITE_OIDC_CLAIM", "groups"),
    ],
)
def test_a_wrong_name_or_path_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadEnvironment, match=f"{name}: expected"):
        read_environment()


def test_settings_of_a_provider_that_do_not_fit_together_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_environment().openid is None
    names = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NEW_PEOPLE", "DOMAINS")
    values = ("https://login.example.com/", "logs", "secret", "everybody", "example.com")
    for missing in ("CLIENT_ID", "CLIENT_SECRET", "DOMAINS"):
        for name, value in zip(names, values, strict=True):
            monkeypatch.setenv(f"ADAPTIVE_SITE_OIDC_{name}", "" if name == missing else value)
        told = "NEW_PEOPLE: everybody needs" if missing == "DOMAINS" else f"{missing}: expected"
        with pytest.raises(BadEnvironment, match=f"^ADAPTIVE_SITE_OIDC_{told}"):
            _ = read_environment().openid
    monkeypatch.setenv("ADAPTIVE_SITE_OIDC_DOMAINS", "*")
    provider = read_environment().openid
    assert provider is not None and provider.takes_everybody
    assert provider.is_domain_let_in("a@b.example")
    monkeypatch.setattr(openid_settings, "find_spec", lambda name: None)
    with pytest.raises(BadEnvironment, match="ISSUER: needs the libraries of the extra sso"):
        _ = read_environment().openid


def test_a_path_may_be_written_with_slashes_or_without(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("logs", "/logs", "/logs/", "logs/"):
        monkeypatch.setenv("ADAPTIVE_SITE_PATH", value)
        assert read_environment().ADAPTIVE_SITE_PATH == "/logs"


def test_the_one_address_that_is_listened_on_is_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for host, names in (("0.0.0.0", []), ("10.0.0.7", ["10.0.0.7"]), ("fd00::1", ["[fd00::1]"])):
        monkeypatch.setenv("HOST", host)
        assert read_environment().own_names[4:] == names
