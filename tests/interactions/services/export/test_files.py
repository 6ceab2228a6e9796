"""Files as wholes: their containers, lines made alike, what they are made of, and their memory."""

import csv
import io
import json
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest

from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.models import Comparison, Dataset, Image, Interaction
from interactions.services import selections
from interactions.services.editing.deletion import delete
from interactions.services.export import shape
from interactions.services.export.choices import HAS_PARQUET, FileChoices
from interactions.services.export.containers.packing import pack
from interactions.services.export.files import make, survey
from interactions.services.export.making import LineMaker, Tally
from interactions.services.export.record_source import SelectionSource
from interactions.services.images import store
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.training.record import (
    EVERYTHING,
    ModelAnswer,
    ReadBeside,
    TrainingRecord,
)
from projects.models import Project, User
from tests import make as making
from tests.interactions.services.export.records import (
    HOSTILE,
    TOOL_RESULT,
    USER,
    Listed,
    address,
    calling,
    made,
    said,
)

pytestmark = pytest.mark.django_db
Kind = Dataset.Kind


@pytest.fixture
def picture(project: Project, empty_storage: Path) -> Image:
    uri = making.data_uri(making.make_image())
    making.make_interaction(project, messages=[making.image_message(uri)])
    return Image.objects.in_project(project).get()


def rows_of(project: Project, kind: str, records: list[TrainingRecord]) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    data = made(project, kind, records, format="csv").file.read().decode()
    assert data.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(data[1:], newline="")))


def test_no_cell_is_a_formula_and_all_else_is_as_it_was(project: Project) -> None:
    evil = ["=1+1", "+1", "-1", "@x", "\tx", "\rx"]
    records = [
        said({"role": "user", "content": text}, answer=text, labels={"=key": text})
        for text in [*evil, HOSTILE]
    ]
    records.append(said(answer="plain", feedback={"good": True, "score": -0.5}))
    rows = rows_of(project, Kind.FEEDBACK, records)
    assert [row["completion"] for row in rows] == [
        *(f"'{text}" for text in [*evil, HOSTILE]),
        "plain",
    ]
    assert rows[0]["prompt"] == "'=1+1"
    assert rows[0]["label.=key"] == "'=1+1"
    assert (rows[-1]["feedback.good"], rows[-1]["feedback.score"]) == ("true", "-0.5")
    assert orjson.loads(rows[1]["messages"]) == records[1].messages


def test_a_table_has_the_answers_of_a_preference_and_several_turns(project: Project) -> None:
    system = {"role": "system", "content": "Be brief."}
    pair = said(system, USER, calling(), TOOL_RESULT, other=ModelAnswer("No."), tied="good")
    (row,) = rows_of(project, Kind.PREFERENCE, [pair])
    assert (row["chosen"], row["rejected"], row["tied"]) == ("Shipped.", "No.", "good")
    assert row["system"] == "Be brief."
    assert row["prompt"].startswith("User: Where is A7?\n\nAssistant: ")


def test_values_that_come_late_go_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "_EARLY", 300)
    plain = [said({"role": "user", "content": f"{n:050}"}) for n in range(6)]
    calls = said(USER, calling(), TOOL_RESULT)
    file = made(project, Kind.COMPLETION, [*plain, calls, *plain], format="trl-sft").file
    prompts = [json.loads(line)["prompt"] for line in file]
    assert prompts[0][1]["tool_calls"][0]["function"]["name"] == "f"
    assert [one[0]["content"] for one in prompts[1:7]] == [f"{n:050}" for n in range(6)]
    assert len(prompts) == 13


def test_texts_become_parts_where_some_have_images(project: Project, picture: Image) -> None:
    asking = making.image_message(f"image:{picture.sha256}")
    file = made(
        project, Kind.COMPLETION, [said(), said(asking)], format="trl-sft", container="zip"
    ).file
    with ZipFile(file) as zip:
        lines = [orjson.loads(line) for line in zip.read("train/metadata.jsonl").splitlines()]
        name = f"images/{picture.sha256}.png"
        assert zip.read(f"train/{name}") == store.read(picture)
    assert [line["images_file_names"] for line in lines] == [[], [name]]
    assert lines[0]["prompt"][0]["content"] == [{"type": "text", "text": "Where is A7?"}]
    assert lines[1]["prompt"][0]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image", "text": None},
    ]


def test_a_zip_has_a_file_for_each_split_and_a_card_that_names_them(project: Project) -> None:
    records = [said(), said(USER, split="test"), said(answer="")]
    file = made(project, Kind.COMPLETION, records, format="sharegpt", container="zip").file
    with ZipFile(file) as zip:
        assert zip.testzip() is None
        card, info = zip.read("README.md").decode(), orjson.loads(zip.read("dataset_info.json"))
        assert sorted(zip.namelist()) == [
            "README.md", "dataset_info.json", "test/data.jsonl", "train/data.jsonl",
        ]  # fmt: skip
    assert info["test-train"]["file_name"] == "train/data.jsonl"
    assert info["test-test"]["columns"]["messages"] == "conversations"
    head = card.split("---\n")[1]
    (configs,) = json.loads(head.splitlines()[0].removeprefix("configs: "))
    assert [one["split"] for one in configs["data_files"]] == ["train", "test"]
    assert "- the answer is empty: 1" in card and "| train | 1 |" in card
    again = made(project, Kind.COMPLETION, records, format="sharegpt", container="zip")
    file.seek(0)
    assert again.file.read() == file.read()
    one = made(project, Kind.COMPLETION, records, format="sharegpt", container="zip", split="test")
    assert (one.tally.lines, one.tally.elsewhere) == (1, 2)
    assert ZipFile(one.file).namelist()[0] == "test/data.jsonl"


@pytest.mark.skipif(not HAS_PARQUET, reason="needs pyarrow, of the extra [parquet]")
def test_parquet_has_the_bytes_of_images_in_hugging_faces_layout(
    project: Project, picture: Image
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    asking = making.image_message(f"image:{picture.sha256}")
    records = [said(), said(asking), said(USER, calling(), TOOL_RESULT)]
    chosen = {"format": "trl-sft", "container": "parquet", "split": "train"}
    table = parquet.read_table(made(project, Kind.COMPLETION, records, **chosen).file)
    features = orjson.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["images"] == [{"_type": "Image"}]
    assert features["prompt"][0]["content"][0].keys() == {"type", "text"}
    rows = table.to_pylist()
    assert rows[1]["images"] == [
        {"bytes": store.read(picture), "path": f"images/{picture.sha256}.png"}
    ]
    assert rows[2]["prompt"][1]["tool_calls"][0]["function"]["arguments"] == '{"x": "1"}'
    zipped = made(project, Kind.COMPLETION, records, format="trl-sft", container="parquet")
    assert ZipFile(zipped.file).namelist() == ["train/data.parquet", "README.md"]


def test_a_survey_tells_what_the_file_will_be(project: Project, picture: Image) -> None:
    asking = said(making.image_message(f"image:{picture.sha256}"))
    source = Listed(project, Kind.COMPLETION, [asking, said(), None, said(answer="")])
    choices = FileChoices.of({"format": "chat"}, kind=source.kind)
    looked = survey(source, choices, address)
    assert (looked.tally.lines, looked.tally.places) == (2, 4)
    assert looked.tally.reasons == [
        ("the answer is empty", 1),
        ("an interaction has been deleted", 1),
    ]
    assert orjson.loads(looked.first)["messages"][0]["content"][1]["image_url"]["url"] == (
        "data:image/png;base64,…"
    )
    assert looked.image_bytes == picture.size
    whole = make(source, choices, address).file.read().splitlines()[0]
    shortened = whole.replace(b64encode(store.read(picture)), "…".encode())
    assert looked.first == shortened.decode()
    table = survey(source, FileChoices.of({"format": "csv"}, kind=source.kind), address)
    assert table.first.startswith("interaction,created_at,session,split,system,prompt")


def test_a_file_that_grows_too_large_is_not_made(project: Project) -> None:
    source = Listed(project, Kind.COMPLETION, [said()] * 100)
    choices = FileChoices.of({"format": "chat"}, kind=source.kind)
    with pytest.raises(TooLarge):
        make(source, choices, address, most=1_000)


def test_what_a_format_needs_is_asked_for(project: Project) -> None:
    with pytest.raises(Invalid) as told:
        made(project, Kind.FEEDBACK, [said()], format="trl-kto")
    assert told.value.field == "metric"


def test_each_comparison_of_a_selection_is_one_record(project: Project, alice: User) -> None:
    ids = [
        making.make_interaction(project, completion=f"Answer {n}", created_at=making.NOON).id
        for n in range(4)
    ]
    metric = making.make_metric(project, "better")
    given = [(0, 1, None), (2, 0, None), (3, 2, None), (1, 0, "good")]
    later = making.NOON + timedelta(days=1)
    compare(
        project,
        [
            NewComparison(
                metric=metric, preferred_id=ids[one], other_id=ids[other], tied=tied,
                created_at=later,
            )
            for one, other, tied in given
        ],
        by=alice,
    )  # fmt: skip
    assert Comparison.objects.in_project(project).count() == 4

    def texts(*chosen: int, **more: Any) -> list[str]:
        selection = selections.tick(project, [ids[n] for n in chosen], by=alice)
        source = SelectionSource(selection, Kind.PREFERENCE, **more)
        pairs = list(source.records())
        assert source.count() == len(pairs)
        return sorted(" > ".join(answer.text for answer in one.answers) for one in pairs)

    first, second, third = "Answer 0 > Answer 1", "Answer 2 > Answer 0", "Answer 3 > Answer 2"
    assert texts(0) == texts(0, 1) == [first, second]
    assert texts(0, 1, 2, 3) == [first, second, third]
    assert texts(1) == [first]
    assert texts(0, with_ties=True) == [first, "Answer 1 > Answer 0", second]
    assert texts(0, as_of=making.NOON) == []


def test_places_stay_when_an_interaction_goes(project: Project, alice: User) -> None:
    ids = making.make_interactions(project, 5)
    selection = selections.tick(project, ids, by=alice)
    source = SelectionSource(selection, Kind.PROMPT)
    assert source.count() == 5
    delete(project, ids[1], by=alice)
    assert [one.interaction_id for one in source.records(start=1, stop=4)] == ids[2:4]
    again = SelectionSource(selection, Kind.PROMPT, places=source.places)
    assert [one.interaction_id for one in again.records(start=2)] == ids[2:]
    assert Interaction.objects.in_project(project).count() == 4


class Many(Listed):
    """A source of many records that are made when their turn comes."""

    def count(self) -> int:
        """Twenty thousand."""
        return 20_000

    def records(
        self, *, start: int = 0, stop: int | None = None, beside: ReadBeside = EVERYTHING
    ) -> Iterator[TrainingRecord]:
        """Every hundredth calls a tool, so that all others have to be filled up."""
        for number in range(start, self.count() if stop is None else stop):
            text = {"role": "user", "content": f"Question {number} " + "about orders " * 40}
            yield said(text, calling(), TOOL_RESULT) if number % 100 == 99 else said(text)


@pytest.mark.parametrize(
    ("format", "container"),
    [("trl-sft", "jsonl"), ("trl-sft", "zip"), ("csv", "csv"), ("trl-sft", "parquet")],
)
def test_memory_does_not_grow_with_the_file(
    project: Project, tmp_path: Path, format: str, container: str
) -> None:
    if container == "parquet" and not HAS_PARQUET:
        pytest.skip("needs pyarrow, of the extra [parquet]")
    source = Many(project, Kind.COMPLETION, [])
    chosen = {"format": format, "container": container}
    maker, tally = LineMaker(source, FileChoices.of(chosen, kind=source.kind), address), Tally()
    spool = tmp_path / "lines"
    tracemalloc.start()
    try:
        with spool.open("wb") as file:
            for _, lines in maker.lines(tally):
                file.write(lines)
        (name,) = tally.written
        size = 0
        with spool.open("rb") as file:
            for chunk in pack(maker, tally, {name: lambda: [file]}):
                size += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tally.lines, tally.sizes.total() > 12_000_000, size > 50_000) == (20_000, True, True)
    # Parquet is written in groups of rows, which stand in memory as such and in columns.
    assert peak < (60_000_000 if container == "parquet" else 4_000_000)
