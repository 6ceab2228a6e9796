"""The formats that are known, and which of them a file is in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from interactions.services.importing.formats import (
    langfuse,
    langsmith,
    openai,
    ours,
    phoenix,
    prompts,
    training,
)

COLUMNS = "columns"  # of no format: each column is told
PROMPTS = "prompts"  # of datasets alone: without an answer it is no interaction

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format of other programs: by which members it is known, and how its records are read."""

    title: str
    members: str
    recognises: Callable[[Record], bool]
    line: Callable[[Record], Record]


# The first that recognises most of the records is it: the more particular ones come first.
IMPORT_FORMATS: dict[str, ImportFormat] = {
    "langsmith": ImportFormat(
        "LangSmith runs", "run_type, inputs, outputs", langsmith.is_langsmith, langsmith.langsmith
    ),
    "phoenix": ImportFormat(
        "Phoenix spans", "span_kind, attributes.llm…", phoenix.is_phoenix, phoenix.phoenix
    ),
    "langfuse": ImportFormat(
        "Langfuse export", "traceId, type, input, output", langfuse.is_langfuse, langfuse.langfuse
    ),
    "adaptive": ImportFormat(
        "Adaptive dataset",
        "messages, completion, feedbacks or preferred_completion",
        training.is_adaptive,
        training.adaptive,
    ),
    "ours": ImportFormat("This site’s own lines", "messages, completion", ours.is_ours, ours.ours),
    "openai-log": ImportFormat(
        "OpenAI requests and responses", "request, response", openai.is_log, openai.log
    ),
    "openai-stored": ImportFormat(
        "OpenAI stored completions", "choices, messages", openai.is_stored, openai.stored
    ),
    "openai-preference": ImportFormat(
        "OpenAI preference tuning",
        "input, preferred_output, non_preferred_output",
        openai.is_preference,
        openai.preference,
    ),
    "sharegpt": ImportFormat(
        "ShareGPT", "conversations of from and value", training.is_sharegpt, training.sharegpt
    ),
    "alpaca": ImportFormat(
        "Alpaca", "instruction, input, output", training.is_alpaca, training.alpaca
    ),
    "trl": ImportFormat(
        "TRL", "prompt, completion, label; or chosen, rejected", training.is_trl, training.trl
    ),
    PROMPTS: ImportFormat(
        "Prompts without answers",
        "prompt, or messages that end with the user’s",
        prompts.is_prompt,
        prompts.prompt,
    ),
    "openai-chat": ImportFormat(
        "OpenAI chat fine-tuning", "messages", openai.is_training_line, openai.training_line
    ),
}


def recognised(records: Sequence[Record]) -> str:
    """The key of the format that more than half of `records` are in, else `columns`."""
    for key, format in IMPORT_FORMATS.items():
        found = sum(format.recognises(record) for record in records)
        if found * 2 > len(records):
            return key
    return COLUMNS
