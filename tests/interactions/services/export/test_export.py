"""A file of a selection, which another project reads back as the same."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client

from adaptive_site.lib.concurrency.database_threads import in_the_requests_thread
from interactions.models import Interaction
from interactions.services import selections
from interactions.services.browsing import rows
from interactions.services.editing.deletion import delete
from interactions.services.export import downloads, jsonl
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.export.record import line_of, without_place
from interactions.services.images import store
from projects.models import Project, User
from tests import make
from tests.interactions.acting import everything, populate
from tests.interactions.ingesting import Ran
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
LATER = make.NOON + timedelta(days=10_000)


@pytest.fixture
def ids(project: Project, alice: User, bob: User, empty_storage: Path) -> list[UUID]:
    return populate(project, alice, bob)


def lines_of(project: Project, by: User, *, as_of: Any = LATER) -> list[dict[str, Any]]:
    asked = ExportOptions(everything(project, by), as_of, store.as_data_uri)
    parts = list(jsonl.parts(asked, ExportIds(asked.selection)))
    lines = [orjson.loads(line) for part in parts for line in part.data.splitlines()]
    assert sum(part.lines for part in parts) == len(lines)
    return lines


def said(project: Project) -> list[dict[str, Any]]:
    """What each interaction says, without what differs between projects."""
    found = []
    for id in Interaction.objects.in_project(project).oldest_first().values_list("id", flat=True):
        line = line_of(rows.whole(project, id), image_url=store.as_data_uri)
        metadata = {k: v for k, v in line.pop("user_metadata", {}).items() if k != "id"}
        for name in ("id", "external_id"):
            line.pop(name, None)
        given = sorted(line.pop("feedbacks", []), key=lambda one: orjson.dumps(one))
        found.append({**line, "feedbacks": given, "user_metadata": metadata})
    return found


@pytest.mark.django_db(transaction=True)  # an import stores in other threads
def test_another_project_reads_it_back_as_the_same(
    project: Project, charlies_project: Project, ids: list[UUID], alice: User, tmp_path: Path
) -> None:
    file = tmp_path / "maple.jsonl"
    file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines_of(project, alice)))
    ran = Ran(file, project=charlies_project.key)
    assert (ran.failure, ran.faults) == ("", [])
    assert said(charlies_project) == said(project)
    assert len(said(project)) == 10


def test_later_feedback_is_left_out(project: Project, ids: list[UUID], alice: User) -> None:
    early = lines_of(project, alice, as_of=make.NOON - timedelta(days=1))
    assert all("feedbacks" not in line for line in early)
    everybodys = lines_of(project, alice)
    assert {one["feedback_key"] for line in everybodys for one in line["feedbacks"]} == {
        "helpful",
        "score",
    }


def test_it_is_read_piece_by_piece(
    project: Project, ids: list[UUID], alice: User, monkeypatch: pytest.MonkeyPatch,
    query_counts: QueryCounts,
) -> None:  # fmt: skip
    monkeypatch.setattr(jsonl, "INTERACTIONS_READ_AT_ONCE", 4)
    monkeypatch.setattr(jsonl, "CHUNK_BYTES", 1)
    asked = ExportOptions(everything(project, alice), LATER, lambda image: image.path)
    with query_counts("an export of 10 in pieces of 4"):
        parts = list(jsonl.parts(asked, ExportIds(asked.selection)))
    assert [orjson.loads(part.data)["id"] for part in parts] == [str(id) for id in ids]


def read(answer: Any) -> bytes:
    """The body of a download, its database work being done in this test's transaction."""
    with in_the_requests_thread():
        return b"".join(answer)


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_it_is_downloaded(client: Client, project: Project, alice: User) -> None:
    (id,) = make.make_interactions(project, 1)
    selection = selections.tick(project, [id], by=alice)
    address = f"/projects/maple/selections/{selection.uuid}/export/"
    client.force_login(alice)
    assert b"Download JSON lines" in client.get(address).content
    answer = client.get(f"{address}jsonl/?images=inline&as_of=2024-02-21T12:00")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    name = f'attachment; filename="maple-{str(selection.uuid)[:8]}-1.jsonl"'
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["X-Lines"] == "1"
    assert "Content-Length" not in answer.headers
    line = orjson.loads(read(answer))
    assert (line["id"], line["export"]) == (str(id), {"line": 1, "of": 1})
    assert "All 1 <span" in client.get(f"/projects/maple/selections/{selection.uuid}/").text
    head = client.head(f"{address}jsonl/")
    assert (head.status_code, head["X-Lines"], read(head)) == (200, "1", b"")
    for wrong, status in (("csvx/", 404), ("jsonl/?images=both", 400), ("jsonl/?as_of=x", 400)):
        assert client.get(address + wrong).status_code == status
    client.force_login(make.make_user("mallory"))
    assert client.get(f"{address}jsonl/").status_code == 404


def test_each_line_says_which_of_how_many_it_is_and_an_import_takes_no_note_of_it(
    project: Project, ids: list[UUID], alice: User
) -> None:
    lines = lines_of(project, alice)
    assert [line["export"] for line in lines] == [{"line": n + 1, "of": 10} for n in range(10)]
    assert without_place(lines[0]).keys() == lines[0].keys() - {"export"}
    theirs = {"completion": "Hi", "export": {"line": 1, "of": 2, "by": "them"}}
    assert without_place(theirs) == theirs


def test_what_is_deleted_meanwhile_is_missing_and_counted(
    project: Project, ids: list[UUID], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "INTERACTIONS_READ_AT_ONCE", 4)
    monkeypatch.setattr(jsonl, "CHUNK_BYTES", 1)
    asked = ExportOptions(everything(project, alice), LATER, store.as_data_uri)
    parts = jsonl.parts(asked, ExportIds(asked.selection))
    first = orjson.loads(next(parts).data)
    delete(project, ids[5], by=alice)
    rest = [orjson.loads(part.data) for part in parts]
    assert [line["id"] for line in [first, *rest]] == [str(id) for id in ids if id != ids[5]]
    assert rest[-1]["export"] == {"line": 9, "of": 10}


def test_what_was_ticked_and_is_gone_is_not_promised(
    project: Project, ids: list[UUID], alice: User
) -> None:
    selection = selections.tick(project, ids, by=alice)
    delete(project, ids[3], by=alice)
    promised = ExportIds(selection)
    assert len(promised) == 9
    assert [id for piece in promised.pieces(limit=4) for id in piece] == ids[:3] + ids[4:]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_one_that_fails_midway_raises_and_the_page_says_so(
    client: Client, project: Project, ids: list[UUID], alice: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(jsonl, "INTERACTIONS_READ_AT_ONCE", 4)
    monkeypatch.setattr(jsonl, "CHUNK_BYTES", 1)
    calls: list[int] = []

    def breaking(*given: Any, **known: Any) -> dict[str, Any]:
        calls.append(1)
        if len(calls) == 7:
            raise RuntimeError("a line that cannot be made")
        return line_of(*given, **known)

    monkeypatch.setattr(jsonl, "line_of", breaking)
    selection = everything(project, alice)
    address = f"/projects/maple/selections/{selection.uuid}/"
    client.force_login(alice)
    with pytest.raises(RuntimeError):
        read(client.get(f"{address}export/jsonl/"))
    (noted,) = downloads.latest(downloads.selected(selection))
    assert (noted.lines, noted.promised, noted.ended) == (6, 10, downloads.FAILED)
    assert "failed after 6 of 10" in client.get(address).text
    assert "failed after 6 of 10" in client.get(f"{address}export/").text
