"""`manage.py serve` from start to end, with real processes; the tests share one DATA_DIR."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from adaptive_site.environment import ROOT
from adaptive_site.work.worker import APPLICATION
from projects.services import api_keys
from tests.sites import Site

KEY = "a-key-of-the-tests"
PASSWORD = "a password of the tests"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site that has not been started yet."""
    return Site(tmp_path_factory.mktemp("site"))


def descendants(process: int) -> list[int]:
    """Return the processes below this one."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [process]
    for one in found:
        found += [child for child, parent in parents if parent == one]
    return found[1:]


def as_the_worker() -> int:
    """The niceness of a worker that we start."""
    return min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


def is_running(process: int) -> bool:
    """Say whether the process is there and not just waiting to be reaped."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True)
    return listed.stdout.strip() not in (b"",) and not listed.stdout.startswith(b"Z")


def test_wrong_settings_end_it_with_their_names(tmp_path: Path) -> None:
    wrong = {"PORT": "eighty", "DATABASE_URL": "mysql://x/y", "ADAPTIVE_SITE_DEMO": "perhaps"}
    done = Site(tmp_path).run("serve", **wrong)
    assert done.returncode != 0
    assert not [name for name in wrong if name not in done.stderr]
    assert "Traceback" not in done.stderr


def test_a_port_in_use_ends_it_before_anything_is_started(tmp_path: Path) -> None:
    mine = Site(tmp_path)
    with socket.create_server(("127.0.0.1", mine.port)):
        done = mine.run("serve")
    assert done.returncode != 0
    assert done.stderr.strip().splitlines() == [
        f"PORT: {mine.port} is in use on 127.0.0.1; set PORT to a free one"
    ]
    assert not (tmp_path / "postgres").exists()


def test_an_unreachable_database_ends_it_with_one_message(tmp_path: Path) -> None:
    done = Site(tmp_path).run("serve", DATABASE_URL="postgres://u:secret@127.0.0.1:1/none")
    assert done.returncode != 0
    assert "DATABASE_URL: cannot use the database" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_start_makes_what_was_asked_for_and_ctrl_c_ends_it_all(site: Site) -> None:
    with site.serving(
        ADAPTIVE_SITE_API_KEY=KEY,
        ADAPTIVE_SITE_ADMIN_EMAIL="alice@example.com",
        ADAPTIVE_SITE_ADMIN_PASSWORD=PASSWORD,
    ) as (process, said):
        with psycopg.connect(site.database.dsn) as connection:
            found = connection.execute(
                "SELECT email, is_superuser, digest FROM projects_user u"
                " JOIN projects_apikey k ON k.user_id = u.id"
            ).fetchall()
        assert found == [("alice@example.com", True, api_keys.digest_of(KEY))]
        children = descendants(process.pid)
        assert len(children) >= 3
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert f"http://127.0.0.1:{site.port}/" in said
    assert "alice@example.com" in said
    # The environment's secrets are not repeated on a terminal, which may be a log.
    assert PASSWORD not in said
    assert KEY not in said
    assert "password: as set by ADAPTIVE_SITE_ADMIN_PASSWORD" in said
    assert "API key:  as set by ADAPTIVE_SITE_API_KEY" in said
    assert not [child for child in children if is_running(child)]
    assert site.is_all_gone()
    note = site.data / "first-start.txt"
    assert note.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in note.read_text()
    assert KEY not in note.read_text()


def test_a_signal_at_any_moment_stops_it_quietly(site: Site) -> None:
    """The worker is started in the tenth of a second after the greeting: signals all along it."""
    for number in range(4):
        with site.serving() as (process, _):
            time.sleep(number * 0.03)
            process.send_signal((signal.SIGINT, signal.SIGTERM)[number % 2])
            said, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in said
        assert said.rstrip().endswith("Stopped.")
        assert site.is_all_gone()


def test_a_later_start_is_quick_keeps_the_data_and_says_what_it_ignores(site: Site) -> None:
    started = time.monotonic()
    with site.serving(ADAPTIVE_SITE_ADMIN_PASSWORD="another one") as (process, said):
        print(f"second start: {time.monotonic() - started:.1f} s")
        process.terminate()
        assert process.wait(60) == 0
    assert "alice@example.com" in said
    assert "ignored:  ADAPTIVE_SITE_ADMIN_PASSWORD" in said
    assert "another one" not in said
    assert site.is_all_gone()


def test_kill_9_leaves_nothing_running_and_a_database_shut_down_cleanly(site: Site) -> None:
    with site.serving() as (process, _):
        children = descendants(process.pid)
        process.kill()
        process.wait()
        assert site.is_all_gone()
    deadline = time.monotonic() + 60
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [child for child in children if is_running(child)]
    log = next((site.data / "postgres" / "data" / "log").iterdir()).read_text()
    assert log.rstrip().endswith("database system is shut down")


def worker_of(site: Site) -> int:
    """Wait for the session of a worker; returns the process that serves it."""
    deadline = time.monotonic() + 20
    with psycopg.connect(site.database.dsn, autocommit=True) as connection:
        while time.monotonic() < deadline:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [APPLICATION]
            ).fetchone()
            if found is not None:
                return int(found[0])
            time.sleep(0.05)
    raise AssertionError("no worker is there")


def test_a_worker_that_ends_is_started_again_and_pages_go_on(site: Site) -> None:
    with site.serving() as (process, _):
        first = worker_of(site)
        children = descendants(process.pid)
        nice: dict[int, int] = {}
        for child in children:
            with suppress(ProcessLookupError):  # a connection's process may have ended meanwhile
                nice[child] = os.getpriority(os.PRIO_PROCESS, child)
        (worker,) = [child for child, niceness in nice.items() if niceness >= as_the_worker()]
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while worker_of(site) == first and time.monotonic() < deadline:
            time.sleep(0.2)
        assert worker_of(site) != first
        assert site.status() == 200
        process.terminate()
        assert process.wait(60) == 0
    assert site.is_all_gone()


def test_no_worker_is_started_where_the_operator_runs_one(site: Site) -> None:
    with site.serving(ADAPTIVE_SITE_WORKER="off") as (process, _):
        children = descendants(process.pid)
        assert max(os.getpriority(os.PRIO_PROCESS, child) for child in children) < as_the_worker()
        with subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=site.environment()
        ) as worker:
            worker_of(site)
            worker.terminate()
            assert worker.wait(60) == 0
        assert site.status() == 200


def test_a_command_starts_the_database_and_serve_goes_on_when_it_stops(site: Site) -> None:
    done = site.run("migrate", "--check")
    assert done.returncode == 0, done.stderr
    assert site.is_all_gone()
    asleep = "import sys, time; print('up', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", asleep],
        cwd=ROOT,
        env=site.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        while "up" not in command.stdout.readline():
            assert command.poll() is None
        with site.serving() as (process, _):
            command.stdin.close()
            command.wait(60)
            deadline = time.monotonic() + 60
            while site.status() != 200 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert site.status() == 200
            assert process.poll() is None
            process.terminate()
            assert process.wait(60) == 0
    assert site.is_all_gone()


def test_a_backup_comes_back_in_another_database(site: Site, tmp_path: Path) -> None:
    dump = tmp_path / "site.dump"
    done = site.run("backup", str(dump))
    assert done.returncode == 0, done.stderr
    assert dump.stat().st_mode & 0o777 == 0o600
    other = Site(tmp_path / "other")
    done = other.run("restore", str(dump))
    assert done.returncode == 0, done.stderr
    with other.database as database, psycopg.connect(database.dsn) as connection:
        found = connection.execute("SELECT email FROM projects_user").fetchall()
    assert found == [("alice@example.com",)]


def test_a_restore_replaces_everything_or_nothing(site: Site, tmp_path: Path) -> None:
    dump, cut = tmp_path / "site.dump", tmp_path / "cut.dump"
    assert site.run("backup", str(dump)).returncode == 0
    cut.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    with site.database as database, psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE later AS SELECT 1 AS one")
        owner = "SELECT nspowner::regrole::text, nspacl::text FROM pg_namespace"
        before = connection.execute(f"{owner} WHERE nspname = 'public'").fetchone()

        def tables() -> list[tuple[str | None, int]]:
            there = "SELECT to_regclass('later')::text, count(*) FROM projects_user"
            return connection.execute(there).fetchall()

        for bad in (cut, Path(__file__)):
            done = site.run("restore", str(bad))
            assert done.returncode != 0
            assert "failed (exit" in done.stderr
            assert tables() == [("later", 1)]
        done = site.run("restore", str(dump))
        assert (done.returncode, done.stderr) == (0, "")
        assert tables() == [(None, 1)]
        assert connection.execute(f"{owner} WHERE nspname = 'public'").fetchone() == before
