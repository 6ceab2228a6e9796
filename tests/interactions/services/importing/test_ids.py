"""An export is read back as what it was: with its ids, once, however often."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from adaptive_site.lib.ids import uuid7
from interactions.models import Feedback, Interaction
from interactions.services.browsing import rows
from interactions.services.editing.deletion import delete
from interactions.services.export import jsonl
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.export.record import line_of
from interactions.services.images import store
from projects.models import Project, User
from tests import make
from tests.interactions.acting import everything, populate
from tests.interactions.ingesting import Ran, line

pytestmark = pytest.mark.django_db(transaction=True)  # an import stores in other threads
LATER = make.NOON + timedelta(days=10_000)


@pytest.fixture
def ids(project: Project, alice: User, bob: User, empty_storage: Path) -> list[UUID]:
    return populate(project, alice, bob)


def exported(project: Project, by: User, file: Path) -> Path:
    asked = ExportOptions(everything(project, by), LATER, store.as_data_uri)
    parts = jsonl.parts(asked, ExportIds(asked.selection))
    file.write_bytes(b"".join(part.data for part in parts))
    return file


def lines_of(project: Project) -> list[dict[str, Any]]:
    """All of it, as the export says it; feedback in one order."""
    found = []
    for id in Interaction.objects.in_project(project).oldest_first().values_list("id", flat=True):
        one = line_of(rows.whole(project, id), image_url=store.as_data_uri)
        given = sorted(one.pop("feedbacks", []), key=orjson.dumps)
        found.append({**one, "feedbacks": given})
    return found


def test_what_was_deleted_comes_back_whole_and_once(
    project: Project, ids: list[UUID], alice: User, tmp_path: Path
) -> None:
    before, judged = lines_of(project), Feedback.objects.in_project(project).count()
    file = exported(project, alice, tmp_path / "maple.jsonl")
    for id in ids:
        delete(project, id, by=alice)
    assert lines_of(project) == []
    for n in range(3):
        ran = Ran(file)
        assert (ran.failure, ran.faults) == ("", [])
        stored = 0 if n else len(ids)
        assert f"{stored:,} stored, {len(ids) - stored:,} already there" in ran.said
        assert lines_of(project) == before
        assert Feedback.objects.in_project(project).count() == judged
    assert "Unknown members" not in ran.said


def test_another_project_gets_copies_with_ids_of_their_own_once(
    project: Project, charlies_project: Project, ids: list[UUID], alice: User, tmp_path: Path
) -> None:
    file = exported(project, alice, tmp_path / "maple.jsonl")
    before = lines_of(project)
    for n in range(2):
        dry = Ran(file, project="cherry", dry_run=True)
        ran = Ran(file, project="cherry")
        for said in (dry.said, ran.said):
            assert f"{0 if n else len(ids)} " in said.splitlines()[1]
        copies = lines_of(charlies_project)
        assert len(copies) == len(ids)
        assert not {one["id"] for one in copies} & {one["id"] for one in before}
        own = ("id", "external_id")
        assert [{k: v for k, v in one.items() if k not in own} for one in copies] == [
            {k: v for k, v in one.items() if k not in own} for one in before
        ]
    assert lines_of(project) == before


def test_a_second_line_of_an_id_is_passed_over(project: Project, tmp_path: Path) -> None:
    at = make.NOON
    id = str(uuid7(at))
    first = line(id=id, created_at=at.isoformat())
    second = line("Another.", id=id, created_at=at.isoformat())
    file = tmp_path / "twice.jsonl"
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in (first, second, first)))
    for batch in (1000, 1):
        Ran(file, batch=batch)
        (row,) = Interaction.objects.in_project(project)
        assert (str(row.id), row.completion_preview, row.external_id) == (id, "A tree.", None)


@pytest.mark.parametrize(
    "id", ["x", 7, None, "4e90da2e-c13b-5cbe-9073-1c2835aa9946", "of another time"]
)
def test_an_id_that_is_none_of_ours_is_kept_as_metadata(
    project: Project, tmp_path: Path, id: object
) -> None:
    if id == "of another time":
        id = str(uuid7(make.NOON - timedelta(days=1)))
    file = tmp_path / "others.jsonl"
    file.write_bytes(orjson.dumps(line(id=id, created_at=make.NOON.isoformat())))
    for _ in range(2):
        Ran(file)
        (row,) = Interaction.objects.in_project(project).select_related("body")
        assert row.body.user_metadata == {"id": id}
        assert str(row.id) != id
