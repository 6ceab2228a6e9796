"""The formats of training files by key: what each holds, what it keeps and what it cannot.

A format makes a line of a record. How the lines are packed into a file (JSON lines, a zip with
images, Parquet, CSV) is its container's matter, which knows nothing of formats.
"""

from collections.abc import Callable
from dataclasses import dataclass

from interactions.models import Dataset
from interactions.services.export.lines import Container, Line, LineOptions
from interactions.services.export.writers import adaptive, chat, llama_factory, own, table, trl
from interactions.services.training.record import EVERYTHING, ReadBeside, TrainingRecord

Kind = Dataset.Kind
_ANSWERED = (Kind.COMPLETION, Kind.FEEDBACK)
_EVERY = tuple(Kind)
_PACKED = (Container.JSONL, Container.ZIP, Container.PARQUET)
_NOTHING = ReadBeside(feedback=False, origin=False)
_FEEDBACK = ReadBeside(origin=False)


@dataclass(frozen=True, slots=True)
class TrainingFormat:
    """A format of training files.

    `line` makes the line of a record, or raises LeftOut. `is_uniform`: all lines, and all messages
    in them, have the same members, as Hugging Face's loader wants it; else a line has what its
    record has. `has_inline_images`: they stand in the lines, with their bytes or as addresses.
    `least` is how many records those want who take the format. `beside` is what it reads of a
    record beside its prompt and answers, but for extras.
    """

    key: str
    title: str
    description: str
    kinds: tuple[Kind, ...]
    kept: str
    lost: str
    line: Callable[[TrainingRecord, LineOptions], Line]
    containers: tuple[Container, ...] = (Container.JSONL,)
    is_uniform: bool = False
    has_inline_images: bool = False
    needs_metric: bool = False
    has_extras: bool = False
    least: int = 1
    beside: ReadBeside = _NOTHING


_TRL_KEPT = (
    "System prompts, all turns, tool calls, tools and thoughts; images in a zip or Parquet file."
)
_TRL_LOST = (
    "Images in plain JSON lines, images known by their address alone, audio and files, and prompts"
    " that end with the assistant."
)
_CHAT_LOST = "Thoughts, audio and files, and prompts that end with the assistant."
_LLAMA_LOST = (
    "Two turns of one side in a row, system prompts after the first message, text beside tool"
    " calls, thoughts, and images outside a zip."
)

_ALL = (
    TrainingFormat(
        "trl-sft",
        "TRL: prompt and completion",
        "For TRL's SFTTrainer, Axolotl and Unsloth. Only the completion is trained on.",
        _ANSWERED,
        _TRL_KEPT,
        _TRL_LOST,
        trl.of_answer,
        _PACKED,
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "trl-messages",
        "TRL: messages",
        "For SFTTrainer and Axolotl's chat_template. Every turn of the assistant is trained on.",
        _ANSWERED,
        _TRL_KEPT,
        _TRL_LOST,
        trl.of_messages,
        _PACKED,
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "trl-dpo",
        "TRL: DPO",
        "For DPOTrainer: prompt, chosen and rejected.",
        (Kind.PREFERENCE,),
        _TRL_KEPT,
        f"{_TRL_LOST} Ties.",
        trl.of_preference,
        _PACKED,
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "trl-dpo-implicit",
        "TRL: DPO with the prompt inside",
        "For DPOTrainer and RewardTrainer: chosen and rejected as two whole conversations.",
        (Kind.PREFERENCE,),
        _TRL_KEPT,
        f"{_TRL_LOST} Ties.",
        trl.of_conversations,
        _PACKED,
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "trl-kto",
        "TRL: KTO",
        "For KTOTrainer: prompt, completion, and whether it is good by one metric.",
        (Kind.FEEDBACK,),
        f"{_TRL_KEPT} One metric as true or false.",
        f"{_TRL_LOST} Records without feedback under the metric.",
        trl.of_label,
        _PACKED,
        is_uniform=True,
        needs_metric=True,
        has_extras=True,
        beside=_FEEDBACK,
    ),
    TrainingFormat(
        "trl-prompts",
        "TRL: prompts",
        "For GRPOTrainer and RLOOTrainer, which have the model answer.",
        (Kind.PROMPT,),
        _TRL_KEPT,
        _TRL_LOST,
        trl.of_prompt,
        _PACKED,
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "chat",
        "Chat JSONL (OpenAI style)",
        "For fine-tuning at Azure, Together, Fireworks, Mistral and others; images inside.",
        _ANSWERED,
        "System prompts, all turns, tool calls and tools; up to 10 JPEG, PNG or WebP images of at"
        " most 10 MB each, in users' messages.",
        f"{_CHAT_LOST} Other images.",
        chat.of_answer,
        has_inline_images=True,
        least=10,
    ),
    TrainingFormat(
        "chat-dpo",
        "Chat preferences JSONL (OpenAI style)",
        "Input, preferred output and other output, as Azure and Together take them.",
        (Kind.PREFERENCE,),
        "System prompts, all turns, tool calls and tools.",
        f"{_CHAT_LOST} Records with images. Ties.",
        chat.of_preference,
        least=10,
    ),
    TrainingFormat(
        "sharegpt",
        "ShareGPT (LLaMA-Factory)",
        "Conversations of human and gpt; the zip has dataset_info.json for LLaMA-Factory.",
        (*_ANSWERED, Kind.PREFERENCE),
        "A system prompt at the beginning, alternating turns, tool calls and tools; images in a"
        " zip.",
        _LLAMA_LOST,
        llama_factory.sharegpt,
        (Container.ZIP, Container.JSONL),
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "alpaca",
        "Alpaca (LLaMA-Factory, Axolotl)",
        "Instruction and output, earlier turns as history.",
        (*_ANSWERED, Kind.PREFERENCE),
        "A system prompt at the beginning and alternating turns; images in a zip.",
        f"{_LLAMA_LOST} Records with tools.",
        llama_factory.alpaca,
        (Container.ZIP, Container.JSONL),
        is_uniform=True,
        has_extras=True,
    ),
    TrainingFormat(
        "adaptive",
        "Adaptive's SDK",
        "The lines that datasets.upload of the SDK takes.",
        _EVERY,
        "System prompts, all turns, labels, metadata, feedback where the kind has it; JPEG, PNG,"
        " WebP and GIF images of at most 10 MB each, inside.",
        "Records with tool calls, other images, audio and files. Ties.",
        adaptive.of_record,
        has_inline_images=True,
        beside=EVERYTHING,
    ),
    TrainingFormat(
        "own",
        "JSON lines for import",
        "What this site's import takes back as interactions, or as comparisons.",
        (*_ANSWERED, Kind.PREFERENCE),
        "Messages as they were logged, with tool calls and whatever else is in them, images, tools,"
        " labels and metadata; of feedback one value a metric.",
        "Who gave feedback, reasons, tokens and times; of preferences, answers with tool calls.",
        own.of_record,
        has_inline_images=True,
        beside=EVERYTHING,
    ),
    TrainingFormat(
        "csv",
        "CSV",
        "For spreadsheets. A text that begins with = + - @, a tab or a carriage return gets an"
        " apostrophe before it, so that no spreadsheet takes it for a formula.",
        _EVERY,
        "All texts, labels, feedback; whole messages, tools and metadata as JSON in their columns.",
        "The bytes of images: the messages have their addresses.",
        table.of_record,
        (Container.CSV,),
        is_uniform=True,
        beside=EVERYTHING,
    ),
)
FORMATS: dict[str, TrainingFormat] = {one.key: one for one in _ALL}


def of_kind(kind: str) -> list[TrainingFormat]:
    """The formats that records of a kind can be written in."""
    return [one for one in _ALL if kind in one.kinds]
