"""`manage.py doctor` says what is there, and what is wrong with it."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from adaptive_site import doctor
from adaptive_site.lib.database import statistics
from adaptive_site.work.worker import APPLICATION
from interactions.services.recording.log import log_interactions
from projects.models import Project
from tests import auditing, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole_schema(db: None) -> None:
    """The schema as migrations make it, with what the other tests have dropped."""
    auditing.let_it_be_kept()


def examine(tmp_path: Path) -> dict[str, doctor.Finding]:
    """The findings by topic."""
    return {one.topic: one for one in doctor.examine(tmp_path).findings}


def other_session(**options: Any) -> psycopg.Connection[Any]:
    """A connection to the same database that is not Django's."""
    known = connection.get_connection_params()
    wanted = {name: known[name] for name in ("dbname", "user", "host", "port") if name in known}
    return psycopg.connect(**wanted, autocommit=True, **options)


def run(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit status."""
    said = StringIO()
    try:
        call_command("doctor", *arguments, stdout=said)
    except SystemExit as end:
        assert isinstance(end.code, int)
        return said.getvalue(), end.code
    return said.getvalue(), 0


def test_an_empty_database_is_well(whole_schema: None, tmp_path: Path) -> None:
    found = examine(tmp_path)
    # The tests' own database waits for no disk, and an earlier test may have left dead rows.
    wrong = {topic for topic, one in found.items() if not one.is_ok} - {"settings", "dead rows"}
    assert not wrong
    assert found["schema"].says == "every column, index and constraint is as the models say"
    assert found["roll-ups"].says == "0 batches wait"
    assert found["long transactions"].says == "none"


def test_it_says_what_waits_for_the_worker(project: Project, tmp_path: Path) -> None:
    log_interactions(project, [make.make_draft(f"Question {n}") for n in range(30)])
    found = examine(tmp_path)
    assert found["text index"].says == "30 interactions wait"
    assert found["roll-ups"].says == "1 batches wait"
    assert found["worker"].says == "none is running"
    assert found["worker"].is_ok  # so little need not be done


def test_much_that_waits_without_a_worker_is_wrong(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "texts_waiting", lambda: 6000)
    assert "manage.py work" in examine(tmp_path)["worker"].advice
    with other_session(application_name=APPLICATION):
        found = examine(tmp_path)["worker"]
    assert found.is_ok
    assert found.says.startswith("1 running, last heard of ")


def test_a_long_transaction_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LONG_TRANSACTION", timedelta(0))
    with other_session(application_name="a report") as other:
        other.execute("BEGIN")
        found = examine(tmp_path)["long transactions"]
        assert "a report (process " in found.says
        assert not found.is_ok
        other.execute("ROLLBACK")
    assert examine(tmp_path)["long transactions"].is_ok


def test_a_setting_that_hurts_is_named_with_the_reason(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = on")
        cursor.execute("SET LOCAL random_page_cost = 4")
    advice = examine(tmp_path)["settings"].advice
    assert "jit is on: it costs short queries more than it saves" in advice
    assert "random_page_cost is 4: on an SSD 1.1 is right" in advice


def test_a_table_that_is_missing_is_named_and_the_rest_is_still_looked_at(
    whole_schema: None, tmp_path: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE arrival RENAME TO elsewhere")
    found = examine(tmp_path)
    assert found["schema"].says == "arrival is missing"
    assert "sqlmigrate" in found["schema"].advice
    assert found["migrations"].says == "all applied"
    assert found["text index"].says == "0 interactions wait"


CHANGES = {
    "ALTER TABLE projects_registration DROP provider": "registration.provider is missing",
    "ALTER TABLE selection ALTER came_from TYPE varchar(9)": "came_from is character varying(9)",
    "ALTER TABLE projects_projectllm ALTER prompt_price TYPE numeric(9, 2)": (
        "prompt_price is numeric(9,2), not numeric(12,6)"
    ),
    "ALTER TABLE projects_metric ALTER project_id SET NOT NULL": "project_id is NOT NULL, and",
    "ALTER TABLE interaction ALTER source DROP NOT NULL": "interaction.source is not NOT NULL",
    "ALTER TABLE label ADD more int NOT NULL": "label.more is no model's, and stops every insert",
    "DROP INDEX feedback_review": "feedback: feedback_review is missing",
    "ALTER TABLE projects_team DROP CONSTRAINT projects_team_key_key": "team.key has no unique",
    "ALTER TABLE projects_user DROP CONSTRAINT projects_user_email_key": "email has no unique",
    "DROP INDEX user_email_any_case": "user_email_any_case is missing",
    "DROP INDEX interaction_newest;"
    " CREATE INDEX interaction_newest ON interaction (id)": "interaction_newest is on id",
    "ALTER TABLE bulk_action DROP CONSTRAINT"
    " act_selection_id_50c2047c_fk_selection_id": "no foreign key",
    "DROP TRIGGER tell_projects_changed ON projects_llm": "projects_llm: the trigger tell_projects",
    "DROP FUNCTION tell_projects_changed CASCADE": "the function tell_projects_changed is missing",
    "ALTER TABLE projects_llm DISABLE TRIGGER tell_projects_changed": "trigger tell_projects",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_whatever_was_changed_by_hand_is_named(tmp_path: Path, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    found = examine(tmp_path)["schema"]
    assert CHANGES[statement] in found.says
    assert "manage.py migrate" in found.advice
    with pytest.raises(CommandError, match="is not what the migrations make"):
        call_command("migrate", check_unapplied=True, verbosity=0)


def test_migrations_of_another_version_are_named(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('projects', '0999_later', now())")  # fmt: skip
        cursor.execute("DELETE FROM django_migrations WHERE name = '0010_review'")
    found = examine(tmp_path)["migrations"]
    assert "interactions.0010_review not applied" in found.says
    assert "projects.0999_later applied by another version of the site" in found.says
    assert "run `manage.py migrate`; run the version" in found.advice


def test_sizes_are_those_of_the_tables_and_their_indexes(project: Project) -> None:
    make.make_interactions(project, 200)
    (table,) = statistics.tables(["interaction", "no_such_table"])
    assert set(table.indexes) >= {"interaction_pkey", "interaction_newest"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('interaction')")
        (total,) = cursor.fetchone()
    assert 0.7 * total < table.size <= total  # less the maps of free and visible pages


def test_the_command_prints_it_and_ends_with_1_when_something_is_wrong() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = on")
    said, status = run()
    assert status == 1
    assert "warn settings" in said
    assert "interaction_newest" in said
    assert "ok   indexes: all valid" in said
    said, status = run("--json")
    assert status == 1
    found = json.loads(said)
    assert {one["topic"]: one["is_ok"] for one in found["findings"]}["settings"] is False
    assert any(table["name"] == "interaction" for table in found["tables"])


def test_it_ends_with_0_when_all_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    well = doctor.Report([], [doctor.Finding("schema", "there")])
    monkeypatch.setattr("adaptive_site.management.commands.doctor.examine", lambda data: well)
    assert run()[1] == 0
