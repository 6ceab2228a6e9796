"""Every option is documented, and the models are what the migrations make."""

from io import StringIO

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
