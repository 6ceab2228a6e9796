"""No later migration may stop the writers of a large table while an index is made.

CREATE INDEX lets nobody write until it is done: at ten million rows minutes, for `interaction`
several of them. So an index on a table that may be large is made by `AddIndexConcurrently`, in a
migration with `atomic = False`; a unique constraint by such an index first, then
`ALTER TABLE … ADD CONSTRAINT … USING INDEX`. A table made in the same migration is still empty.
"""

import re
from collections.abc import Sequence

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterUniqueTogether,
    CreateModel,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation

from tests.house.files import ROOT, name_of, ours

# Those made before the rule, when no table could be large yet.
FREE = {"interactions": 5, "projects": 3}
LOCKING = re.compile(
    r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\b(?!\s+CONCURRENTLY)|\bREINDEX\b(?!.*\bCONCURRENTLY\b)"
    r"|\bADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?!\s+USING\s+INDEX)"
    r"|\b(?:VACUUM\s+FULL|CLUSTER)\b",
    re.IGNORECASE,
)


def later() -> list[Migration]:
    """Ours, but those that are free of the rule."""
    found = MigrationLoader(None).disk_migrations
    return [
        migration
        for (app, name), migration in sorted(found.items())
        if app in FREE and int(name[:4]) > FREE[app]
    ]


def faults_of(migration: Migration) -> list[str]:
    """What would lock a table that may be large."""
    operations = flat(migration.operations)
    made = {one.name_lower for one in operations if isinstance(one, CreateModel)}
    faults = [
        f"{operation.describe()}: use AddIndexConcurrently"
        for operation in operations
        if makes_an_index(operation) and getattr(operation, "model_name", "").lower() not in made
    ]
    concurrent = (AddIndexConcurrently, RemoveIndexConcurrently)
    if migration.atomic and any(isinstance(one, concurrent) for one in operations):
        faults.append("an index is made concurrently only where atomic = False")
    return faults


def flat(operations: Sequence[Operation]) -> list[Operation]:
    """Also what stands inside a SeparateDatabaseAndState and touches the database."""
    found: list[Operation] = []
    for one in operations:
        found += (
            flat(one.database_operations) if isinstance(one, SeparateDatabaseAndState) else [one]
        )
    return found


def makes_an_index(operation: Operation) -> bool:
    """Whether it makes one while nobody may write."""
    if isinstance(operation, AddIndex):
        return not isinstance(operation, AddIndexConcurrently)
    if isinstance(operation, AddConstraint):
        return isinstance(operation.constraint, models.UniqueConstraint)
    if isinstance(operation, AddField | AlterField):
        field = operation.field
        is_indexed = getattr(field, "db_index", False) or field.unique
        return bool(is_indexed) and not field.primary_key
    if isinstance(operation, RunSQL):
        return bool(LOCKING.search(str(operation.sql)))
    return isinstance(operation, AlterUniqueTogether)


@pytest.mark.parametrize("migration", later(), ids=str)
def test_no_later_migration_makes_an_index_while_nobody_may_write(migration: Migration) -> None:
    assert not faults_of(migration)


def test_migrations_stand_where_the_rule_looks_for_them() -> None:
    folders = {path.parent.parent.name for path in ours() if path.parent.name == "migrations"}
    assert folders == set(FREE), [name_of(path) for path in ours() if "migrations" in path.parts]
    assert all((ROOT / app / "migrations").is_dir() for app in FREE)


def written(*operations: Operation, is_atomic: bool = True) -> Migration:
    """A migration that could come later."""
    said = {"operations": list(operations), "atomic": is_atomic}
    made: Migration = type("Later", (Migration,), said)("0099_later", "interactions")
    return made


INDEX = models.Index(fields=["source"], name="by_source")


@pytest.mark.parametrize(
    "operation",
    [
        AddIndex("interaction", INDEX),
        AddField("interaction", "colour", models.TextField(db_index=True)),
        AlterField("feedback", "value", models.FloatField(unique=True)),
        AddConstraint("feedback", models.UniqueConstraint(fields=["value"], name="once")),
        RunSQL("CREATE INDEX by_source ON interaction (source)"),
        RunSQL("create unique index by_source on interaction (source)"),
        RunSQL("ALTER TABLE feedback ADD CONSTRAINT once UNIQUE (value)"),
        SeparateDatabaseAndState([AddIndex("interaction", INDEX)]),
    ],
    ids=str,
)
def test_an_index_that_would_lock_is_seen(operation: Operation) -> None:
    assert faults_of(written(operation))


def test_what_locks_nobody_out_is_let_through() -> None:
    concurrently = AddIndexConcurrently("interaction", INDEX)
    assert not faults_of(written(concurrently, is_atomic=False))
    assert faults_of(written(concurrently))
    fresh = CreateModel("Thing", [("id", models.AutoField(primary_key=True))])
    assert not faults_of(written(fresh, AddIndex("thing", INDEX)))
    assert not faults_of(
        written(
            AddField("interaction", "colour", models.TextField(null=True)),
            RunSQL("CREATE INDEX CONCURRENTLY by_source ON interaction (source)"),
            RunSQL("ALTER TABLE feedback ADD CONSTRAINT once UNIQUE USING INDEX by_value"),
        )
    )
