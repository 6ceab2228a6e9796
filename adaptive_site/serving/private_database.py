"""The private PostgreSQL of this installation, for whoever is about to need it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from django.db import DatabaseError, InterfaceError
from psycopg.pq import Conninfo

from adaptive_site.environment import read_environment
from adaptive_site.lib.database.direct_connection import direct_connection
from adaptive_site.lib.database.outages import reason
from adaptive_site.lib.postgres.binaries import find_binaries

# Commands that ask nothing of a database, and `serve`, which looks after it itself.
_WITHOUT_DATABASE = {
    *("check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help"),
    *("makemessages", "serve", "startapp", "startproject", "version"),
}


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
    database = read_environment().private_database()
    if database is None:
        yield
        return
    with database:
        yield


@contextmanager
def outages_in_words() -> Iterator[None]:
    """End the program with one message where a disk or the database is missing, no traceback."""
    try:
        yield
    except (DatabaseError, InterfaceError, OSError) as error:
        if not (outage := reason(error)):
            raise
        raise SystemExit(f"{outage[0].upper()}{outage[1:]}: {str(error).strip()}") from error


def dump_database(file: IO[bytes]) -> None:
    """Write all of our database to `file`, in pg_dump's custom format.

    It goes through a pipe: where pg_dump can seek, it notes places that hold only for that file.
    Raises SystemExit if pg_dump fails, after it has said why, and OSError if `file` takes no more.
    """
    command = [_path_of("pg_dump"), "--format=custom", "--no-owner"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_client_environment()) as dump:
        assert dump.stdout is not None
        try:
            shutil.copyfileobj(dump.stdout, file)
        except OSError:
            dump.kill()
            raise
    _check_end("pg_dump", dump.returncode)


def replace_contents(dump: IO[bytes]) -> None:
    """Put what `pg_dump --format=custom` has written in the place of all there is, or nothing.

    It is read from where `dump` stands.

    One transaction takes away the schema `public`, where everything of ours is, and plays the
    dump; it commits only if the dump was read to its end. Raises SystemExit
    if a program fails, after it has said why.
    """
    psql = subprocess.Popen(
        [
            *(_path_of("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            *("--command=SET client_min_messages = warning", "--command=BEGIN"),
            "--command=DROP SCHEMA IF EXISTS public CASCADE",
            "--command=CREATE SCHEMA public AUTHORIZATION pg_database_owner",
            *("--command=GRANT USAGE ON SCHEMA public TO PUBLIC", "--file=-"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=_client_environment(),
    )
    # --clean for what a dump may hold beside the schema `public`.
    options = ("--clean", "--if-exists", "--no-owner", "--file=-")
    read = subprocess.Popen(
        [_path_of("pg_restore"), *options], stdin=subprocess.PIPE, stdout=psql.stdin
    )
    assert read.stdin is not None
    with suppress(BrokenPipeError), read.stdin:  # it has ended, and its exit status says how
        shutil.copyfileobj(dump, read.stdin)
    read.wait()
    psql.communicate(b"COMMIT;\n" if read.returncode == 0 else None)
    for program, code in (("psql", psql.returncode), ("pg_restore", read.returncode)):
        _check_end(program, code)


def _path_of(program: str) -> str:
    """Return where a client program is: with the private server's own, else on PATH."""
    environment = read_environment()
    database = environment.private_database()
    if database is not None:
        found = find_binaries(environment.ADAPTIVE_SITE_POSTGRES, database.cluster.major)
        return found.program(program)
    if (path := shutil.which(program)) is None:
        raise SystemExit(f"{program} is not installed, or not on PATH")
    return path


def _client_environment() -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs find our database.

    The password goes by it, where other users do not see it; so does all else that libpq knows.
    """
    wanted = direct_connection().get_connection_params()
    names = {one.keyword.decode(): one.envvar for one in Conninfo.get_defaults()}
    found = {
        name.decode(): str(wanted[keyword])
        for keyword, name in names.items()
        if name is not None and wanted.get(keyword) not in (None, "")
    }
    return {**os.environ, **found}


def _check_end(program: str, code: int) -> None:
    """Raise SystemExit if the program has failed."""
    if code:
        raise SystemExit(f"{program} failed (exit {code})")
