"""Data of earlier versions come up to today's tables, with all that was in them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from adaptive_site.environment import Environment
from adaptive_site.lib.database import schema_check
from adaptive_site.serving.provision import provision
from interactions.models import Comparison, Interaction
from projects.models import Llm, Project, ProjectLlm, User
from tests.running.another_database import another_database
from tests.upgrades.rows import SESSION, TEXT

DUMPS = sorted((Path(__file__).parent / "upgrades").glob("*.sql"))
# The review's index came first under another number, the first migration without some columns.
NOT_AS_THEY_SAY = {"2026-11-21", "2026-11-27"}
PAGES = ("", "maple/interactions/", "maple/models/", "maple/metrics/", "maple/settings/",
         "maple/sessions/", "maple/pairs/", "maple/review/")  # fmt: skip


@pytest.fixture(params=DUMPS, ids=lambda path: path.stem)
def dump(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Path]:
    """A database of an earlier version, which Django's connection leads to meanwhile."""
    path: Path = request.param
    with django_db_blocker.unblock(), another_database("upgraded"):
        known = connection.get_connection_params()
        wanted = ("dbname", "user", "password", "host", "port")
        with psycopg.connect(**{name: known[name] for name in wanted if name in known}) as raw:
            raw.execute(path.read_text())
        yield path


def test_it_comes_up_to_date_and_its_pages_open(dump: Path, tmp_path: Path) -> None:
    call_command("migrate", verbosity=0)
    assert schema_check.drifts() == []
    assert schema_check.migrations() == ([], [])
    call_command("migrate", check_unapplied=True, verbosity=0)
    types = ContentType.objects.filter(app_label="interactions")
    assert not {"act", "actchange", "actimage"} & set(types.values_list("model", flat=True))
    provision(Environment(ADAPTIVE_SITE_DEMO="off"), tmp_path / "note")

    maple = Project.objects.get(key="maple")
    rows = Interaction.objects.in_project(maple)
    assert rows.in_session(rows.oldest_first()[0].session_id or rows[0].id).count() == 3
    assert str(rows.oldest_first()[0].session_id) == SESSION
    assert Comparison.objects.in_project(maple).count() == 1
    named = Llm.objects.exclude(registrations__provider="ECHO")
    assert set(named.values_list("key", flat=True)) == {"gpt-4o", "gpt-4o-mini"}
    uuids = list(ProjectLlm.objects.values_list("uuid", flat=True))
    assert len(set(uuids)) == len(uuids) >= 2
    client = Client()
    client.force_login(User.objects.get(email="alice@example.org"))
    for page in PAGES:
        answer = client.get(f"/projects/{page}" if page else "/")
        assert answer.status_code == 200, page
    assert TEXT in client.get("/projects/maple/interactions/").content.decode()


def test_what_was_rewritten_is_noticed_before_it_is_mended(dump: Path) -> None:
    """Django alone said that all was well, or stopped in the middle."""
    if dump.stem in NOT_AS_THEY_SAY:
        waiting, unknown = schema_check.migrations()
        assert waiting
        assert schema_check.drifts()
        assert unknown == (["interactions.0011_review"] if dump.stem == "2026-11-27" else [])
        with pytest.raises((CommandError, SystemExit)):
            call_command("migrate", check_unapplied=True, verbosity=0)
    else:
        call_command("migrate", verbosity=0)
        assert schema_check.migrations() == ([], [])


@pytest.mark.parametrize("dump", DUMPS[:1], indirect=True)
def test_data_that_was_taken_for_upgraded_is_mended(dump: Path) -> None:
    """Later migrations had run on the first tables without complaint, and every page failed."""
    # As Django's own command left them.
    from_django = "adaptive_site.management.commands.migrate.mend"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(from_django, lambda: ())
        call_command("migrate", "projects", "0004_event_subject", verbosity=0)
        call_command("migrate", "interactions", "0010_review", verbosity=0)
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "projects_llm")
    assert "provider" not in {column.name for column in columns}
    call_command("migrate", verbosity=0)
    assert schema_check.drifts() == []
