"""The job that imports an uploaded file: once, resumed, cancelled, dry."""

import gzip
from base64 import b64encode
from pathlib import Path
from random import randbytes

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from interactions.models import Interaction, Job
from interactions.services.importing import pieces, preview
from interactions.services.importing.normalising import Normaliser
from interactions.services.importing.stepwise import file_work
from interactions.services.jobs import begin, queue
from projects.models import Event, Metric, Project, User
from projects.services.access import Caller
from tests.interactions import importing_files as files
from tests.interactions.ingesting import Ran

LINES = [
    {
        "messages": [{"role": "user", "content": f"Question {n}"}],
        "completion": f"Answer {n}",
        "model": "gpt-4o",
        "labels": {"env": "prod"},
        "feedbacks": [{"feedback_key": "stars", "value": n % 2}],
    }
    for n in range(25)
]


pytestmark = pytest.mark.usefixtures("empty_storage")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LINES_PER_PIECE", 10)


def test_a_file_comes_in_with_labels_models_and_feedback(project: Project, alice: User) -> None:
    made = files.upload(project, alice, files.lines(*LINES), part=500)
    job = files.run(project, alice, made)
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert files.counts(job) == (25, 0, 0)
    stored = Interaction.objects.in_project(project)
    assert stored.count() == 25
    assert {row.llm.key for row in stored if row.llm} == {"gpt-4o"}
    metric = Metric.objects.in_project(project).get(key="stars")
    assert metric.kind == Metric.Kind.SCALAR
    event = Event.objects.in_project(project).get(verb="interactions.imported")
    assert event.details["interactions"] == 25 and event.details["file"] == "rows.jsonl"
    assert not files.known(made.id)


def test_the_same_file_twice_stores_nothing_twice(project: Project, alice: User) -> None:
    data = files.lines(*LINES, LINES[0])
    assert files.counts(files.imported(project, alice, data)) == (26, 0, 0)
    again = files.imported(project, alice, gzip.compress(data), name="rows.jsonl.gz")
    assert files.counts(again) == (0, 26, 0)


@pytest.mark.django_db(transaction=True)
def test_lines_get_the_names_that_ingest_gives_them(
    project: Project, alice: User, tmp_path: Path
) -> None:
    data = files.lines(*LINES, LINES[0])
    (tmp_path / "rows.jsonl").write_bytes(data)
    Ran(tmp_path / "rows.jsonl", project=project.key)
    assert Interaction.objects.in_project(project).count() == 26
    assert files.counts(files.imported(project, alice, data)) == (0, 26, 0)


def test_bad_lines_are_told_by_number_and_can_be_taken(project: Project, alice: User) -> None:
    bad = b'{"messages": [}\n' + files.lines({"messages": [{"role": "user", "content": "Hi"}]})
    data = files.lines(*LINES[:12]) + bad + files.lines({**LINES[0], "labels": {"a": 1}})
    job = files.imported(project, alice, data)
    assert files.counts(job) == (12, 0, 3)
    faults = files.refused(job)
    assert [number for number, _ in faults] == [13, 14, 15]
    assert faults[2][1] == "labels.a: expected a string, got a number"
    taken = [pieces.parsed(line) for part in pieces.refused(job.uuid) for line in part.splitlines()]
    assert [one["number"] for one in taken] == [13, 14, 15]
    assert taken[0]["record"] == '{"messages": [}'
    assert pieces.parsed(taken[2]["record"].encode())["labels"] == {"a": 1}


def test_a_dry_run_writes_nothing_and_tells_all(
    project: Project,
    alice: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    files.imported(project, alice, files.lines(*LINES[:5]))
    made = files.upload(project, alice, files.lines(*LINES, {"completion": 1, "messages": []}))
    job = files.run(project, alice, made, dry_run=True)
    assert job.state == Job.State.DONE
    assert files.counts(job) == (20, 5, 1)
    assert Interaction.objects.in_project(project).count() == 5
    assert files.known(made.id)
    assert default_storage.exists(f"imports/{made.id}")
    with django_capture_on_commit_callbacks(execute=True):
        real = files.run(project, alice, made)
    assert files.counts(real) == (20, 5, 1)
    assert not default_storage.exists(f"imports/{made.id}")
    assert not default_storage.exists(f"uploads/{made.id}")


def test_what_was_read_for_the_dry_run_is_not_read_again(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = files.upload(project, alice, files.lines(*LINES))
    files.run(project, alice, made, dry_run=True)
    monkeypatch.setattr(Normaliser, "advance", None)
    assert files.counts(files.run(project, alice, made)) == (25, 0, 0)


@pytest.mark.parametrize("dry_run", [False, True])
def test_it_goes_on_after_its_worker_was_killed(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    monkeypatch.setattr(file_work, "SECONDS_PER_STEP", 0.000001)
    made = files.upload(project, alice, files.lines(*LINES, LINES[0], LINES[0]))
    told = preview.start_of(made).guess.arguments | {"dry_run": dry_run}
    job = begin.begin(project, Job.Kind.IMPORT, told, caller=Caller(alice))
    steps = 0
    while job.is_under_way:
        queue.do_some()
        file_work.forget_all()  # as another process finds it
        job.refresh_from_db()
        steps += 1
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert steps > 6
    assert files.counts(job) == (27, 0, 0)


def test_one_that_is_cancelled_keeps_what_is_stored_and_its_upload(
    project: Project, alice: User
) -> None:
    made = files.upload(project, alice, files.lines(*LINES))
    job = begin.begin(
        project, Job.Kind.IMPORT, preview.start_of(made).guess.arguments, caller=Caller(alice)
    )
    for _ in range(3):
        queue.do_some()
    queue.cancel(job, by=alice)
    queue.do_some()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert files.counts(job) == (10, 0, 0)
    assert files.counts(files.run(project, alice, made)) == (15, 10, 0)


def test_a_label_for_all_finds_them_again(project: Project, alice: User) -> None:
    made = files.upload(project, alice, files.lines(*LINES[:3]))
    job = files.run(project, alice, made, label=["import", "monday"])
    row = Interaction.objects.in_project(project).first()
    assert row is not None
    assert job.result["links"][0]["address"] == "interactions/?label=import%3Amonday"
    assert files.counts(files.imported(project, alice, files.lines(*LINES[:3]))) == (0, 3, 0)


def test_a_damaged_file_stores_nothing_and_says_where(project: Project, alice: User) -> None:
    noise = [{**LINES[0], "completion": b64encode(randbytes(500)).decode()} for _ in range(400)]
    whole = gzip.compress(files.lines(*noise), mtime=0)
    made = files.upload(project, alice, whole[:-200], name="rows.jsonl.gz")
    job = files.run(project, alice, made)
    assert job.state == Job.State.FAILED
    assert job.error.startswith("cannot be read after ")
    assert not Interaction.objects.in_project(project).exists()
