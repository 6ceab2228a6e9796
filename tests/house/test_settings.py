"""Every option is documented, and the models are what the migrations make."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from adaptive_site.environment import Environment
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
