"""The settings of a site behind a proxy, as the documents have them, and its dependencies."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.house.files import ROOT
from tests.running.dependency_audit import KNOWN, NOT_LOOKED_UP, read


def test_djangos_check_of_deployments_finds_nothing(tmp_path: Path) -> None:
    """What is silenced stands in the settings, each with its reason."""
    documented = {"ADAPTIVE_SITE_HOSTS": "logs.example.com", "ADAPTIVE_SITE_PROXIES": "1"}
    tests = ("SECRET_KEY", "DJANGO_SETTINGS_MODULE")
    ours = {name: value for name, value in os.environ.items() if name not in tests}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**ours, **documented, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_https_stays_https(db: None, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 30 * 24 * 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    over = Client().get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert over["Strict-Transport-Security"] == "max-age=2592000"
    assert "Strict-Transport-Security" not in Client().get("/login/")


GOOD = {"name": "django", "version": "5.2.19", "vulns": []}
BAD = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
LEFT = {"name": "b", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("dependencies", "code", "says"),
    [
        ([GOOD], 0, "1 packages looked up: no known faults"),
        ([GOOD, BAD, LEFT], KNOWN, "a 1: PYSEC-1, mended in 2"),
        ([GOOD, LEFT], NOT_LOOKED_UP, "1 of 2 packages were NOT looked up"),
        ([], NOT_LOOKED_UP, "0 of 0 packages were NOT looked up"),
    ],
)
def test_a_dependency_that_was_not_looked_up_is_not_called_good(
    dependencies: list[dict[str, Any]], code: int, says: str
) -> None:
    looked = read({"dependencies": dependencies})
    assert looked.exit_code == code
    assert says in looked.said
