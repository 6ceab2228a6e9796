"""The columns that TRL's trainers know, and with them Axolotl and Unsloth."""

from typing import Any

from interactions.services.export.lines import (
    Container,
    LeftOut,
    Line,
    LineOptions,
)
from interactions.services.export.writers import messages
from interactions.services.training.record import TrainingRecord


def of_prompt(record: TrainingRecord, options: LineOptions) -> Line:
    """`prompt` alone, for trainers that have the model answer."""
    prompt = messages.prompt_of(record, options)
    return _line({"prompt": prompt}, prompt, record, options)


def of_answer(record: TrainingRecord, options: LineOptions) -> Line:
    """`prompt` and `completion`, of which the latter is trained on."""
    prompt = messages.prompt_of(record, options)
    answer = messages.answer_of(record, options)
    return _line({"prompt": prompt, "completion": [answer]}, prompt, record, options)


def of_messages(record: TrainingRecord, options: LineOptions) -> Line:
    """`messages`, the whole conversation."""
    prompt = messages.prompt_of(record, options)
    answer = messages.answer_of(record, options)
    return _line({"messages": [*prompt, answer]}, prompt, record, options)


def of_preference(record: TrainingRecord, options: LineOptions) -> Line:
    """`prompt`, `chosen` and `rejected`."""
    prompt = messages.prompt_of(record, options)
    chosen, rejected = messages.pair_of(record, options)
    columns = {"prompt": prompt, "chosen": [chosen], "rejected": [rejected]}
    return _line(columns, prompt, record, options)


def of_conversations(record: TrainingRecord, options: LineOptions) -> Line:
    """`chosen` and `rejected`, two whole conversations that begin with the prompt."""
    prompt = messages.prompt_of(record, options)
    chosen, rejected = messages.pair_of(record, options)
    columns = {"chosen": [*prompt, chosen], "rejected": [*prompt, rejected]}
    return _line(columns, prompt, record, options)


def of_label(record: TrainingRecord, options: LineOptions) -> Line:
    """`prompt`, `completion`, and as `label` whether the metric says that it is good."""
    value = record.feedback.get(options.metric)
    if value is None:
        raise LeftOut(f"there is no feedback under {options.metric}")
    is_good = value if isinstance(value, bool) else value >= options.threshold
    return {**of_answer(record, options), "label": is_good}


def _line(columns: Line, prompt: list[Line], record: TrainingRecord, options: LineOptions) -> Line:
    if record.tools:
        columns["tools"] = messages.json_of(record.tools)
    if images := messages.stored_images(prompt, options):
        is_zip = options.container is Container.ZIP
        columns["images_file_names" if is_zip else "images"] = images
        columns = {name: _with_places(value) for name, value in columns.items()}
    return columns | messages.extras(record, options) if options.with_extras else columns


def _with_places(column: Any) -> Any:
    """The messages with `{"type": "image"}` where an image stood; texts have the same members."""
    if not isinstance(column, list) or not isinstance(column[0], dict):
        return column
    return [
        one | {"content": [_part(part) for part in one["content"]]}
        if isinstance(one["content"], list)
        else one
        for one in column
    ]


def _part(part: Line) -> Line:
    return part if part["type"] == "text" else {"type": "image", "text": None}
