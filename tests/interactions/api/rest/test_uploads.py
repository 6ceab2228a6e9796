"""Uploads through REST: as the SDK sends them, resumed, given up; malformed; of others."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from interactions.models import Upload
from interactions.services.uploads.reader import open_upload
from tests import make
from tests.auditing import verbs_told

pytestmark = pytest.mark.usefixtures("empty_storage")


class Sender:
    """Somebody who uploads."""

    def __init__(self, key: str) -> None:
        self._client = Client(headers={"Authorization": f"Bearer {key}"})

    def init(self, total: Any = 2, **more: Any) -> Any:
        """Begin."""
        body = {"content_type": "application/jsonl", "metadata": None, **more}
        return self._post("init", body | {"total_parts_count": total})

    def part(self, session: str, number: Any, data: bytes = b"x") -> Any:
        """Send one part."""
        address = f"/api/v1/upload/part?session_id={session}&part_number={number}"
        return self._client.post(address, data, content_type="application/octet-stream")

    def status(self, session: str) -> Any:
        """Ask what is there."""
        return self._client.get(f"/api/v1/upload/status?session_id={session}")

    def abort(self, session: Any) -> Any:
        """Give up."""
        return self._client.delete(
            "/api/v1/upload/abort", {"session_id": session}, content_type="application/json"
        )

    def _post(self, name: str, body: Any) -> Any:
        return self._client.post(f"/api/v1/upload/{name}", body, content_type="application/json")


@pytest.fixture
def alice_sends(alice_key: str) -> Sender:
    """Alice."""
    return Sender(alice_key)


def begun(sender: Sender, total: int = 2) -> str:
    """The id of a new upload."""
    return str(sender.init(total).json()["session_id"])


def test_a_file_in_parts(alice_sends: Sender) -> None:
    session = begun(alice_sends)
    assert alice_sends.part(session, 2, b"\x00\xff").status_code == 200
    resumed = alice_sends.status(session).json()
    assert resumed["completed_parts"] == [2]
    assert resumed["total_parts_count"] == 2
    assert alice_sends.part(session, 1, b"ab").json()["received"] == 4
    with open_upload(Upload.objects.get(id=session)) as file:
        assert file.read() == b"ab\x00\xff"
    assert verbs_told("upload.begun")


def test_a_part_of_more_than_other_bodies_may_have(alice_sends: Sender) -> None:
    session = begun(alice_sends, 1)
    answer = alice_sends.part(session, 1, bytes(49 << 20))
    assert answer.json()["received"] == 49 << 20


def test_giving_up(alice_sends: Sender) -> None:
    session = begun(alice_sends)
    for _ in range(2):
        assert alice_sends.abort(session).status_code == 200
    assert alice_sends.part(session, 1).status_code == 404
    assert not Upload.objects.exists()


def test_others_neither_see_nor_change_it(
    alice_sends: Sender, bob_key: str, charlie_key: str
) -> None:
    session = begun(alice_sends)
    alice_sends.part(session, 1, b"mine")
    for key in (bob_key, charlie_key):
        other = Sender(key)
        assert other.status(session).status_code == 404
        assert other.part(session, 1, b"theirs").status_code == 404
        other.abort(session)
    assert alice_sends.status(session).json()["received"] == 4


def test_who_may_write_nowhere_cannot_begin(alice_sends: Sender, project: Any) -> None:
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    answer = Sender(make.make_key(viewer)).init()
    assert answer.status_code == 403
    assert "dataset:create" in answer.json()["error"]


def test_without_a_key(client: Client, db: None) -> None:
    for name in ("init", "part", "status", "abort"):
        methods: dict[str, Any] = {"status": client.get, "abort": client.delete}
        method = methods.get(name, client.post)
        assert method(f"/api/v1/upload/{name}").status_code == 401


@pytest.mark.parametrize("total", [0, -1, 10_001, "2", None, True, 1.5])
def test_a_wrong_number_of_parts(alice_sends: Sender, total: Any) -> None:
    answer = alice_sends.init(total)
    assert answer.status_code == 400
    assert answer.json()["field"] == "total_parts_count"


@pytest.mark.parametrize("number", ["", "0", "3", "-1", "x", "1.0", "²", "9" * 30])
def test_a_wrong_part(alice_sends: Sender, number: str) -> None:
    answer = alice_sends.part(begun(alice_sends), number)
    assert answer.status_code == 400
    assert answer.json()["field"] == "part_number"


def test_what_is_no_session(alice_sends: Sender) -> None:
    assert alice_sends.part("nonsense", 1).status_code == 404
    assert alice_sends.part("", 1).status_code == 400
    for wrong in (7, None, ["a"]):
        assert alice_sends.abort(wrong).status_code == 400
    answer = alice_sends.init(content_type=7)
    assert answer.json()["field"] == "content_type"


def test_nothing_is_left_of_a_part_too_large(
    alice_sends: Sender, empty_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interactions.services.uploads.parts.MAX_PART_BYTES", 10)
    answer = alice_sends.part(begun(alice_sends), 1, b"12345678901")
    assert answer.status_code == 413
    assert not [path for path in empty_storage.rglob("*") if path.is_file()]
