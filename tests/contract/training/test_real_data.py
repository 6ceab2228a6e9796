"""Training files of the real data: each count of the builder beside one by plain Python.

`recount.py` reads the data and the files alone, and knows nothing of how they were made.
"""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from interactions.models import Dataset, DatasetBatch, Job, Selection
from interactions.services.building import job as build
from interactions.services.building.pipeline import plan
from interactions.services.building.recipe import Recipe
from interactions.services.building.recipe_reading import read
from interactions.services.datasets import create
from interactions.services.datasets.source import DatasetSource
from interactions.services.export.choices import FileChoices
from interactions.services.export.files import make as make_file
from interactions.services.jobs import queue
from interactions.services.jobs.begin import begin
from interactions.services.recording import labels
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.contract.training import recount
from tests.contract.training.conftest import Reader, lines_of
from tests.contract.training.pictures import pixels
from tests.contract.training.writing import SPLITS
from tests.interactions.acting import everything
from tests.interactions.services.export.records import address
from tests.scale import oracle

pytestmark = [
    pytest.mark.skipif(
        not oracle.DIRECTORY.is_dir(), reason="no real data: set TEST_DATA_DIR to its directory"
    ),
    pytest.mark.django_db,
]


@dataclass(frozen=True)
class Built:
    """A dataset made by a recipe: what was left after each step, and its file or files."""

    dataset: Dataset
    steps: dict[str, int]
    files: dict[str, Path]

    def lines(self, split: str = "train") -> list[dict[str, Any]]:
        """The lines of a split."""
        return lines_of(self.files[split])


class Building:
    """Makes datasets of all the real data by recipes, and files of them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.by: User = make.make_user("analyst")
        self.project: Project = make.make_project("real", owner=self.by)
        quiet = {"stdout": StringIO(), "stderr": StringIO()}
        call_command("ingest", *oracle.files(), project="real", **quiet)
        self.selection: Selection = everything(self.project, self.by)

    def recipe(self, **said: Any) -> Recipe:
        """A recipe by the parameters of its address."""
        return read(QueryDict(urlencode({"of": str(self.selection.uuid), **said})))

    def build(self, name: str, format: str, container: str, **recipe: Any) -> Built:
        """One dataset by the builder's job, and its file."""
        asked = self.recipe(**recipe)
        kind = asked.kind.of_dataset
        dataset = create.create(self.project, name=name, key=name, kind=kind, by=self.by)
        arguments = build.arguments(asked, self.selection, dataset, is_new=True)
        job = queue.do_all(begin(self.project, Job.Kind.BUILD, arguments, caller=Caller(self.by)))
        assert (job.state, job.error) == (Job.State.DONE, "")
        dataset = Dataset.objects.in_project(self.project).get(id=dataset.id)
        batch = DatasetBatch.objects.in_project(self.project).get(dataset=dataset)
        steps = {one["step"]: one["left"] for one in batch.steps}
        return Built(dataset, steps, self.files(dataset, format, container))

    def files(self, dataset: Dataset, format: str, container: str) -> dict[str, Path]:
        """A dataset's file; of a zip those in it, by split."""
        choices = FileChoices.of({"format": format, "container": container}, kind=dataset.kind)
        made = make_file(DatasetSource(dataset, dataset.head), choices, address)
        assert made.tally.lines + made.tally.left_out.total() == dataset.records
        path = self.place / f"{dataset.key}.{choices.extension}"
        with made.file as file:
            path.write_bytes(file.read())
        if path.suffix != ".zip":
            return {"train": path}
        with ZipFile(path) as zip:
            zip.extractall(path.with_suffix(""))
        found = path.with_suffix("").rglob("*.jsonl")
        return {one.stem if one.stem in SPLITS else one.parent.name: one for one in found}


@pytest.fixture(scope="module")
def building(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Building]:
    """All of the real data, and away again."""
    place = tmp_path_factory.mktemp("real")
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(place / "storage")},
    }
    with django_db_blocker.unblock():
        try:
            with override_settings(STORAGES={"default": storage, "staticfiles": storage}):
                yield Building(place)
        finally:
            call_command("flush", interactive=False, verbosity=0)
            labels.forget()


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    """What plain Python counts in the data."""
    return recount.counts(oracle.DIRECTORY)


@pytest.fixture(scope="module")
def preferences(building: Building, django_db_blocker: DjangoDbBlocker) -> Built:
    """The preferences that were given, and pairs of passing and failing answers."""
    with django_db_blocker.unblock():
        return building.build(
            "dpo", "trl-dpo", "jsonl", kind="preference", pairs="both", metric="tests_passed"
        )


@pytest.fixture(scope="module")
def passing(building: Building, django_db_blocker: DjangoDbBlocker) -> Built:
    """Answers whose tests passed, each once, in three splits."""
    with django_db_blocker.unblock():
        return building.build(
            "sft", "trl-sft", "zip", kind="completion", score="tests_passed:eq:1",
            dedupe="answer", split="80/10/10", seed="7",
        )  # fmt: skip


def test_preferences_and_mined_pairs_are_as_many_as_the_data_say(
    preferences: Built, counted: dict[str, int]
) -> None:
    decided, mined = (
        counted["preferences decided"],
        counted["prompts with a passing and a failing answer"],
    )
    assert counted["of them compared as well"] == 0  # no pair is both
    assert preferences.steps["pairs"] == counted["preferences"] + mined
    assert preferences.steps["different answers"] == decided + mined
    # JSON lines of TRL have no place for images.
    assert len(preferences.lines()) == decided + mined - counted["of them with an image"]


def test_every_line_of_preferences_is_said_by_the_data(preferences: Built) -> None:
    lines = preferences.lines()
    assert recount.unjustified(oracle.DIRECTORY, lines, "tests_passed", 1) == []
    swapped = {**lines[-1], "chosen": lines[-1]["rejected"], "rejected": lines[-1]["chosen"]}
    assert recount.unjustified(oracle.DIRECTORY, [swapped], "tests_passed", 1) == [swapped]


def test_images_of_preferences_open_from_a_zip_pixel_for_pixel(
    building: Building,
    preferences: Built,
    reader: Reader,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    with django_db_blocker.unblock():
        (metadata,) = building.files(preferences.dataset, "trl-dpo", "zip").values()
    folder = metadata.parent.parent
    (rows,) = reader("opening", {"dpo": {"path": str(folder)}})["dpo"]["rows"].values()
    assert len(rows) == preferences.dataset.records
    there = [
        pixels(b64decode(uri.partition(",")[2]))
        for one in recount.decided(recount.preferred(oracle.DIRECTORY))
        for uri in one.images
    ]
    assert len(there) == 8
    found = [image for row in rows for image in row["images"] or []]
    assert sorted(found) == sorted(there)


PLANS: dict[str, dict[str, Any]] = {
    "tests passed, distinct prompts": {"score": "tests_passed:eq:1", "dedupe": "prompt"},
    "tests passed, at most 1,000 of a language": {
        "score": "tests_passed:eq:1", "sample": "balanced", "by": "label:language", "n": "1000",
    },
    "prompts with ratios 0.5 apart": {
        "kind": "preference", "pairs": "mined", "metric": "check_pass_ratio", "gap": "0.5",
    },
    "of them, at most 1,000 of a prompt": {
        "kind": "preference", "pairs": "mined", "metric": "check_pass_ratio", "gap": "0.5",
        "per_prompt": "all",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_other_recipes_choose_as_many_as_plain_python(
    building: Building,
    counted: dict[str, int],
    django_db_blocker: DjangoDbBlocker,
    name: str,
) -> None:
    with django_db_blocker.unblock():
        made = plan(building.project, building.selection, building.recipe(**PLANS[name]))
    assert len(made) == counted[name] > 0
    assert made.narrowed == (counted["prompts with more"] if "at most 1,000 of a p" in name else 0)


def test_answers_that_passed_are_as_many_as_the_data_say(
    passing: Built, counted: dict[str, int]
) -> None:
    assert passing.steps["matched"] == counted["interactions"] + 2  # sides of preferences alone
    assert passing.steps["with these scores"] == counted["tests passed"]
    assert passing.steps["not empty"] == counted["tests passed, not empty"]
    distinct = counted["tests passed, distinct prompts and answers"]
    assert passing.steps["without duplicates"] == distinct
    lines = {split: passing.lines(split) for split in passing.files}
    assert sum(map(len, lines.values())) == distinct
    assert {recount.of_file(line) for some in lines.values() for line in some} == {
        (one.prompt, one.answer)
        for one in recount.passed(recount.answered(oracle.DIRECTORY), "tests_passed")
    }


def test_no_prompt_and_no_session_is_in_two_splits(passing: Built) -> None:
    lines = {split: passing.lines(split) for split in passing.files}
    assert recount.straddling(oracle.DIRECTORY, lines) == (0, 0)
    n = sum(map(len, lines.values()))
    shares = {split: round(100 * len(some) / n) for split, some in lines.items()}
    assert shares == {"train": 80, "validation": 10, "test": 10}


def test_the_files_open(preferences: Built, passing: Built, reader: Reader) -> None:
    place = next(iter(passing.files.values())).parent.parent  # a folder for each split
    found = reader(
        "opening",
        {
            "dpo": {"path": str(preferences.files["train"]), "count": True},
            "sft": {"path": str(place), "count": True},
        },
    )
    assert found["dpo"]["rows"] == {"train": len(preferences.lines())}
    assert found["sft"]["rows"] == {one: len(passing.lines(one)) for one in passing.files}
