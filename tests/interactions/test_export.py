"""A file of a selection, which another project reads back as the same."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client

from adaptive_site.lib.threads import in_the_requests_thread
from interactions.models import Interaction
from interactions.services import images, reading, selections
from interactions.services.export import jsonl
from interactions.services.export.asked import Asked
from interactions.services.lines import line_of
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
    asked = Asked(everything(project, by), as_of, images.as_data_uri)
    return [orjson.loads(line) for line in b"".join(jsonl.pages(asked)).splitlines()]


def said(project: Project) -> list[dict[str, Any]]:
    """What each interaction says, without what differs between projects."""
    found = []
    for id in Interaction.objects.in_project(project).oldest_first().values_list("id", flat=True):
        line = line_of(reading.whole(project, id), image_url=images.as_data_uri)
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
    monkeypatch.setattr(jsonl, "PIECE", 4)
    monkeypatch.setattr(jsonl, "FULL", 1)
    asked = Asked(everything(project, alice), LATER, lambda image: image.path)
    with query_counts("an export of 10 in pieces of 4"):
        parts = list(jsonl.pages(asked))
    assert [orjson.loads(part)["id"] for part in parts] == [str(id) for id in ids]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_it_is_downloaded(client: Client, project: Project, alice: User) -> None:
    (id,) = make.make_interactions(project, 1)
    selection = selections.tick(project, [id], by=alice)
    address = f"/projects/maple/selections/{selection.uuid}/export/"
    client.force_login(alice)
    assert b"Download JSON lines" in client.get(address).content
    answer = client.get(f"{address}jsonl/?images=inline&as_of=2024-02-21T12:00")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="maple-')
    with in_the_requests_thread():
        body = b"".join(answer)
    assert orjson.loads(body)["id"] == str(id)
    for wrong, status in (("csvx/", 404), ("jsonl/?images=both", 400), ("jsonl/?as_of=x", 400)):
        assert client.get(address + wrong).status_code == status
    client.force_login(make.make_user("mallory"))
    assert client.get(f"{address}jsonl/").status_code == 404
