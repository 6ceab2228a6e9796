"""A backup holds what a restore needs, and a failed one leaves nothing."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running.prepared import migrated_site
from tests.sites import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with tables and an administrator, whose database runs meanwhile."""
    one = migrated_site(tmp_path_factory.mktemp("site"))
    with one.database:
        yield one


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    where = tmp_path / "small"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(where)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def test_the_secret_key_comes_back_with_the_database(site: Site, tmp_path: Path) -> None:
    file, other = tmp_path / "site.backup", migrated_site(tmp_path / "other")
    assert site.run("backup", str(file)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as members:
        assert members.getnames() == ["secret_key", "database.dump"]
        members.extract("database.dump", tmp_path, filter="data")
    key = (site.data / "secret_key").read_text()

    with other.database:
        assert other.run("check").returncode == 0  # which makes its key
        before = (other.data / "secret_key").read_text()
        done = other.run("restore", str(file))
        assert (done.returncode, done.stderr) == (0, "")
        assert "secret_key is that of the backup" in done.stdout
        kept = other.data / "secret_key"
        assert kept.read_text() == key != before
        assert kept.stat().st_mode & 0o777 == 0o600
        assert (other.data / "secret_key.before-restore").read_text() == before
        done = other.run("restore", str(file), SECRET_KEY="another key of the environment")
        assert "SECRET_KEY differs from the backup's" in done.stdout
        of_the_backup = other.data / "secret_key.of-the-backup"
        assert of_the_backup.read_text() == key
        assert of_the_backup.stat().st_mode & 0o777 == 0o600
        # The dump alone is pg_dump's own, as earlier versions wrote it.
        done = other.run("restore", str(tmp_path / "database.dump"))
        assert done.returncode == 0, done.stderr
        assert "holds no secret key" in done.stdout


def test_the_key_may_be_left_out(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "site.backup"
    assert site.run("backup", str(file), "--without-key").returncode == 0
    with tarfile.open(file) as members:
        assert members.getnames() == ["database.dump"]
    assert (site.data / "secret_key").read_bytes() not in file.read_bytes()


def test_a_full_disk_keeps_no_half(site: Site, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 200 * 1024)
    done = site.run("backup", str(small_disk / "site.backup"))
    assert done.returncode == 1
    assert "No space left on device; nothing was kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(small_disk) == ["filler"]


def test_an_earlier_backup_survives_a_failed_one(site: Site, small_disk: Path) -> None:
    file = small_disk / "site.backup"
    file.write_bytes(b"x" * 200 * 1024)
    assert site.run("backup", str(file)).returncode == 1
    assert file.read_bytes() == b"x" * 200 * 1024
    assert os.listdir(small_disk) == ["site.backup"]


def test_a_missing_folder_is_named(site: Site, tmp_path: Path) -> None:
    for file, says in (
        (tmp_path / "none" / "site.backup", f"{tmp_path}/none is not a folder; make it first"),
        (tmp_path, f"{tmp_path} is a folder; name a file"),
    ):
        done = site.run("backup", str(file))
        assert done.returncode == 1
        assert done.stderr.strip() == says
