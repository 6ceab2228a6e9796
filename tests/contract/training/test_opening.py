"""Every file opens with `datasets.load_dataset`, and holds what was logged, pixel for pixel."""

import json
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import pytest

from interactions.models.content_parts import image_address, parts_of
from tests.contract.training.corpus import GROUPS, Message, Pair, Told
from tests.contract.training.pictures import PICTURES, pixels, uri
from tests.contract.training.writing import SPLITS, Written

pytestmark = pytest.mark.django_db  # the files are made of interactions
LATE = ("trl-sft-jsonl", "trl-sft-zip", "trl-messages-jsonl", "sharegpt-jsonl")
PACKED = ("zip", "parquet")
PIXELS = {uri(name): pixels(data) for name, data in PICTURES.items()}
Opened = dict[str, Any]


def plain(message: Message) -> Message:
    """A message without members that say nothing, its content as parts, an image by its place."""
    content = message.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    said = {name: value for name, value in message.items() if value is not None}
    said["role"] = {"developer": "system"}.get(said["role"], said["role"])
    if parts is not None:
        said["content"] = [
            ("text", part["text"]) if part["type"] == "text" else ("image",) for part in parts
        ]
    return said


def images_of(messages: Sequence[Message]) -> list[str]:
    """The pixels of the images that were logged, in the order the model saw them."""
    addresses = [image_address(part) for one in messages for part in parts_of(one)]
    return [PIXELS[address] for address in addresses if address is not None]


def trainable(rows: Sequence[Told], *, with_images: bool) -> Iterator[tuple[str, Told]]:
    """What a trainer can be given of these, and the split that each was given to."""
    for split, one in zip(cycle(SPLITS), rows, strict=False):
        if one in GROUPS["broken"] or (images_of(one.messages) and not with_images):
            continue
        yield split, one


def rows_of(opened: Opened, name: str) -> list[tuple[str, dict[str, Any]]]:
    """The rows that the loader gave, with their splits."""
    return [(split, row) for split, rows in opened[name]["rows"].items() for row in rows]


def names(files: dict[str, Written], *needles: str) -> list[str]:
    """The files whose names have all of these."""
    found = [name for name in files if all(needle in name for needle in needles)]
    assert found
    return found


def test_every_file_opens_and_has_the_lines_that_were_promised(
    files: dict[str, Written], opened: Opened
) -> None:
    failed = {name: one["failure"] for name, one in opened.items() if "failure" in one}
    assert not failed
    assert len(opened) > 30
    for name, one in opened.items():
        there = {split: len(rows) for split, rows in one["rows"].items()}
        said = files[name].lines
        assert there == (said if "" not in said else {"train": said[""]}), name


def test_what_a_card_says_loads_all_of_it(files: dict[str, Written], opened: Opened) -> None:
    loaded = {name: one["by its card"] for name, one in opened.items() if files[name].path.is_dir()}
    assert len(loaded) > 10
    assert loaded == {name: files[name].total for name in loaded}


def test_no_column_needs_more_than_the_loader_has_long_known(opened: Opened) -> None:
    """`Json` is new in `datasets` 5; a column of it says that lines were not alike."""
    odd = {
        (name, column): kind
        for name, one in opened.items()
        for column, kind in one["columns"].items()
        if "Json" in kind
    }
    assert not odd


@pytest.mark.parametrize("name", LATE)
def test_what_comes_up_after_ten_megabytes_is_there(
    files: dict[str, Written], opened: Opened, name: str
) -> None:
    whole = f"late-prompt_completion-{name}"
    rows = [row for _, row in rows_of(opened, whole)]
    assert len(rows) == files[whole].total
    if "sharegpt" in name:
        assert any(one["from"] == "function_call" for row in rows for one in row["conversations"])
        return
    said = [
        one
        for row in rows
        for key in ("prompt", "completion", "messages")
        for one in row.get(key, [])
    ]
    called = [call for one in said for call in one["tool_calls"] or []]
    assert {call["id"] for call in called} == {"c1", "c2", "c3"}
    assert {call["function"]["arguments"] for call in called} >= {'{"x": "1"}', '{"x": 2}'}
    assert {one["tool_call_id"] for one in said} == {None, "c1", "c2", "c3"}


@pytest.mark.parametrize("container", ["jsonl", *PACKED])
def test_prompts_and_completions_are_what_was_logged(
    files: dict[str, Written], opened: Opened, container: str
) -> None:
    name = f"all-prompt_completion-trl-sft-{container}"
    with_images = container != "jsonl"
    wanted = list(trainable(files[name].rows, with_images=with_images))  # type: ignore[arg-type]
    assert len(wanted) == files[name].total
    found = rows_of(opened, name)
    if with_images:  # the loader gives one split after the other
        wanted.sort(key=lambda one: SPLITS.index(one[0]))
        found.sort(key=lambda one: SPLITS.index(one[0]))
    for (split, told), (its_split, row) in zip(wanted, found, strict=True):
        assert its_split == (split if with_images else "train")
        assert list(map(plain, row["prompt"])) == list(map(plain, told.messages))
        assert list(map(plain, row["completion"])) == [plain(told.answer)]
        assert json.loads(row["tools"]) == (told.tools or [])
        if with_images:
            assert (row.get("images") or []) == images_of(told.messages)


@pytest.mark.parametrize("container", PACKED)
@pytest.mark.parametrize("format", ["trl-dpo", "trl-dpo-implicit"])
def test_preferences_are_what_was_said(
    files: dict[str, Written], opened: Opened, format: str, container: str
) -> None:
    name = f"all-preference-{format}-{container}"
    pairs: list[Pair] = [
        one
        for one in files[name].rows
        if isinstance(one, Pair) and one.tied is None and one.preferred != one.other
    ]
    found = [row for _, row in rows_of(opened, name)]
    assert len(found) == len(pairs) == 4

    def said(messages: Sequence[Message]) -> str:
        return repr([plain(one) for one in messages])

    by_prompt = {
        said(row.get("prompt") or row["chosen"][:-1]): (
            row["chosen"][-1],
            row["rejected"][-1],
            row.get("images") or [],
        )
        for row in found
    }
    for one in pairs:
        chosen, rejected, images = by_prompt[said(one.prompt)]
        assert plain(chosen) == plain({"role": "assistant", "content": one.preferred})
        assert plain(rejected) == plain({"role": "assistant", "content": one.other})
        assert images == images_of(one.prompt)


def test_every_format_of_picture_is_among_those_that_were_compared() -> None:
    seen = {
        address
        for one in GROUPS["pictured"]
        for message in one.messages
        for part in parts_of(message)
        if (address := image_address(part))
    }
    assert seen == set(PIXELS)
    assert len(set(PIXELS.values())) == len(PICTURES)


def test_labels_of_kto_are_the_metric(files: dict[str, Written], opened: Opened) -> None:
    name = "all-prompt_completion_feedback-trl-kto-parquet"
    wanted = [
        told.feedback["helpful"]
        for _, told in trainable(files[name].rows, with_images=True)  # type: ignore[arg-type]
        if "helpful" in told.feedback
    ]
    found = [row["label"] for _, row in rows_of(opened, name)]
    assert sorted(found) == sorted(wanted)
    assert opened[name]["columns"]["label"] == "Value('bool')"


def test_what_was_left_out_is_counted(files: dict[str, Written]) -> None:
    for name, one in files.items():
        assert one.total + sum(one.left_out.values()) == len(one.rows), name
    broken = {
        "the answer is empty": 1,
        "the prompt ends with a message of the assistant": 1,
        "the prompt has no message of a user": 1,
    }
    assert files["all-prompt_completion-trl-sft-parquet"].left_out == broken
    ties = files["all-preference-trl-dpo-parquet"].left_out
    assert ties == {"the two answers are the same": 1, "the two answers tie": 2}
