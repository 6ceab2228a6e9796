"""What TRL's own preparation of data makes of files, by its type: all that needs no model."""

import json
import tempfile
from pathlib import Path
from typing import Any

import datasets
from trl.data_utils import (
    apply_chat_template,
    extract_prompt,
    is_conversational,
    prepare_multimodal_messages,
    unpair_preference_dataset,
)

from tests.contract.training.drivers import tiny
from tests.contract.training.drivers.opening import loaded, pixels_of
from tests.contract.training.drivers.saying import main

CONVERSATIONS = ("messages", "prompt", "completion", "chosen", "rejected")


def rendered(row: dict[str, Any], tokenizer: Any) -> dict[str, Any]:
    """The texts of a row by a template, tools and all."""
    tools = row.get("tools")
    tools = json.loads(tools) if isinstance(tools, str) else tools
    known = {name: row[name] for name in (*CONVERSATIONS, "label") if name in row}
    said: dict[str, Any] = apply_chat_template(known, tokenizer, tools=tools)
    return said


def with_images(row: dict[str, Any]) -> dict[str, Any]:
    """How TRL puts the images of a row into its messages, each as its pixels."""
    images = row.get("images") or []
    prompt = row["messages"] if "messages" in row else row["prompt"]
    answers = [one for name in CONVERSATIONS[2:] for one in row.get(name, [])]
    said = prepare_multimodal_messages([*prompt, *answers], images)
    for message in said:
        for part in message["content"] if isinstance(message.get("content"), list) else []:
            if "image" in part:
                part["image"] = pixels_of(part["image"])
    return {"messages": said}


def prepared(asked: dict[str, Any]) -> dict[str, Any]:
    """Each row as its trainer would prepare it, by each template; and what was wrong."""
    with tempfile.TemporaryDirectory() as cache:
        splits = loaded(Path(asked["path"]), cache)
        rows = [row for one in splits.values() for row in one]
        found: dict[str, Any] = {"rows": len(rows), "faults": [], "templates": {}}
        found["is_conversational"] = all(map(is_conversational, rows))
        columns = set(rows[0])
        if {"chosen", "rejected"} <= columns:
            if "prompt" not in columns:
                rows = [row | extract_prompt(row) for row in rows]
            found["pairs"] = [{n: row[n] for n in CONVERSATIONS if n in row} for row in rows]
            if "prompt" in columns:
                found["unpaired"] = sum(
                    len(unpair_preference_dataset(one)) for one in splits.values()
                )
        if "images" in columns:
            found["multimodal"] = [with_images(row) for row in rows]
            return found
        for name in tiny.TEMPLATES:
            tokenizer = tiny.tokenizer(name)
            found["templates"][name] = texts = []
            for number, row in enumerate(rows):
                try:
                    texts.append(rendered(row, tokenizer))
                except Exception as error:
                    fault = f"{name} {number}: {type(error).__name__}: {error}"
                    found["faults"].append(fault)
        return found


def tried(asked: dict[str, Any]) -> dict[str, Any]:
    """The same, or why the file could not be opened."""
    try:
        return prepared(asked)
    except Exception as error:
        return {"faults": [f"{type(error).__name__}: {error}"]}


if __name__ == "__main__":
    datasets.disable_progress_bars()
    main(lambda asked: {name: tried(one) for name, one in asked.items()})
