"""Whether the database's tables are what the models and migrations say, read off the catalogue.

Django knows which migrations ran, not what they left: a migration that was rewritten after it
ran, or a column that was taken away by hand, shows only here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import CheckConstraint, Field, Index, Model, UniqueConstraint

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> ''
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.oid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS given(name))
        AND a.attnum > 0 AND NOT a.attisdropped
"""
_INDEXES = """
    SELECT t.relname, i.relname, x.indisunique, x.indisvalid, x.indpred IS NULL,
        ARRAY(SELECT coalesce(a.attname, '') FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(n, at)
            LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n AND k.n > 0
            WHERE k.at <= x.indnkeyatts ORDER BY k.at),
        x.indnullsnotdistinct
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indrelid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS given(name))
"""
_CONSTRAINTS = """
    SELECT t.relname, c.conname, c.contype = 'f',
        ARRAY(SELECT a.attname FROM unnest(c.conkey) k(n)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.conrelid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS given(name))
"""
_SHORT = {"varchar": "character varying", "bool": "boolean", "serial": "integer"}
_MADE = re.compile(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(TRIGGER|FUNCTION)\s+(\w+)", re.IGNORECASE)
_ON = re.compile(r"\bON\s+(\w+)", re.IGNORECASE)
ADVICE = (
    "restore a backup from before it was changed, or make what is missing by hand:"
    " `manage.py sqlmigrate APP NAME` prints the statements"
)


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as it should be; `stops` when pages or writes fail by it."""

    where: str
    what: str
    stops: bool

    def __str__(self) -> str:
        return f"{self.where} {self.what}"


@dataclass(frozen=True, slots=True)
class _Column:
    kind: str
    is_needed: bool  # NOT NULL
    is_filled: bool  # by a default


@dataclass(frozen=True, slots=True)
class _Index:
    is_unique: bool
    is_valid: bool
    is_whole: bool  # of all rows
    columns: tuple[str, ...]
    holds_nulls_equal: bool


class _Found:
    """What the catalogue says of some tables."""

    def __init__(self, tables: list[str]) -> None:
        self.columns = _columns_of(tables)
        self.indexes: dict[str, dict[str, _Index]] = {}
        self.names: set[str] = set()
        self.references: set[tuple[str, str]] = set()
        with connection.cursor() as cursor:
            cursor.execute(_INDEXES, [tables])
            for table, name, unique, valid, whole, columns, nulls in cursor.fetchall():
                found = _Index(unique, valid, whole, tuple(columns), nulls)
                self.indexes.setdefault(table, {})[name] = found
                self.names.add(name)
            cursor.execute(_CONSTRAINTS, [tables])
            for table, name, is_reference, columns in cursor.fetchall():
                self.names.add(name)
                if is_reference and len(columns) == 1:
                    self.references.add((table, columns[0]))


def _columns_of(tables: list[str]) -> dict[str, dict[str, _Column]]:
    """By table, those of its columns."""
    found: dict[str, dict[str, _Column]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [tables])
        for table, name, *facts in cursor.fetchall():
            found.setdefault(table, {})[name] = _Column(*facts)
    return found


def drifts() -> list[Drift]:
    """Everything that differs between the database and the models of all apps; some 20 ms.

    Models know nothing of triggers and functions: those that a migration's SQL makes are looked
    for by name. What is there beyond the models is nobody's fault, unless it stops writes.
    """
    models = _models()
    found = _Found([model._meta.db_table for model in models])
    wrong = [one for model in models for one in _of_model(model, found)]
    return [*wrong, *_of_statements()]


def stopping_drifts() -> list[Drift]:
    """What of `drifts` makes pages or writes fail; one query, and no migration is loaded."""
    models = _models()
    columns = _columns_of([model._meta.db_table for model in models])
    return [one for model in models for one in _of_columns(model, columns) if one.stops]


def migrations() -> tuple[list[str], list[str]]:
    """Those of ours that have not run, and those that ran and that this version does not have.

    Only their names are read: loading them, with their graph, takes 50 ms.
    """
    ran = MigrationRecorder(connection).applied_migrations().keys()
    ours = set(_names())
    apps_here = {app for app, _ in ours}
    return (
        [".".join(key) for key in sorted(ours - ran)],
        [".".join(key) for key in sorted(ran - ours) if key[0] in apps_here],
    )


def _names() -> Iterator[tuple[str, str]]:
    """(app, name) of each migration of the installed apps, told as Django tells them."""
    for app in apps.get_app_configs():
        package, _ = MigrationLoader.migrations_module(app.label)
        spec = find_spec(package) if package else None
        for module in iter_modules(spec.submodule_search_locations) if spec else ():
            if not module.ispkg and module.name[0] not in "_~":
                yield app.label, module.name


def _models() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def _of_model(model: type[Model], found: _Found) -> Iterator[Drift]:
    yield from _of_columns(model, found.columns)
    there = found.columns.get(model._meta.db_table)
    if there is not None:
        fields = [field for field in _fields(model) if field.column in there]
        yield from _of_indexes(model, fields, found)


def _of_columns(model: type[Model], found: dict[str, dict[str, _Column]]) -> Iterator[Drift]:
    table = model._meta.db_table
    columns = found.get(table)
    if columns is None:
        yield Drift(table, "is missing", stops=True)
        return
    fields = _fields(model)
    for field in fields:
        yield from _of_field(table, field, columns)
    known = {field.column for field in fields}
    for name, column in columns.items():
        if name not in known and column.is_needed and not column.is_filled:
            yield Drift(f"{table}.{name}", "is no model's, and stops every insert", stops=True)


def _fields(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.local_concrete_fields if field.column]


def _of_field(table: str, field: "Field[Any, Any]", columns: dict[str, _Column]) -> Iterator[Drift]:
    where = f"{table}.{field.column}"
    kind = _kind(field)
    column = columns.get(field.column or "")
    if column is None:
        yield Drift(where, f"is missing ({kind})", stops=True)
    elif column.kind != kind:
        yield Drift(where, f"is {column.kind}, not {kind}", stops=True)
    elif column.is_needed and field.null:
        yield Drift(where, "is NOT NULL, and should not be", stops=True)
    elif not column.is_needed and not field.null:
        yield Drift(where, "is not NOT NULL, and should be", stops=False)


def _kind(field: "Field[Any, Any]") -> str:
    """The column's type, as PostgreSQL spells it."""
    kind = (field.db_parameters(connection)["type"] or "").replace(", ", ",")
    return re.sub(r"^[a-z]+", lambda word: _SHORT.get(word[0], word[0]), kind)


def _of_indexes(
    model: type[Model], fields: Iterable["Field[Any, Any]"], found: _Found
) -> Iterator[Drift]:
    """Named indexes and constraints, and those that a field asks for."""
    table = model._meta.db_table
    indexes = found.indexes.get(table, {})
    for wanted in (*model._meta.indexes, *model._meta.constraints):
        yield from _of_named(model, wanted, indexes, found)
    for field in fields:
        column = field.column
        if field.unique and not any(
            one.is_unique and one.is_whole and one.columns == (column,) for one in indexes.values()
        ):
            yield Drift(f"{table}.{column}", "has no unique index", stops=False)
        elif getattr(field, "db_index", False) and not any(
            one.columns[:1] == (column,) for one in indexes.values()
        ):
            yield Drift(f"{table}.{column}", "has no index", stops=False)
        if field.remote_field is not None and getattr(field, "db_constraint", False):
            if (table, column) not in found.references:
                yield Drift(f"{table}.{column}", "has no foreign key", stops=False)
        elif field.remote_field is not None and (table, column) in found.references:
            yield Drift(f"{table}.{column}", "has a foreign key, which slows writes", stops=False)


def _of_named(
    model: type[Model], wanted: object, indexes: dict[str, _Index], found: _Found
) -> Iterator[Drift]:
    assert isinstance(wanted, Index | UniqueConstraint | CheckConstraint)
    where = f"{model._meta.db_table}: {wanted.name}"
    if wanted.name not in found.names:
        yield Drift(where, "is missing", stops=False)
        return
    index = indexes.get(wanted.name)
    if index is None or isinstance(wanted, CheckConstraint):
        return
    if not index.is_valid:
        yield Drift(where, "is unfinished", stops=False)
    names = [name.removeprefix("-") for name in wanted.fields]
    columns = tuple(getattr(model._meta.get_field(name), "column", "") for name in names)
    if columns and columns != index.columns:
        yield Drift(where, f"is on {', '.join(index.columns)}", stops=False)
    if isinstance(wanted, UniqueConstraint):
        if not index.is_unique:
            yield Drift(where, "is not unique", stops=False)
        if (wanted.nulls_distinct is False) != index.holds_nulls_equal:
            yield Drift(where, "takes nulls in another way", stops=False)


def _of_statements() -> Iterator[Drift]:
    """Triggers and functions that migrations make by SQL, and that are gone."""
    wanted = sorted(set(_statements()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc p WHERE proname = ANY(%s)"
            " AND pronamespace = current_schema::regnamespace",
            [[name for kind, name, _ in wanted if kind == "function"]],
        )  # fmt: skip
        there = {("function", name, "") for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tgname, relname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
            " WHERE tgname = ANY(%s) AND tgenabled <> 'D'",
            [[name for kind, name, _ in wanted if kind == "trigger"]],
        )  # fmt: skip
        there |= {("trigger", name, table) for name, table in cursor.fetchall()}
    for kind, name, table in wanted:
        if (kind, name, table) not in there:
            where = f"{table}: the {kind} {name}" if table else f"the {kind} {name}"
            yield Drift(where, "is missing", stops=False)


def _statements() -> Iterator[tuple[str, str, str]]:
    """(kind, name, table) of each that an applied migration has made."""
    loader = MigrationLoader(connection)
    for key in loader.applied_migrations:
        migration = loader.disk_migrations.get(key)
        for operation in migration.operations if migration else ():
            if isinstance(operation, RunSQL) and isinstance(operation.sql, str):
                for made in _MADE.finditer(operation.sql):
                    kind = made[1].lower()
                    on = _ON.search(operation.sql, made.end())
                    table = on[1] if on is not None and kind == "trigger" else ""
                    yield kind, made[2], table
