"""What was exported comes back by the import page or the SDK, and is exported the same again."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from interactions.models import Comparison, Dataset, Image, Interaction, Job
from interactions.services.datasets.source import DatasetSource
from interactions.services.datasets.uploaded.storing import create_at_once
from interactions.services.export.choices import FileChoices
from interactions.services.export.files import make as make_file
from interactions.services.export.record_source import RecordSource, SelectionSource
from interactions.services.images import store
from projects.models import Project, User
from tests import make
from tests.contract.training.conftest import lines_of
from tests.contract.training.pictures import PICTURES
from tests.contract.training.writing import Written
from tests.interactions import importing_files
from tests.interactions.acting import everything
from tests.interactions.services.export.records import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]
LATER = make.NOON + timedelta(days=10_000)
Kind = Dataset.Kind
# Of preferences, the file that is exported again; it holds no two equal answers.
FILES = [
    "all-prompt_completion-own-jsonl",
    "all-prompt_completion_feedback-own-jsonl",
    "all-preference-own-jsonl",
    "all-prompt_completion-chat-jsonl",
    "text-prompt_completion-trl-sft-jsonl",
    "text-prompt_completion-trl-messages-jsonl",
    "all-prompt_completion-sharegpt-jsonl",
    "all-prompt_completion-alpaca-jsonl",
    "all-preference-trl-dpo-jsonl",
    "all-preference-chat-dpo-jsonl",
]


def exported(source: RecordSource, format: str) -> list[str]:
    """The lines of a file, in an order that does not depend on when they came."""
    choices = FileChoices.of({"format": format, "container": "jsonl"}, kind=source.kind)
    with make_file(source, choices, address).file as file:
        return sorted(_said(line) for line in file.read().split(b"\n") if line)


def _said(line: bytes) -> str:
    """A line without what the import gives by itself: a time, a name of the metric."""
    said = json.loads(line)
    for name in ("created_at", "session_id", "external_id", "id"):
        said.pop(name, None)
    for turn in said.get("conversations", []):
        if turn["from"] == "function_call":  # JSON, however it is spaced
            turn["value"] = json.loads(turn["value"])
    if "labels" in said and isinstance(said["labels"], dict):
        said["labels"] = {k: v for k, v in said["labels"].items() if k == "group"}
    return json.dumps(said, sort_keys=True)


@pytest.mark.parametrize("name", FILES)
def test_an_import_brings_back_what_was_exported(
    files: dict[str, Written], name: str, project: Project, alice: User
) -> None:
    data = files[name].path.read_bytes()
    job = importing_files.imported(project, alice, data, name="exported.jsonl")
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert importing_files.refused(job) == []
    source = SelectionSource(
        everything(project, alice), files[name].kind, LATER, with_ties="own" in name
    )
    format = "-".join(name.split("-")[2:-1])
    assert exported(source, format) == sorted(_said(line) for line in data.split(b"\n") if line)


@pytest.mark.parametrize(
    "kind", ["prompt", "prompt_completion", "prompt_completion_feedback", "preference"]
)
def test_the_sdk_s_upload_brings_back_what_was_exported(
    files: dict[str, Written], kind: str, project: Project, alice: User
) -> None:
    file = files[f"all-{kind}-adaptive-jsonl"]
    data = file.path.read_bytes()
    dataset = create_at_once(
        project, data, name="again", key=None, file_name="again.jsonl", by=alice
    )
    assert dataset.kind == file.kind
    assert dataset.records == len(lines_of(file.path))
    found = exported(DatasetSource(dataset, dataset.head), "adaptive")
    assert found == sorted(_said(line) for line in data.split(b"\n") if line)


def test_images_come_back_byte_for_byte(
    files: dict[str, Written], project: Project, alice: User, empty_storage: Path
) -> None:
    data = files["all-prompt_completion-own-jsonl"].path.read_bytes()
    importing_files.imported(project, alice, data, name="exported.jsonl")
    images = Image.objects.in_project(project)
    assert {store.read(one) for one in images} == set(PICTURES.values())


def test_ties_come_back_as_they_were(
    files: dict[str, Written], project: Project, alice: User
) -> None:
    data = files["all-preference-own-jsonl"].path.read_bytes()
    importing_files.imported(project, alice, data, name="exported.jsonl")
    ties = Comparison.objects.in_project(project).exclude(tied=None).values_list("tied", flat=True)
    assert sorted(str(one) for one in ties) == ["bad", "good"]
    assert Interaction.objects.in_project(project).count() == 12
