"""A file becomes records of a dataset: each kind, new and there already, dry, cancelled, failed."""

import gzip
from base64 import b64decode
from typing import Any

import pytest

from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, DatasetBatch, Interaction, Job, Upload
from interactions.services.datasets import batches, create, item_records
from interactions.services.importing import pieces, preview
from interactions.services.importing.plan import ImportTarget
from interactions.services.importing.stepwise import aside
from interactions.services.jobs import queue
from interactions.services.jobs.imports import begin_import
from interactions.services.training.record import TrainingRecord
from projects.models import Metric, Project, User
from tests.interactions import importing_files as files
from tests.interactions.services.importing.formats.reading import ASK, CALL, PIXEL

pytestmark = pytest.mark.usefixtures("empty_storage")
Kind = Dataset.Kind
TOOLS = [{"type": "function", "function": {"name": "look"}}]
ANSWERED: dict[str, Any] = {
    "messages": ASK,
    "completion": "A tree.",
    "model": "gpt-4o",
    "labels": {"env": "prod"},
    "feedbacks": [{"feedback_key": "good", "value": True}],
    "session_id": "0192e3a4-0000-4000-8000-000000000001",
    "created_at": "2026-05-01T10:00:00+00:00",
    "parameters": {"tools": TOOLS, "temperature": 1},
    "user_metadata": {"a": 1},
    "external_id": "mine",
}


def begun(
    project: Project, by: User, made: Upload, target: ImportTarget, *, dry_run: bool = False
) -> Job:
    told = preview.start_of(made).guess.arguments | {"dry_run": dry_run}
    plan = type(preview.start_of(made).guess).of(told | {"target": _as_json(target)})
    return begin_import(project, plan, by=by)


def _as_json(target: ImportTarget) -> dict[str, Any]:
    return {
        "kind": target.kind,
        "name": target.name,
        "dataset": target.dataset,
        "is_new": target.is_new,
    }


def filled(project: Project, by: User, kind: str, *lines: Any, data: bytes = b"") -> Job:
    made = files.upload(project, by, data or files.lines(*lines))
    return queue.do_all(begun(project, by, made, ImportTarget(kind, "From a file")))


def records(project: Project, key: str = "from-a-file") -> list[TrainingRecord]:
    dataset = create.known(project, key)
    rows = item_records.included(dataset).order_by("position")
    return [item_records.record_of(row) for row in rows]


def test_answers_with_feedback_become_a_dataset_and_nothing_is_logged(
    project: Project, alice: User
) -> None:
    job = filled(project, alice, Kind.FEEDBACK, ANSWERED, ANSWERED)
    assert (job.state, job.error, job.result["refused"]) == (Job.State.DONE, "", 0)
    first, second = records(project)
    assert first == second
    assert first.answer is not None
    assert (first.answer.text, first.answer.model) == ("A tree.", "gpt-4o")
    assert (first.feedback, first.labels, first.tools) == ({"good": True}, {"env": "prod"}, TOOLS)
    assert first.metadata == {"a": 1, "external_id": "mine"}
    assert first.session_id == ANSWERED["session_id"]
    assert first.created_at == ANSWERED["created_at"]
    assert not Interaction.objects.in_project(project).exists()
    assert Metric.objects.in_project(project).get(key="good").kind == Metric.Kind.BOOL
    dataset = create.known(project, "from-a-file")
    assert (dataset.state, dataset.head, dataset.records) == (Dataset.State.READY, 1, 2)
    batch = batches.of(dataset)[0]
    assert batch.recipe == {"file": "rows.jsonl", "metrics": {"good": 2}}
    assert [step["left"] for step in batch.steps] == [2, 2]
    assert job.result["address"] == f"datasets/from-a-file/?batch={batch.id}"
    assert not Upload.objects.filter(created_by=alice).exists()


def test_a_kind_takes_what_it_has_a_place_for_and_refuses_what_lacks_something(
    project: Project, alice: User
) -> None:
    bare = {"messages": ASK, "completion": "A tree."}
    pair = {**bare, "preferred": {"text": "a"}, "other": {"text": "b"}, "feedback_key": "k"}
    job = filled(project, alice, Kind.FEEDBACK, ANSWERED, bare, pair, {**bare, "completion": ""})
    assert [number for number, _ in files.refused(job)] == [2, 3, 4]
    assert "has no feedback" in files.refused(job)[0][1]
    filled(project, alice, Kind.PROMPT, ANSWERED, bare)
    prompts = records(project, "from-a-file-2")
    assert [(one.messages, one.answer, one.feedback) for one in prompts] == [(ASK, None, {})] * 2
    filled(project, alice, Kind.COMPLETION, ANSWERED)
    (completion,) = records(project, "from-a-file-3")
    assert completion.answer is not None and not completion.feedback


@pytest.mark.parametrize(
    ("line", "feedback_key"),
    [
        ({"prompt": ASK, "chosen": ASK[:0] + [{"role": "assistant", "content": "a"}],
          "rejected": [{"role": "assistant", "content": "b"}], "tools": TOOLS}, "preferred"),
        ({"messages": ASK, "preferred_completion": "a", "other_completion": "b",
          "feedback_key": "k", "tools": TOOLS}, "k"),
        ({"input": {"messages": ASK, "tools": TOOLS},
          "preferred_output": [{"role": "assistant", "content": "a"}],
          "non_preferred_output": [{"role": "assistant", "content": "b"}]}, "preferred"),
    ],
)  # fmt: skip
def test_preferences_keep_their_tools(
    project: Project, alice: User, line: dict[str, Any], feedback_key: str
) -> None:
    job = filled(project, alice, Kind.PREFERENCE, line)
    assert (job.state, files.refused(job)) == (Job.State.DONE, [])
    (record,) = records(project)
    assert record.answer is not None and record.other is not None
    assert (record.messages, record.answer.text, record.other.text) == (ASK, "a", "b")
    assert (record.metric, record.tools) == (feedback_key, TOOLS)
    assert record.created_at is None


@pytest.mark.parametrize("line", [{"prompt": "What?"}, {"messages": ASK}, {"prompt": ASK}])
def test_prompts_alone(project: Project, alice: User, line: dict[str, Any]) -> None:
    job = filled(project, alice, Kind.PROMPT, {**line, "metadata": {"b": 2}})
    assert (job.state, files.refused(job)) == (Job.State.DONE, [])
    (record,) = records(project)
    assert (record.answer, record.metadata) == (None, {"b": 2})
    assert record.messages[-1]["role"] == "user"
    made = files.upload(project, alice, files.lines(line))
    with pytest.raises(Invalid, match="dataset of prompts alone"):
        begin_import(project, preview.start_of(made).guess, by=alice)


def test_images_and_calls_come_with_a_record(project: Project, alice: User) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    turns = [{"role": "user", "content": [image]}]
    answer = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    filled(project, alice, Kind.COMPLETION, {"messages": [*turns, answer]})
    (record,) = records(project)
    assert record.answer is not None and record.answer.parts == {"tool_calls": [CALL]}
    assert len(record.images) == 1 and b64decode(PIXEL)


def test_records_added_to_a_dataset_can_be_taken_back(project: Project, alice: User) -> None:
    filled(project, alice, Kind.COMPLETION, ANSWERED)
    dataset = create.known(project, "from-a-file")
    target = ImportTarget(dataset.kind, dataset.name, str(dataset.id), is_new=False)
    data = gzip.compress(files.lines(ANSWERED, {"messages": []}, ANSWERED))
    made = files.upload(project, alice, data, name="more.jsonl.gz")
    dry = queue.do_all(begun(project, alice, made, target, dry_run=True))
    assert dry.result["lines"][0] == ["Records would be added", 2]
    assert len(records(project)) == 1
    job = queue.do_all(begun(project, alice, made, target))
    assert (job.state, job.result["records"], job.result["refused"]) == (Job.State.DONE, 2, 1)
    assert len(records(project)) == 3
    assert create.newest_versions(project, [dataset.id])[dataset.id].records == 1
    batches.undo(batches.of(dataset)[0], by=alice)
    assert len(records(project)) == 1


def test_what_a_cancelled_job_has_added_is_taken_back(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "LINES_PER_PIECE", 2)
    made = files.upload(project, alice, files.lines(*[ANSWERED] * 7))
    job = begun(project, alice, made, ImportTarget(Kind.COMPLETION, "From a file"))
    while not DatasetBatch.objects.in_project(project).filter(records__gt=0).exists():
        queue.do_some()
    queue.cancel(job, by=alice)
    queue.do_some()
    job.refresh_from_db()
    assert (job.state, job.result["words"]) == (Job.State.CANCELLED, "Nothing was added.")
    assert not Dataset.objects.in_project(project).exists()
    assert files.known(made.id)


def test_a_file_of_which_nothing_can_be_taken_leaves_no_records(
    project: Project, alice: User
) -> None:
    job = filled(project, alice, Kind.COMPLETION, {"messages": []}, {"messages": []})
    assert (job.state, job.error) == (
        Job.State.FAILED,
        "no record of the file can be taken",
    )
    dataset = create.known(project, "from-a-file")
    assert (dataset.state, dataset.records) == (Dataset.State.FAILED, 0)


@pytest.mark.django_db(transaction=True)
def test_a_large_file_is_read_beside_the_worker_and_logs_nothing(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "LARGE_BYTES", 0)
    monkeypatch.setattr(aside, "LARGE_PIECES", 0)
    job = filled(project, alice, Kind.COMPLETION, *[ANSWERED] * 3)
    assert (job.state, job.error, len(records(project))) == (Job.State.DONE, "", 3)
    assert not Interaction.objects.in_project(project).exists()
