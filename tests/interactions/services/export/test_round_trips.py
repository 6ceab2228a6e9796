"""What one site exports of training records, another one imports as the same."""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from interactions.models import Comparison, Dataset, Image, Selection
from interactions.services.export.choices import FileChoices
from interactions.services.export.files import make
from interactions.services.export.record_source import SelectionSource
from interactions.services.images import store
from interactions.services.judging.comparisons import NewComparison, compare
from projects.models import Project, User
from tests import make as making
from tests.interactions.acting import everything, populate
from tests.interactions.ingesting import Ran
from tests.interactions.services.export.records import address

# An import stores in other threads.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ids(project: Project, alice: User, bob: User, empty_storage: Path) -> list[UUID]:
    return populate(project, alice, bob)


def exported(selection: Selection, kind: str, to: Path) -> Path:
    """The file of a selection, for import."""
    choices = FileChoices.of({"format": "own"}, kind=kind)
    with make(SelectionSource(selection, kind), choices, address).file as file:
        to.write_bytes(file.read())
    return to


def said(project: Project, by: User, kind: str) -> list[bytes]:
    """What the records of a project say, without what differs between projects."""
    found: list[dict[str, Any]] = []
    for one in SelectionSource(everything(project, by), kind).records():
        metadata = {k: v for k, v in one.metadata.items() if k != "id"}
        found.append({**one.content, "metadata": metadata})
    return sorted(orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in found)


def test_interactions_come_back_with_their_images(
    project: Project, charlies_project: Project, ids: list[UUID], alice: User, tmp_path: Path
) -> None:
    kind = Dataset.Kind.FEEDBACK
    file = exported(everything(project, alice), kind, tmp_path / "own.jsonl")
    ran = Ran(file, project=charlies_project.key)
    assert (ran.failure, ran.faults) == ("", [])
    assert said(charlies_project, alice, kind) == said(project, alice, kind)
    images = [
        {one.sha256: store.read(one) for one in Image.objects.in_project(either)}
        for either in (project, charlies_project)
    ]
    assert images[0] == images[1] != {}


def test_preferences_come_back(
    project: Project, charlies_project: Project, alice: User, tmp_path: Path
) -> None:
    metric = making.make_metric(project, "better")
    good, bad = (making.make_interaction(project, completion=text).id for text in ("Yes.", "No."))
    pair = NewComparison(metric=metric, preferred_id=good, other_id=bad, created_at=making.NOON)
    compare(project, [pair], by=alice)
    kind = Dataset.Kind.PREFERENCE
    file = exported(everything(project, alice), kind, tmp_path / "own.jsonl")
    ran = Ran(file, project=charlies_project.key)
    assert (ran.failure, ran.faults) == ("", [])
    there = Comparison.objects.in_project(charlies_project).get()
    assert (there.preferred.body.completion, there.other.body.completion) == ("Yes.", "No.")
    assert said(charlies_project, alice, kind) == said(project, alice, kind)
