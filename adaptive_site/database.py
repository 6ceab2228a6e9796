"""The private PostgreSQL of this installation, for whoever is about to need it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from adaptive_site.environment import Environment, read_environment
from adaptive_site.lib.localpg import LocalPostgres
from adaptive_site.lib.pgbinaries import find_binaries

# Commands that ask nothing of a database, and `serve`, which looks after it itself.
_WITHOUT_DATABASE = {
    *("check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help"),
    *("makemessages", "serve", "startapp", "startproject", "version"),
}


def private_database(environment: Environment) -> LocalPostgres | None:
    """Return the private PostgreSQL, not started yet; None where DATABASE_URL names another."""
    if environment.DATABASE_URL:
        return None
    return LocalPostgres(environment.DATA_DIR / "postgres", environment.ADAPTIVE_SITE_POSTGRES)


@contextmanager
def database_for_command(arguments: Sequence[str]) -> Iterator[None]:
    """Have the private database up while a management command runs.

    `arguments` are sys.argv. A database that already runs is used and left running; one that
    we had to start is stopped at the end.
    """
    options = arguments[1:]
    command = next((word for word in options if not word.startswith("-")), "help")
    asks_for_help = any(word in ("-h", "--help", "--version") for word in options)
    if asks_for_help or (command in _WITHOUT_DATABASE and "--database" not in options):
        yield
        return
    database = private_database(read_environment())
    if database is None:
        yield
        return
    with database:
        yield


def run_client(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's client programs on our database, as `pg_dump` or `pg_restore`.

    For the private database it is the one that came with the server; else the one on PATH. The
    password goes by the environment, where other users do not see it. Raises SystemExit if the
    program fails, after it has said why.
    """
    environment = read_environment()
    database = private_database(environment)
    path = program
    if database is not None:
        found = find_binaries(environment.ADAPTIVE_SITE_POSTGRES, database.cluster.major)
        path = found.program(program)
    wanted = connection.settings_dict
    options = {
        "PGHOST": wanted["HOST"],
        "PGPORT": wanted["PORT"],
        "PGUSER": wanted["USER"],
        "PGPASSWORD": wanted["PASSWORD"],
        "PGDATABASE": wanted["NAME"],
        "PGSSLMODE": wanted["OPTIONS"].get("sslmode", ""),
    }
    given = {name: str(value) for name, value in options.items() if value}
    try:
        done = subprocess.run([path, *arguments], env={**os.environ, **given})
    except FileNotFoundError as error:
        raise SystemExit(f"{program} is not installed, or not on PATH") from error
    if done.returncode:
        raise SystemExit(f"{program} failed (exit {done.returncode})")
