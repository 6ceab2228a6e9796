"""What data of before November 2026 need, since some migrations were rewritten after they ran.

Django takes a migration of the same name for done, whatever it says by now. Landed migrations
are frozen since (`tests/house/test_frozen.py`), so this list ends here.
"""

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

# The last of each app from before they were frozen: later ones find what is below mended.
_LAST = {"projects": "0004_event_subject", "interactions": "0010_review"}
_RENAMED = {("interactions", "0011_review"): ("interactions", "0010_review")}
# Added to `0001_initial` or `0008_selection_and_acts` later: app, table, column, type, its value.
_COLUMNS = (
    ("projects", "projects_llm", "provider", "varchar(10)", "''"),
    ("projects", "projects_llm", "base_url", "varchar(200)", "''"),
    ("projects", "projects_llm", "external_id", "varchar(200)", "''"),
    ("projects", "projects_llm", "encrypted_api_key", "bytea", "''"),
    ("projects", "projects_llm", "extra_params", "jsonb", "'{}'"),
    ("projects", "projects_projectllm", "uuid", "uuid UNIQUE", "gen_random_uuid()"),
    ("projects", "projects_projectllm", "desired_online", "boolean", "true"),
    ("projects", "projects_metric", "is_linked", "boolean", "true"),
    ("interactions", "selection", "came_from", "text", "''"),
)
# Checked row by row at each commit; `0001_initial` makes them no longer.
_REFERENCES = ("interaction", "feedback")
_METRIC_KEY = "metric_key_in_a_project"


def mend() -> Iterator[str]:
    """Bring data up to what the frozen migrations make, and say each thing that was done.

    Does nothing, in two queries, to data that need nothing. A table's rows are rewritten only
    where a random value is needed for each.
    """
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return
    applied = set(recorder.applied_migrations())
    early = {app for app, last in _LAST.items() if not _has_later(applied, app, last)}
    for old, new in _RENAMED.items():
        if old in applied:
            recorder.record_unapplied(*old)
            recorder.record_applied(*new)
            yield f"{'.'.join(old)} is {new[1]} by now"
    yield from _columns(early)
    if "projects" in early:
        yield from _metric()
    if "interactions" in early:
        yield from _references()
    yield from _ahead()


def _has_later(applied: set[tuple[str, str]], app: str, last: str) -> bool:
    names = {name for known, name in applied if known == app and (known, name) not in _RENAMED}
    return any(name > last for name in names)


def _columns(apps: set[str]) -> Iterator[str]:
    """Add what is missing of tables that are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema AND table_name = ANY(%s)",
            [[table for _, table, *_ in _COLUMNS]],
        )
        there = set(cursor.fetchall())
    tables = {table for table, _ in there}
    for app, table, column, kind, value in _COLUMNS:
        if app in apps and table in tables and (table, column) not in there:
            with transaction.atomic(), connection.cursor() as cursor:
                alter = f'ALTER TABLE {table} %s "{column}"'
                cursor.execute(f"{alter % 'ADD'} {kind} NOT NULL DEFAULT {value}")
                cursor.execute(f"{alter % 'ALTER'} DROP DEFAULT")
            yield f"{table}.{column} was missing"


def _metric() -> Iterator[str]:
    """A metric may stand in no project; no two such have the same key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attnotnull FROM pg_attribute a WHERE attname = 'project_id'"
            " AND attrelid = to_regclass('projects_metric')"
        )
        if cursor.fetchone() != (True,):
            return
    with transaction.atomic(), connection.cursor() as cursor:
        alter = "ALTER TABLE projects_metric"
        cursor.execute(f"{alter} ALTER project_id DROP NOT NULL")
        cursor.execute(f"{alter} DROP CONSTRAINT {_METRIC_KEY}")
        cursor.execute(
            f"{alter} ADD CONSTRAINT {_METRIC_KEY} UNIQUE NULLS NOT DISTINCT (project_id, key)"
        )
    yield "projects_metric took no metric without a project"


def _references() -> Iterator[str]:
    """Drop the foreign keys of the hot tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, quote_ident(c.conname) FROM pg_constraint c"
            " WHERE c.contype = 'f' AND c.conrelid IN"
            " (SELECT to_regclass(name) FROM unnest(%s::text[]) AS given(name))",
            [list(_REFERENCES)],
        )
        found = cursor.fetchall()
        for table, name in found:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    if found:
        yield f"{len(found)} foreign keys slowed every write"


def _ahead() -> Iterator[str]:
    """Apply what migrations that ran depend on by now, and did not when they ran.

    The command `migrate` refuses such data.
    """
    executor = MigrationExecutor(connection)
    graph, applied = executor.loader.graph, executor.loader.applied_migrations
    missing = {
        needed
        for key in applied
        if key in graph.nodes
        for needed in graph.forwards_plan(key)
        if needed not in applied
    }
    if missing:
        executor.migrate(sorted(missing))
    for _, name in sorted(missing):
        yield f"{name} was needed by a later one that had run"
