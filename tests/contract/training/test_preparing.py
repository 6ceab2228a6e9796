"""TRL's own preparation takes every file for its trainer, with the templates of known models."""

from typing import Any

import pytest

from tests.contract.training.corpus import Message
from tests.contract.training.test_opening import images_of, trainable
from tests.contract.training.writing import SPLITS, Written

pytestmark = pytest.mark.django_db  # the files are made of interactions
Prepared = dict[str, Any]


def test_every_row_of_every_file_can_be_rendered(
    files: dict[str, Written], prepared: Prepared
) -> None:
    faults = {name: one["faults"] for name, one in prepared.items() if one["faults"]}
    assert not faults
    assert all(one["is_conversational"] for one in prepared.values())
    texts = [one for one in prepared.values() if one["templates"]]
    assert len(texts) >= 8
    assert all(len(rows) == one["rows"] for one in texts for rows in one["templates"].values())


@pytest.mark.parametrize("template", ["qwen3", "qwen2_5"])
def test_prompt_and_completion_are_rendered_whole(
    files: dict[str, Written], prepared: Prepared, template: str
) -> None:
    name = "text-prompt_completion-trl-sft-jsonl"
    rows = prepared[name]["templates"][template]
    told: list[Any] = [one for _, one in trainable(files[name].rows, with_images=False)]  # type: ignore[arg-type]
    assert len(rows) == len(told)
    for row, one in zip(rows, told, strict=True):
        if one.completion and "<think>" not in one.completion:
            assert one.completion.strip() in row["completion"]
        for message in one.messages:
            assert _is_in(message, row["prompt"])
        for tool in one.tools or []:
            assert tool["function"]["name"] in row["prompt"]


def _is_in(message: Message, text: str) -> bool:
    content = message.get("content")
    said = content if isinstance(content, str) else "".join(p["text"] for p in content or [])
    called = [one["function"]["name"] for one in message.get("tool_calls", [])]
    return said.strip() in text and all(name in text for name in called)


def test_a_called_tool_is_rendered_with_its_arguments(prepared: Prepared) -> None:
    rows = prepared["text-prompt_completion-trl-sft-jsonl"]["templates"]["qwen3"]
    (called,) = [row for row in rows if "<tool_call>" in row["completion"]]
    assert '{"name": "get_order", "arguments": {"id": "A7"}}' in called["completion"]


def test_an_implicit_prompt_is_the_explicit_one_after_trl_has_taken_it_out(
    prepared: Prepared,
) -> None:
    for container in ("jsonl", "parquet"):
        implicit = prepared[f"all-preference-trl-dpo-implicit-{container}"]["pairs"]
        explicit = prepared[f"all-preference-trl-dpo-{container}"]["pairs"]
        assert implicit == explicit
        assert len(explicit) >= 2
    pairs = prepared["all-preference-trl-dpo-jsonl"]
    assert pairs["unpaired"] == 2 * pairs["rows"]


@pytest.mark.parametrize("format", ["trl-sft", "trl-messages"])
@pytest.mark.parametrize("container", ["zip", "parquet"])
def test_images_reach_the_messages_in_their_places(
    files: dict[str, Written], prepared: Prepared, format: str, container: str
) -> None:
    name = f"all-prompt_completion-{format}-{container}"
    trained = trainable(files[name].rows, with_images=True)  # type: ignore[arg-type]
    told = [one for _, one in sorted(trained, key=lambda one: SPLITS.index(one[0]))]
    n = 0
    for row, one in zip(prepared[name]["multimodal"], told, strict=True):
        contents = [message["content"] for message in row["messages"] if message["content"]]
        parts = [part for content in contents for part in content]
        images = [part["image"] for part in parts if part["type"] == "image"]
        assert images == images_of(one.messages)
        n += len(images)
    assert n == 9
