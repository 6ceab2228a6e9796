"""A file made by a job: in steps, the same as one made at once, with its size and its hash."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from interactions.models import Dataset, Job, Selection
from interactions.services.datasets import edits, versions
from interactions.services.editing.deletion import delete
from interactions.services.export import downloads, job, job_files
from interactions.services.export.addresses import image_addresses
from interactions.services.export.choices import FileChoices
from interactions.services.export.containers import packing
from interactions.services.export.files import make
from interactions.services.export.record_source import SelectionSource
from interactions.services.jobs import exports, queue
from projects.models import Project, User
from projects.services.access import Caller
from tests.interactions.acting import everything, populate
from tests.interactions.services.datasets.making import draft_of, make_dataset, record

pytestmark = pytest.mark.django_db
IMAGES = "https://here.example/{sha256}.{extension}"


@pytest.fixture
def ids(project: Project, alice: User, bob: User, empty_storage: Path) -> list[UUID]:
    return populate(project, alice, bob)


@pytest.fixture
def selection(project: Project, ids: list[UUID], alice: User) -> Selection:
    return everything(project, alice)


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "PLACES_AT_ONCE", 3)
    monkeypatch.setattr(job, "STEP_SECONDS", 0.0001)


def begun(selection: Selection, by: User, **chosen: Any) -> Job:
    kind = Dataset.Kind.FEEDBACK
    source = {"selection": str(selection.uuid), "kind": kind}
    choices = FileChoices.of(chosen, kind=kind)
    what = downloads.selected(selection)
    return exports.begin(what, source, choices, image_address=IMAGES, caller=Caller(by))


def of_draft(dataset: Dataset, by: User, **chosen: Any) -> Job:
    source = {"dataset": str(dataset.id)}
    choices = FileChoices.of({"format": "trl-sft", **chosen}, kind=dataset.kind)
    what = downloads.Exported(dataset.project, "dataset.exported", str(dataset.id))
    return exports.begin(what, source, choices, image_address=IMAGES, caller=Caller(by))


@pytest.mark.parametrize(
    "chosen",
    [
        {"format": "trl-sft"},
        {"format": "trl-sft", "container": "zip"},
        {"format": "chat"},
        {"format": "csv", "images": "addresses"},
    ],
    ids=lambda chosen: "-".join(chosen.values()),
)
def test_it_makes_the_file_that_is_made_at_once(
    selection: Selection, alice: User, in_small_steps: None, chosen: dict[str, str]
) -> None:
    made = queue.do_all(begun(selection, alice, **chosen))
    assert (made.state, made.error) == (Job.State.DONE, "")
    file = exports.left_file(selection.project, made.uuid, caller=Caller(alice))
    with default_storage.open(file["path"]) as opened:
        data = opened.read()
    source = SelectionSource(selection, Dataset.Kind.FEEDBACK)
    choices = FileChoices.of(chosen, kind=source.kind)
    at_once = make(source, choices, image_addresses(IMAGES))
    assert data == at_once.file.read()
    assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert file["lines"] == at_once.tally.lines > 0
    assert made.result["lines"][0] == ["written", file["lines"]]
    (noted,) = downloads.latest(downloads.selected(selection))
    assert (noted.is_whole, noted.lines, noted.format) == (True, file["lines"], choices.format)


def test_its_progress_is_seen_and_what_is_deleted_meanwhile_is_counted(
    selection: Selection, ids: list[UUID], alice: User, in_small_steps: None
) -> None:
    made = begun(selection, alice, format="own")
    for _ in range(3):
        queue.do_some()
    made.refresh_from_db()
    assert (made.stage, made.done, made.total) == (job.WRITING, 3, 10)
    delete(selection.project, ids[5], by=alice)
    made = queue.do_all(made)
    assert made.result["lines"] == [
        ["written", 9],
        ["left out: an interaction has been deleted", 1],
    ]


def test_a_step_that_fails_is_done_again_without_a_line_twice(
    selection: Selection, alice: User, in_small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = begun(selection, alice, format="own")
    saved = job_files.save
    names: list[str] = []

    def failing(job: Job, name: str, file: Any) -> str:
        path = saved(job, name, file)
        names.append(name)
        if name.endswith("-000001") and names.count(name) == 1:
            raise OSError("the disk is full")
        return path

    monkeypatch.setattr(job_files, "save", failing)
    for _ in range(4):
        queue.do_some()
    made.refresh_from_db()
    assert (made.attempts, made.error) == (1, "OSError: the disk is full")
    made = queue.do_all(made)
    assert names.count("parts/all-000001") == 2
    assert made.result["file"]["lines"] == 10


@pytest.mark.parametrize("stage", [job.WRITING, job.PACKING])
def test_tried_again_it_makes_the_whole_file(
    selection: Selection,
    alice: User,
    in_small_steps: None,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
) -> None:
    made = begun(selection, alice, format="own")
    while made.stage != stage or (stage == job.WRITING and made.done < 6):
        queue.do_some()
        made.refresh_from_db()

    def failing(*_: Any) -> bool:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(job.ExportJob, "step", failing)
        for _ in range(queue.ATTEMPTS_PER_STEP):
            Job.objects.in_project(selection.project).update(next_at=made.created_at)
            queue.do_some()
    made.refresh_from_db()
    assert (made.state, made.stage, made.done) == (Job.State.FAILED, "", 0)
    queue.retry(made, by=alice)
    made.refresh_from_db()
    made = queue.do_all(made)
    file = made.result["file"]
    with default_storage.open(file["path"]) as opened:
        assert opened.read().count(b"\n") == file["lines"] == 10


def test_the_parts_of_a_step_that_died_are_not_in_the_file(
    project: Project,
    alice: User,
    in_small_steps: None,
    monkeypatch: pytest.MonkeyPatch,
    empty_storage: Path,
) -> None:
    splits = ["train", "test", "test", "train", "test", "train"]
    records = [record(str(n), split=split) for n, split in enumerate(splits)]
    made = of_draft(make_dataset(project, alice, records), alice, container="zip")
    saved = job_files.save

    def dying(job: Job, name: str, file: Any) -> str:
        path = saved(job, name, file)
        if name == "parts/test-000000":
            monkeypatch.setattr(job_files, "save", saved)
            raise OSError("the process was killed")
        return path

    monkeypatch.setattr(job_files, "save", dying)
    for _ in range(3):
        queue.do_some()
    made.refresh_from_db()
    assert made.attempts == 1
    monkeypatch.setattr(job, "PLACES_AT_ONCE", 1)  # a slower machine, the second time
    made = queue.do_all(made)
    assert made.result["file"]["lines"] == 6
    with default_storage.open(made.result["file"]["path"]) as file, ZipFile(file) as opened:
        lines = {name: opened.read(name).count(b"\n") for name in opened.namelist()}
    assert {name: n for name, n in lines.items() if name.endswith("jsonl")} == {
        "train/data.jsonl": 3,
        "test/data.jsonl": 3,
    }


def test_a_draft_is_in_the_file_as_it_was_when_the_job_began(
    project: Project, alice: User, in_small_steps: None, empty_storage: Path
) -> None:
    records = [record(f"Question {n}") for n in range(10)]
    dataset = make_dataset(project, alice, records)
    made = of_draft(dataset, alice)
    while made.done < 3:
        queue.do_some()
        made.refresh_from_db()
    edits.remove(dataset, [one.item for one in draft_of(dataset)[:2]], by=alice)
    versions.make(dataset, by=alice)
    made = queue.do_all(made)
    assert made.result["lines"] == [["written", 10]]
    with default_storage.open(made.result["file"]["path"]) as opened:
        found = [json.loads(line)["prompt"][0]["content"] for line in opened.read().splitlines()]
    assert found == [f"Question {n}" for n in range(10)]


def test_packing_that_fails_at_its_end_is_done_again(
    selection: Selection, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = begun(selection, alice, format="own")
    noted = downloads.note_made

    def failing(*_: Any, **__: Any) -> None:
        monkeypatch.setattr(downloads, "note_made", noted)
        raise OSError("the process was killed")

    monkeypatch.setattr(downloads, "note_made", failing)
    while not made.attempts:
        queue.do_some()
        made.refresh_from_db()
    file = queue.do_all(made).result["file"]
    with default_storage.open(file["path"]) as opened:
        assert opened.read().count(b"\n") == file["lines"] == 10


@pytest.mark.parametrize("stage", [job.WRITING, job.PACKING])
def test_cancelled_it_leaves_nothing(
    selection: Selection,
    alice: User,
    in_small_steps: None,
    empty_storage: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    stage: str,
) -> None:
    made = begun(selection, alice, format="own")
    while made.stage != stage or not list(empty_storage.glob("exports/*/*/parts/*")):
        queue.do_some()
        made.refresh_from_db()
    pack = packing.pack

    def cancelled_meanwhile(*args: Any) -> Iterator[bytes]:
        queue.cancel(made, by=alice)
        return pack(*args)

    monkeypatch.setattr(job, "pack", cancelled_meanwhile)
    if stage == job.WRITING:
        queue.cancel(made, by=alice)
    with django_capture_on_commit_callbacks(execute=True):
        made = queue.do_all(made)
    assert made.state == Job.State.CANCELLED
    assert not list(empty_storage.glob("exports/*/*"))


def test_its_file_is_removed_after_some_days(
    selection: Selection, alice: User, empty_storage: Path
) -> None:
    made = queue.do_all(begun(selection, alice, format="own"))
    under_way = begun(selection, alice, format="own")
    for _ in range(2):
        queue.do_some()
    assert job_files.remove_old(selection.project) == 0
    made.finished_at = datetime.now(UTC) - timedelta(days=job_files.DAYS_KEPT, minutes=1)
    made.save(update_fields=["finished_at"])
    assert job_files.remove_old(selection.project) == 1
    assert job_files.remove_old(selection.project) == 0
    folders = [path.name for path in empty_storage.glob("exports/*/*")]
    assert folders == [str(under_way.uuid)]
