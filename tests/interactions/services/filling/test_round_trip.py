"""Each format that the site writes comes into a dataset again as the records it was made of."""

from dataclasses import replace
from typing import Any

import pytest

from interactions.models import Dataset, Job
from interactions.services.datasets import create, item_records
from interactions.services.importing import preview
from interactions.services.importing.plan import ImportTarget
from interactions.services.jobs import queue
from interactions.services.jobs.imports import begin_import
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User
from tests.interactions import importing_files as files
from tests.interactions.services.export.records import SYSTEM, USER, made

pytestmark = pytest.mark.usefixtures("empty_storage")
Kind = Dataset.Kind
TURNS = [SYSTEM, {"role": "user", "content": "Where is it?"},
         {"role": "assistant", "content": "Which order?"}, USER]  # fmt: skip
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
BARE = TrainingRecord(messages=TURNS, answer=ModelAnswer("Shipped."))
WITHOUT_TOOLS = ("alpaca", "adaptive")  # formats that have no place for them
ANSWERED = ("trl-sft", "trl-messages", "chat", "sharegpt", "alpaca", "adaptive", "own")
COMPARED = ("trl-dpo", "trl-dpo-implicit", "chat-dpo", "sharegpt", "alpaca", "adaptive", "own")


def back(project: Project, by: User, kind: str, record: TrainingRecord, **chosen: Any) -> Any:
    """What comes back of a record that was written as a file."""
    written = made(project, kind, [record], **chosen)
    upload = files.upload(project, by, written.file.read())
    start = preview.start_of(upload)
    assert preview.likely_kind(start) == kind
    plan = replace(start.guess, target=ImportTarget(kind, "Back"))
    job = queue.do_all(begin_import(project, plan, by=by))
    assert (job.state, job.error, files.refused(job)) == (Job.State.DONE, "", [])
    (row,) = item_records.included(create.known(project, "back"))
    return item_records.record_of(row)


@pytest.mark.parametrize("format", ANSWERED)
def test_an_answer(project: Project, alice: User, format: str) -> None:
    record = BARE if format in WITHOUT_TOOLS else replace(BARE, tools=TOOLS)
    found = back(project, alice, Kind.COMPLETION, record, format=format)
    assert (found.messages, found.answer, found.tools) == (TURNS, record.answer, record.tools)


@pytest.mark.parametrize("format", COMPARED)
def test_a_preference(project: Project, alice: User, format: str) -> None:
    record = replace(BARE, other=ModelAnswer("No idea."), metric="better")
    if format not in (*WITHOUT_TOOLS, "own"):
        record = replace(record, tools=TOOLS)
    found = back(project, alice, Kind.PREFERENCE, record, format=format)
    assert (found.messages, found.answer, found.other) == (TURNS, record.answer, record.other)
    assert found.tools == record.tools
    assert found.metric == ("better" if format in ("own", "adaptive") else "preferred")


@pytest.mark.parametrize("format", ["trl-prompts", "adaptive"])
def test_a_prompt(project: Project, alice: User, format: str) -> None:
    found = back(project, alice, Kind.PROMPT, replace(BARE, answer=None), format=format)
    assert (found.messages, found.answer) == (TURNS, None)


@pytest.mark.parametrize("format", ["adaptive", "own"])
def test_feedback(project: Project, alice: User, format: str) -> None:
    record = replace(BARE, feedback={"good": True, "stars": 4.0}, metadata={"a": 1})
    found = back(project, alice, Kind.FEEDBACK, record, format=format)
    assert (found.feedback, found.metadata) == (record.feedback, record.metadata)
