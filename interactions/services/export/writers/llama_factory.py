"""ShareGPT and Alpaca, as LLaMA-Factory's `dataset_info.json` describes them."""

from collections.abc import Sequence

from interactions.services.export.lines import LeftOut, Line, LineOptions
from interactions.services.export.writers import messages
from interactions.services.training.record import TrainingRecord

_FROM = {"user": "human", "assistant": "gpt", "tool": "observation"}
_ASKING = ("user", "tool")


def sharegpt(record: TrainingRecord, options: LineOptions) -> Line:
    """`conversations`, and of a preference `chosen` and `rejected`; `system`, `tools` beside."""
    prompt = messages.prompt_of(record, options)
    system, turns = _system(prompt)
    _check_turns(turns)
    said = [_turn(one) for one in turns]
    if record.other is None:
        said.append(_turn(messages.answer_of(record, options)))
        ends = {}
    else:
        chosen, rejected = messages.pair_of(record, options)
        ends = {"chosen": _turn(chosen), "rejected": _turn(rejected)}
    tools = messages.json_of(record.tools) if record.tools else ""
    line = {"conversations": said, **ends, "system": system, "tools": tools}
    return line | _images(prompt, options) | messages.extras(record, options)


def alpaca(record: TrainingRecord, options: LineOptions) -> Line:
    """`instruction` and `output`, or `chosen` and `rejected`; earlier turns are `history`."""
    prompt = messages.prompt_of(record, options)
    system, turns = _system(prompt)
    _check_turns(turns)
    if record.tools or any(one["role"] == "tool" for one in turns):
        raise LeftOut("it has tools, which this format has no place for")
    texts = [_text(one) for one in turns]
    if record.other is None:
        ends = {"output": _text(messages.answer_of(record, options))}
    else:
        chosen, rejected = messages.pair_of(record, options)
        ends = {"chosen": _text(chosen), "rejected": _text(rejected)}
    history = [list(pair) for pair in zip(texts[:-1:2], texts[1::2], strict=True)]
    line = {"instruction": texts[-1], "input": "", **ends, "system": system, "history": history}
    return line | _images(prompt, options) | messages.extras(record, options)


def _system(prompt: list[Line]) -> tuple[str, list[Line]]:
    """The system prompt, and the turns after it."""
    if prompt[0]["role"] != "system":
        return "", prompt
    return _text(prompt[0]), prompt[1:]


def _check_turns(turns: Sequence[Line]) -> None:
    """A user or tool, then the assistant, and so on: whatever else is skipped in training."""
    for place, one in enumerate(turns):
        if one["role"] == "system":
            raise LeftOut("a system message is not the first")
        if (one["role"] in _ASKING) != (place % 2 == 0):
            raise LeftOut("two turns of one side follow each other")


def _turn(message: Line) -> Line:
    calls = message.get("tool_calls")
    if not calls:
        return {"from": _FROM[message["role"]], "value": _text(message)}
    if message["content"]:
        raise LeftOut("a message has text beside its tool calls")
    said = [call["function"] for call in calls]
    values = [
        f'{{"name": {messages.json_of(one["name"])}, "arguments": {one["arguments"] or "{}"}}}'
        for one in said
    ]
    value = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
    return {"from": "function_call", "value": value}


def _text(message: Line) -> str:
    """Its text, with `<image>` where an image stands."""
    if message.get("tool_calls"):
        raise LeftOut("it has tool calls, which this format has no place for")
    content = message["content"]
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    if any("<image>" in part["text"] for part in parts if part["type"] == "text"):
        raise LeftOut("a text says <image>, which would be taken for one")
    return "".join(part["text"] if part["type"] == "text" else "<image>" for part in parts)


def _images(prompt: list[Line], options: LineOptions) -> Line:
    images = messages.stored_images(prompt, options)
    return {"images": images} if images else {}
