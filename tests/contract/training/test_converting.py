"""LLaMA-Factory's converter takes every row of a zip by the `dataset_info.json` in it."""

import json
from typing import Any

import pytest

from tests.contract.training.conftest import Reader, lines_of
from tests.contract.training.writing import Written

pytestmark = pytest.mark.django_db  # the files are made of interactions


@pytest.fixture(scope="module")
def converted(files: dict[str, Written], reader: Reader) -> dict[str, Any]:
    """Each row of each zip that has a `dataset_info.json`."""
    described = {
        name: {"path": str(one.path)}
        for name, one in files.items()
        if (one.path / "dataset_info.json").exists()
    }
    assert {name.split("-")[2] for name in described} >= {"sharegpt", "alpaca"}
    return reader("converting", described)


def test_no_row_is_skipped(files: dict[str, Written], converted: dict[str, Any]) -> None:
    for name, found in converted.items():
        assert sum(len(rows) for rows in found.values()) == files[name].total, name
        for rows in found.values():
            assert all(row["_prompt"] and row["_response"] for row in rows), name


def test_conversations_are_what_was_logged(converted: dict[str, Any]) -> None:
    rows = [
        row for rows in converted["all-prompt_completion-sharegpt-zip"].values() for row in rows
    ]
    by_answer = {row["_response"][-1]["content"]: row for row in rows}
    tres = by_answer["Tres"]["_prompt"]
    assert [one["content"] for one in tres] == ["One", "Uno", "Two", "Dos", "Three"]
    assert [one["role"] for one in tres] == ["user", "assistant"] * 2 + ["user"]
    assert by_answer["Small."]["_system"] == "Be brief."
    (called,) = [row for row in rows if row["_response"][-1]["role"] == "function"]
    said = json.loads(called["_response"][-1]["content"])
    assert said == {"name": "get_order", "arguments": {"id": "A7"}}
    assert json.loads(called["_tools"])[0]["function"]["name"] == "get_order"


@pytest.mark.parametrize("format", ["sharegpt", "alpaca"])
def test_there_is_an_image_for_each_place_of_one(
    files: dict[str, Written], converted: dict[str, Any], format: str
) -> None:
    name = f"all-prompt_completion-{format}-zip"
    place, n = files[name].path, 0
    for row in (row for rows in converted[name].values() for row in rows):
        places = sum(one["content"].count("<image>") for one in row["_prompt"])
        images = row["_images"] or []
        assert len(images) == places
        assert all(str(image).startswith(str(place)) for image in images)  # they were found
        n += places
    assert n >= 6


@pytest.mark.parametrize("format", ["sharegpt", "alpaca"])
def test_pairs_have_both_answers(
    files: dict[str, Written], converted: dict[str, Any], format: str
) -> None:
    rows = [row for rows in converted[f"all-preference-{format}-zip"].values() for row in rows]
    answers = {tuple(one["content"] for one in row["_response"]) for row in rows}
    assert {("A maple.", "A bush."), ("Dos", "Deux"), ("The left.", "None.")} <= answers
    lines = lines_of(files[f"all-preference-{format}-jsonl"].path)
    assert len(lines) == 3
