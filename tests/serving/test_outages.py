"""A machine that lacks something: a clear message, the right status, no traceback."""

import asyncio
import errno
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from adaptive_site.lib.database import outages
from adaptive_site.lib.http import direct_asgi
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse
from adaptive_site.serving import health
from projects.models import User
from projects.services.signing_in import throttle
from tests.make import PASSWORD
from tests.running.prepared import migrated_site
from tests.sites import Site


def failing(error: Exception) -> Any:
    """What fails so."""

    def fail(*args: object, **options: object) -> None:
        raise error

    return fail


def of_postgres(kind: type[psycopg.Error], said: str = "") -> Exception:
    """As Django hands on an error of the server."""
    error = OperationalError(said)
    error.__cause__ = kind(said)
    return error


KINDS: dict[str, tuple[Exception, str]] = {
    "full": (of_postgres(psycopg.errors.DiskFull), outages.FULL),
    "crowded": (of_postgres(psycopg.errors.TooManyConnections), outages.CROWDED),
    "slots": (
        OperationalError("FATAL:  sorry, too many clients already"),
        outages.CROWDED,
    ),
    "stopped": (of_postgres(psycopg.errors.AdminShutdown), outages.GONE),
    "refused": (OperationalError("connection failed: Connection refused"), outages.GONE),
    "disk": (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
    "read-only": (OSError(errno.EROFS, "Read-only file system"), "the disk is read-only"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_outage_is_known(kind: str) -> None:
    error, words = KINDS[kind]
    assert outages.reason(error) == words


def test_faults_of_ours_are_no_outages() -> None:
    for error in (
        ValueError("x"),
        FileNotFoundError(errno.ENOENT, "x"),
        of_postgres(psycopg.errors.QueryCanceled),
        of_postgres(psycopg.errors.DeadlockDetected),
    ):
        assert outages.reason(error) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_login_says_what_is_missing(
    kind: str, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error, words = KINDS[kind]
    monkeypatch.setattr(throttle, "spend", failing(error))
    data = {"username": alice.email, "password": PASSWORD}
    answer = Client(raise_request_exception=False).post("/login/", data)
    assert answer.status_code == 503
    assert words[1:] in answer.content.decode()
    assert answer["Retry-After"]
    assert not [record for record in caplog.records if record.exc_info]
    answer = Client(raise_request_exception=False).get(
        "/api/v1/models", headers={"Authorization": "Bearer wrong"}
    )
    assert (answer.status_code, answer.json()["error"]) == (503, f"{words}; try again later")


@pytest.mark.django_db
def test_a_failure_beside_the_view_is_told_alike(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is saved after the view has answered."""
    full = of_postgres(psycopg.errors.DiskFull)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", failing(full))
    client.raise_request_exception = False
    answer = client.post("/login/", {"username": alice.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert outages.FULL[1:] in answer.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_doors_before_django_say_it_too(kind: str) -> None:
    error, words = KINDS[kind]

    async def handler(request: DirectRequest) -> DirectResponse:
        raise error

    asked = DirectRequest("POST", "/api/v1/feedback", "", {}, b"")
    answer = asyncio.run(direct_asgi._answer(handler, asked))
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert isinstance(answer.body, bytes)
    assert orjson.loads(answer.body) == {"error": f"{words}; try again"}


@pytest.mark.django_db
def test_healthz_says_which(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").content == b"ok"
    for error, words in KINDS.values():
        if isinstance(error, OperationalError):
            with monkeypatch.context() as patch:
                patch.setattr(connection, "cursor", failing(error))
                answer = client.get("/healthz")
            assert (answer.status_code, answer.content.decode()) == (503, words)
    with monkeypatch.context() as patch:
        patch.setattr(health, "LEAST_FREE", 2**62)
        assert client.get("/healthz").content == b"the disk of DATA_DIR is full"
    settings.DATA_DIR = tmp_path / "gone"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, b"DATA_DIR: No such file or directory")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with no room."""
    where = tmp_path / "full"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(where)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    with (where / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError as error:
            assert error.errno == errno.ENOSPC
    yield where
    subprocess.run(["umount", str(where)], check=True)


def test_an_unusable_data_dir_ends_the_start_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for data in (file, file / "below", Path("/proc/nowhere")):
        for options in ({}, {"SECRET_KEY": "a key of the environment"}):
            done = Site(data).run("serve", **options)
            assert done.returncode == 1
            assert done.stderr.startswith("DATA_DIR: cannot "), done.stderr
            assert str(data) in done.stderr
            assert len(done.stderr.strip().splitlines()) == 1


def test_a_full_disk_ends_the_start_with_its_name(full_disk: Path) -> None:
    for command in ("serve", "migrate"):
        done = Site(full_disk).run(command)
        assert done.returncode == 1
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
    assert [one.name for one in full_disk.iterdir() if "secret_key" in one.name] == []


def test_a_database_that_is_stopped_is_told_and_comes_back(tmp_path: Path) -> None:
    """With a PostgreSQL that is not the site's own to start again."""
    other = migrated_site(tmp_path / "other")
    site = Site(tmp_path / "site")
    database = other.database
    database.ensure()
    with site.serving(DATABASE_URL=database.dsn):
        database.stop()

        def status(path: str) -> tuple[int, str]:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{site.port}{path}", timeout=60
                ) as answer:
                    return int(answer.status), answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()

        assert status("/healthz") == (503, outages.GONE)
        request = f"http://127.0.0.1:{site.port}/login/"
        assert status("/login/")[0] == 200  # it asks nothing of the database
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(
                urllib.request.Request(
                    request, headers={"Cookie": "adaptive_site_session=" + "x" * 32}
                ),
                timeout=60,
            )
        assert caught.value.code == 503
        assert outages.GONE[1:] in caught.value.read().decode()
        database.ensure()
        deadline = time.monotonic() + 20
        while status("/healthz")[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert status("/healthz") == (200, "ok")
    database.stop()
