"""`manage.py ingest`: files of interactions and preferences."""

import gzip
import io
import random
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from interactions.models import Comparison, Feedback, Image, Interaction, InteractionBody, Label
from projects.models import Llm, Metric, Project
from tests.interactions.ingesting import (
    ASK,
    Ran,
    Write,
    jsonl,
    line,
    preference,
    write_lines,
)
from tests.make import data_uri, image_message, make_image, make_metric, make_project

# The import writes on threads of its own, which see only what is committed.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_storage"),
]


@pytest.fixture
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write lines into a new file."""
    return partial(write_lines, tmp_path_factory)


@pytest.fixture
def maple() -> Project:
    return make_project("maple")


def test_a_line_is_stored_with_all_it_says(maple: Project, write: Write) -> None:
    session = "4e90da2e-c13b-5cbe-9073-1c2835aa9946"
    given = [{"feedback_key": "ok", "value": True, "details": "yes"}, {"metric": "n", "value": 2}]
    file = write(
        line(
            labels={"env": "prod"}, feedbacks=given, session_id=session, latency_ms=12, ttft_ms=3,
            created_at="2023-07-26T22:36:39Z", external_id="mine", parameters={"top_p": 1},
            usage={"prompt_tokens": 4, "completion_tokens": 5}, colour="red",
        )
    )  # fmt: skip
    ran = Ran(file)
    assert ran.failure == ""
    row = Interaction.objects.in_project(maple).select_related("body", "llm").get()
    assert row.created_at == datetime(2023, 7, 26, 22, 36, 39, tzinfo=UTC)
    assert (str(row.session_id), row.external_id, row.source) == (session, "mine", "OFFLINE")
    assert (row.latency_ms, row.ttft_ms, row.prompt_tokens, row.completion_tokens) == (12, 3, 4, 5)
    assert row.llm is not None
    assert row.llm.key == "gpt-4o"
    assert (row.body.messages, row.body.parameters) == (ASK, {"top_p": 1})
    assert row.body.user_metadata == {"colour": "red"}
    assert "Unknown members, kept in user_metadata: colour (1 lines)" in ran.said
    feedback = Feedback.objects.in_project(maple).order_by("metric__key")
    assert [(one.metric.key, one.value, one.details) for one in feedback] == [
        ("n", 2.0, ""),
        ("ok", 1.0, "yes"),
    ]


def test_a_second_run_stores_nothing_and_equal_lines_are_rows_of_their_own(
    maple: Project, write: Write
) -> None:
    reordered = dict(reversed(list(line().items())))
    file = write(line(), reordered, line("Another"), preference("A tree.", "Another"))
    first, second = Ran(file), Ran(file)
    assert "3 stored, 0 already there" in first.said
    assert "0 stored, 3 already there" in second.said
    assert "0 stored, 1 already there; 0 interactions made" in second.said
    assert Interaction.objects.in_project(maple).count() == 3
    assert Comparison.objects.in_project(maple).count() == 1


def test_small_batches_store_the_same_rows(maple: Project, write: Write) -> None:
    rows = [line(str(n), labels={"n": str(n)}) for n in range(40)]
    rows += [preference(str(n), str(n + 1)) for n in range(39)]
    Ran(write(*rows), batch=7)
    assert Interaction.objects.in_project(maple).count() == 40
    assert Comparison.objects.in_project(maple).count() == 39


def test_an_external_id_given_again_in_later_batches_is_stored_once(
    maple: Project, write: Write
) -> None:
    names = ["a", "b", "b", "a", "c", "b", "a", "c"]
    ran = Ran(write(*[line(str(n), external_id=name) for n, name in enumerate(names)]), batch=2)
    assert "3 stored, 5 already there" in ran.said
    assert Interaction.objects.in_project(maple).count() == 3


def test_gzip_is_known_by_its_bytes_and_strings_may_hold_line_separators(
    maple: Project, write: Write
) -> None:
    text = "one\u2028two\u0085three\u2029four\rfive"
    Ran(write(line(text), b"", b"  ", packed=True, name="rows.txt"))
    assert InteractionBody.objects.filter(project=maple).get().completion == text


def test_a_last_line_without_a_newline_counts_and_a_byte_order_mark_does_not(
    maple: Project, tmp_path: Path
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + jsonl(line("1"), line("2"))[:-1])
    assert "2 stored" in Ran(file).said


def test_standard_input_is_read_and_its_first_values_decide(
    maple: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = jsonl(
        line("1", feedbacks=[{"feedback_key": "k", "value": True}]),
        line("2", feedbacks=[{"feedback_key": "k", "value": 0.5}]),
    )
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(rows))))
    ran = Ran("-")
    assert Metric.objects.in_project(maple).get(key="k").kind == "BOOL"
    assert ran.faults == ["-:2: feedbacks.0.value: expected true, false, 0 or 1 for k"]


def test_a_key_is_bool_when_all_its_values_in_all_files_are(maple: Project, write: Write) -> None:
    def valued(**values: object) -> dict[str, Any]:
        given = [{"feedback_key": key, "value": value} for key, value in values.items()]
        return line(str(values), feedbacks=given)

    first = write(valued(ok=True, score=1, mixed=True))
    second = write(valued(ok=False, score=0, mixed=0.5), preference("x", "y"))
    ran = Ran(first, second)
    kinds = dict(Metric.objects.in_project(maple).values_list("key", "kind"))
    assert kinds == {"ok": "BOOL", "score": "SCALAR", "better": "BOOL", "mixed": "SCALAR"}
    assert len(ran.faults) == 1  # the true among numbers
    assert (
        "feedbacks.2.value: expected a number between -1e100 and 1e100 for mixed" in ran.faults[0]
    )


def test_a_metric_that_is_there_keeps_its_kind(maple: Project, write: Write) -> None:
    make_metric(maple, "ok", "SCALAR")
    ran = Ran(write(line(feedbacks=[{"feedback_key": "ok", "value": True}])))
    assert ran.faults[0].endswith(
        "feedbacks.0.value: expected a number between -1e100 and 1e100 for ok"
    )


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    empty_storage: Path, write: Write
) -> None:
    image = data_uri(make_image())
    rows = [
        line("1", messages=[image_message(image)], labels={"a": "b"}, external_id="x"),
        line("2", feedbacks=[{"feedback_key": "k", "value": 1}], external_id="x"),
        line("3"), preference("3", "4"), line("5", model=7), b"{",
    ]  # fmt: skip
    file = write(*rows)
    dry = Ran(file, create_project=True, dry_run=True)
    assert dry.failure == ""
    for model in (Project, Llm, Metric, Interaction, Label, Image, Comparison):
        assert model._default_manager.count() == 0
    assert list(empty_storage.iterdir()) == []
    real = Ran(file, create_project=True)
    assert dry.faults == real.faults
    assert len(real.faults) == 2
    said = [text.replace("would be ", "").splitlines()[1:5] for text in (dry.said, real.said)]
    assert said[0] == said[1]
    assert "1 stored, 0 already there; 1 interactions made" in real.said


def test_strict_stops_before_the_batch_of_the_first_bad_line(maple: Project, write: Write) -> None:
    rows = [line(str(n)) for n in range(5)]
    file = write(*rows, line("bad", model="new", labels=[]), line("after"))
    ran = Ran(file, strict=True, batch=2)
    assert ran.failure == f"{file}:6: stopped at the first bad line, as asked"
    assert f"Stored up to {file}:4." in ran.said
    assert Interaction.objects.in_project(maple).count() == 4
    assert not Llm.objects.filter(key="new").exists()


def test_a_preference_finds_its_sides_or_logs_them(maple: Project, write: Write) -> None:
    Ran(write(line("A tree."), line("A leaf.", model="other")))
    file = write(
        preference("A tree.", "A leaf.", tied="good", created_at="2024-01-01T00:00:00Z"),
        preference("A tree.", "A bird."),
        preference("A bird.", "A leaf."),
    )
    ran = Ran(file)
    assert "3 stored, 0 already there; 2 interactions made" in ran.said
    assert Interaction.objects.in_project(maple).count() == 4
    first = Comparison.objects.in_project(maple).order_by("id").first()
    assert first is not None
    assert first.tied == "good"
    made = InteractionBody.objects.filter(project=maple, completion="A bird.").get()
    assert made.system == {"made_for": "comparison"}


def test_an_image_is_stored_once_and_counted_once(maple: Project, write: Write) -> None:
    asks = [image_message(data_uri(make_image()))]
    ran = Ran(write(*[line(str(n), messages=asks) for n in range(3)]), batch=1)
    assert "1 images" in ran.said
    assert Image.objects.in_project(maple).count() == 1


def test_nothing_crosses_into_another_project(maple: Project, write: Write) -> None:
    cherry = make_project("cherry")
    file = write(line("1"), line("2"), preference("1", "2"))
    Ran(file)
    assert "2 stored, 0 already there" in Ran(file, project="cherry").said
    ids = set(Interaction.objects.in_project(cherry).values_list("id", flat=True))
    compared = Comparison.objects.in_project(cherry).get()
    assert {compared.preferred_id, compared.other_id} == ids


def test_a_nul_becomes_a_visible_mark(maple: Project, write: Write) -> None:
    Ran(write(line("a\0b")))
    body = InteractionBody.objects.filter(project=maple).get()
    assert body.completion == "a\ufffdb"
    assert (body.user_metadata, body.system) == ({"nul_replaced": True}, None)


def test_a_damaged_gzip_keeps_the_lines_before_it_and_fails(maple: Project, write: Write) -> None:
    noise = random.Random(1)
    rows = [line(noise.randbytes(400).hex()) for _ in range(1000)]
    file = write(*rows, packed=True)
    file.write_bytes(file.read_bytes()[:-2000])
    ran = Ran(file)
    assert "cannot be read after line" in ran.failure
    stored = Interaction.objects.in_project(maple).count()
    assert 0 < stored < 1000
    assert f"Stored up to {file}:{stored}." in ran.said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"project": "oak"}, "--project: there is no project oak"),
        ({"by": "nobody@example.org"}, "--by: there is no user"),
        ({"batch": 0}, "--batch: expected 1 to 100000"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_read(
    maple: Project, write: Write, options: dict[str, Any], said: str
) -> None:
    assert said in Ran(write(line()), **options).failure
    assert "there is no such file" in Ran("nowhere.jsonl").failure
    assert not Interaction.objects.in_project(maple).exists()
