"""What the site writes for training comes in again: the same conversations and answers."""

import pytest

from interactions.models import Comparison, Dataset, Interaction, Job
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User
from tests.interactions import importing_files as files
from tests.interactions.services.export.records import SYSTEM, USER, made, said

pytestmark = pytest.mark.usefixtures("empty_storage")
Kind = Dataset.Kind
ANSWERED = ("trl-sft", "trl-messages", "chat", "sharegpt", "alpaca", "adaptive", "csv")
COMPARED = ("trl-dpo", "trl-dpo-implicit", "chat-dpo", "adaptive")
EARLIER = {"role": "assistant", "content": "Which order?"}
TURNS = [SYSTEM, {"role": "user", "content": "Where is it?\n“Now!”"}, EARLIER, USER]


@pytest.mark.parametrize("format", ANSWERED)
def test_answers_come_in_again(project: Project, alice: User, format: str) -> None:
    records = [said(*TURNS, answer="=Shipped,\n“today”."), said(answer="Yes.")]
    written = made(project, Kind.COMPLETION, records, format=format)
    job = imported(project, alice, written.file.read(), format)
    assert (job.state, job.error, files.refused(job)) == (Job.State.DONE, "", [])
    rows = Interaction.objects.in_project(project).select_related("body")
    found = {row.body.completion.removeprefix("'"): row.body.messages for row in rows}
    assert found == {"=Shipped,\n“today”.": TURNS, "Yes.": [USER]}


@pytest.mark.parametrize("format", COMPARED)
def test_preferences_come_in_again(project: Project, alice: User, format: str) -> None:
    record = TrainingRecord(
        messages=TURNS,
        answer=ModelAnswer("Shipped.", None, "gpt-4o"),
        other=ModelAnswer("No idea.", None, "gpt-4o"),
        metric="better",
    )
    written = made(project, Kind.PREFERENCE, [record], format=format)
    job = imported(project, alice, written.file.read(), format)
    assert (job.state, job.error, files.refused(job)) == (Job.State.DONE, "", [])
    pair = Comparison.objects.in_project(project).get()
    assert pair.preferred.body.completion == "Shipped."
    assert (pair.other.body.completion, pair.other.body.messages) == ("No idea.", TURNS)


def imported(project: Project, by: User, data: bytes, format: str) -> Job:
    name = "made.csv" if format == "csv" else "made.jsonl"
    return files.imported(project, by, data, name=name)
