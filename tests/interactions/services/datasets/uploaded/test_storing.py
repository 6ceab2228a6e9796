"""Datasets of uploaded files: at once and by a job; whole or not at all; kept as they came."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound, TooLarge
from interactions.models import Dataset, DatasetBatch, DatasetImage, DatasetItem, Job, Upload
from interactions.services.datasets import create
from interactions.services.datasets.source import DatasetSource
from interactions.services.datasets.uploaded import reading_job, storing
from interactions.services.images import store
from interactions.services.jobs import queue
from interactions.services.jobs.datasets import begin_upload
from interactions.services.uploads import parts
from projects.models import Metric, Project, User
from projects.services.access import Caller
from tests import make

pytestmark = pytest.mark.usefixtures("empty_storage")


def line(text: str = "Hello", **more: Any) -> bytes:
    """A line with a completion."""
    said = {"messages": [{"role": "user", "content": text}], "completion": "Hi", **more}
    return json.dumps(said).encode() + b"\n"


def at_once(project: Project, data: bytes, by: User, **known: Any) -> Dataset:
    """A dataset of a small file."""
    known = {"name": "Chats", "key": "chats", "file_name": "chats"} | known
    return storing.create_at_once(project, data, by=by, **known)


def sent(by: User, data: bytes, size: int = 100) -> Upload:
    """An upload of some bytes in parts."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    upload = parts.begin(by, total_parts=len(pieces))
    for number, piece in enumerate(pieces, 1):
        upload = parts.put(upload, number, piece)
    return upload


def in_parts(project: Project, data: bytes, by: User, key: str = "chats") -> Dataset:
    """A dataset that a job will read."""
    return begin_upload(project, sent(by, data).id, name="Chats", key=key, caller=Caller(by))


def done(dataset: Dataset) -> Job:
    """The job of a dataset, done to its end."""
    assert dataset.job is not None
    job = queue.do_all(dataset.job)
    dataset.refresh_from_db()
    return job


def files(directory: Path) -> list[Path]:
    """The files of the storage."""
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_small_file_at_once(project: Project, alice: User) -> None:
    data = line("One", feedbacks={"stars": 4, "good": True}) + line("Two", feedbacks={"stars": 1})
    dataset = at_once(project, data, alice)
    assert (dataset.kind, dataset.state, dataset.records, dataset.head) == (
        Dataset.Kind.FEEDBACK, Dataset.State.READY, 2, 1,
    )  # fmt: skip
    found = list(DatasetSource(dataset, 1).records())
    assert [one.messages[0]["content"] for one in found] == ["One", "Two"]
    assert found[0].feedback == {"stars": 4.0, "good": True}
    kinds = dict(Metric.objects.in_project(project).values_list("key", "kind"))
    assert kinds == {"stars": "SCALAR", "good": "BOOL"}
    with storing.open_original(dataset) as file:
        assert file.read() == data


def test_of_a_broken_small_file_nothing_is_stored(
    project: Project, alice: User, empty_storage: Path
) -> None:
    with pytest.raises(Invalid, match="line 2: not valid JSON"):
        at_once(project, line(feedbacks={"fresh": 1}) + b"{broken\n" + line(), alice)
    with pytest.raises(Invalid, match="at least one line"):
        at_once(project, b"\n\n", alice)
    at_once(project, line(), alice)
    with pytest.raises(Invalid, match="key: a dataset with the key chats exists"):
        at_once(project, line("Other", feedbacks={"fresh": 1}), alice)
    assert Dataset.objects.count() == DatasetItem.objects.count() == len(files(empty_storage)) == 1
    assert not Metric.objects.in_project(project).exists()


def test_too_large_for_once(project: Project, alice: User) -> None:
    with pytest.raises(TooLarge, match="in parts"):
        at_once(project, bytes(storing.MAX_AT_ONCE + 1), alice)


def test_who_may(project: Project, charlie: User) -> None:
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    for user in (viewer, charlie):
        with pytest.raises(Forbidden):
            at_once(project, line(), user)
        with pytest.raises(Forbidden):
            in_parts(project, line(), user)
    assert not Dataset.objects.exists()


def test_parts_are_read_by_a_job(
    project: Project,
    alice: User,
    empty_storage: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(reading_job, "BYTES_A_STEP", 300)  # several steps
    image = make.data_uri(make.make_image())
    data = b"".join(line(f"Number {n}", feedbacks={"good": n % 2 == 0}) for n in range(20))
    picture = [{"role": "user", "content": [{"type": "image", "url": image}]}]
    data += line(messages=picture, feedbacks={"good": False})
    dataset = in_parts(project, data, alice)
    assert (dataset.state, dataset.records) == (Dataset.State.PENDING, 0)
    with django_capture_on_commit_callbacks(execute=True):
        job = done(dataset)
    assert (job.state, job.result["words"]) == (Job.State.DONE, "Read 21 records into “Chats”.")
    assert (dataset.state, dataset.records, dataset.head) == (Dataset.State.READY, 21, 1)
    found = list(DatasetSource(dataset, 1).records())
    assert [one.messages[0]["content"] for one in found[:20]] == [f"Number {n}" for n in range(20)]
    assert DatasetImage.objects.filter(dataset=dataset).count() == 1
    assert store.sweep(project) == 0
    with storing.open_original(dataset) as file:
        assert file.read() == data
    assert not Upload.objects.exists()
    assert not list(empty_storage.glob("uploads/*"))


def test_a_line_that_is_broken_far_behind(
    project: Project,
    alice: User,
    empty_storage: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(reading_job, "BYTES_A_STEP", 300)
    data = b"".join(line(f"Number {n}") for n in range(20)) + line(completion=7)
    dataset = in_parts(project, data, alice)
    with django_capture_on_commit_callbacks(execute=True):
        job = done(dataset)
    assert (job.state, job.error) == (
        Job.State.FAILED, "line 21: completion: expected a string",
    )  # fmt: skip
    assert (dataset.state, dataset.error) == (Dataset.State.FAILED, job.error)
    assert dataset.records == 0
    assert not DatasetItem.objects.exists()
    assert not Upload.objects.exists()
    assert not files(empty_storage)
    queue.retry(job, by=job.created_by)
    assert "upload it again" in done(dataset).error
    assert dataset.error == "line 21: completion: expected a string"
    # Mended, it may have the same key.
    mended = in_parts(project, data.replace(b"7", b'"7"'), alice)
    done(mended)
    assert create.known(project, "chats").id == mended.id


def test_cancelled_while_records_are_stored(
    project: Project, alice: User, empty_storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_job, "BYTES_A_STEP", 300)
    dataset = in_parts(project, b"".join(line(f"Number {n}") for n in range(20)), alice)
    while not DatasetItem.objects.exists():
        queue.do_some()
    assert dataset.job is not None
    queue.cancel(dataset.job, by=alice)
    assert done(dataset).state == Job.State.CANCELLED
    assert (dataset.state, dataset.records) == (Dataset.State.FAILED, 0)
    assert not DatasetItem.objects.exists()
    assert not DatasetBatch.objects.exists()
    assert not list(empty_storage.rglob("*.jsonl"))


def test_it_is_not_deleted_while_it_is_read(project: Project, alice: User) -> None:
    dataset = in_parts(project, line() + line(), alice)
    with pytest.raises(Invalid, match="records are being added"):
        create.delete(dataset, by=alice)
    assert done(dataset).state == Job.State.DONE
    create.delete(dataset, by=alice)


def test_a_file_that_is_broken_at_once_can_be_sent_again(project: Project, alice: User) -> None:
    upload = sent(alice, b"{broken\n" + line())
    for _ in range(2):  # it was not taken
        with pytest.raises(Invalid, match="line 1"):
            begin_upload(project, upload.id, name="Chats", key="chats", caller=Caller(alice))
    assert not Dataset.objects.exists()


def test_uploads_of_others_and_unfinished_ones(project: Project, alice: User, bob: User) -> None:
    upload = sent(alice, line())
    with pytest.raises(NotFound):
        begin_upload(project, upload.id, name="Chats", key="chats", caller=Caller(bob))
    half = parts.begin(alice, total_parts=2)
    parts.put(half, 2, line())
    with pytest.raises(Invalid, match="part 1 is missing"):
        begin_upload(project, half.id, name="Chats", key="chats", caller=Caller(alice))
    elsewhere = make.make_project("oak", owner=alice)
    bound = parts.begin(alice, total_parts=1, project=elsewhere)
    parts.put(bound, 1, line())
    with pytest.raises(NotFound):
        begin_upload(project, bound.id, name="Chats", key="chats", caller=Caller(alice))


def test_what_was_not_uploaded_has_no_original(project: Project, alice: User) -> None:
    dataset = create.create(project, name="Made", kind=Dataset.Kind.PROMPT, by=alice)
    with pytest.raises(NotFound, match="no original file"):
        storing.open_original(dataset)
