"""Files for training: ShareGPT, Alpaca, TRL, and lines of Adaptive's datasets."""

from typing import Any

from adaptive_site.lib.errors import Invalid
from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import answer, messages, split, text_of

_PREFERRED = "preferred"  # the metric of preferences that name none
_OF_ANSWERS = {"prompt", "completion", "label", "tools"}  # TRL's columns beside `images`


def is_sharegpt(record: dict[str, Any]) -> bool:
    """`conversations`, a list of `{"from", "value"}` (or `conversation`, or chat messages)."""
    return isinstance(record.get("conversations") or record.get("conversation"), list)


def sharegpt(record: dict[str, Any]) -> dict[str, Any]:
    """A conversation, whose last turn is the answer; with `chosen` and `rejected` a preference."""
    said = record.get("conversations") or record["conversation"]
    turns = messages(_with_calls(said), field="conversations")
    if isinstance(record.get("system"), str) and record["system"]:
        turns.insert(0, {"role": "system", "content": record["system"]})
    if "chosen" in record and "rejected" in record:
        return _preference(turns, record)
    known = {"conversations", "conversation", "system", "model", "id", "tools"}
    tools = values.from_json(record.get("tools"))
    line = split(turns, field="conversations") | {
        "model": record.get("model"),
        "parameters": {"tools": tools} if tools else None,
        "user_metadata": {key: record[key] for key in record.keys() - known},
        "external_id": f"sharegpt:{record['id']}"[:256] if record.get("id") else None,
    }
    return values.without_none(line)


def _with_calls(turns: list[Any]) -> list[Any]:
    """The turns, those of LLaMA-Factory's `function_call` as messages with tool calls."""
    made: list[Any] = []
    waiting: list[str] = []  # for the results that come next
    for n, turn in enumerate(turns):
        kind = (turn.get("from") or turn.get("role")) if isinstance(turn, dict) else None
        calls = _calls_in(turn, n) if kind == "function_call" else []
        if calls:
            made.append({"role": "assistant", "content": None, "tool_calls": calls})
            waiting = [call["id"] for call in calls]
        elif kind in ("observation", "tool") and waiting:
            made.append({"tool_call_id": waiting.pop(0), **turn})
        else:
            made.append(turn)
    return made


def _calls_in(turn: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """The calls that a turn's JSON tells of; none where it is something else."""
    said = values.from_json(turn.get("value", turn.get("content")))
    said = said if isinstance(said, list) else [said]
    if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in said):
        return []
    return [
        {
            "id": f"call_{number}_{n}",
            "type": "function",
            "function": {
                "name": one["name"],
                "arguments": values.to_json(one.get("arguments") or {}),
            },
        }
        for n, one in enumerate(said)
    ]


def is_alpaca(record: dict[str, Any]) -> bool:
    """`instruction`, `input` and `output`; of preferences `chosen` and `rejected`."""
    has_end = "output" in record or {"chosen", "rejected"} <= record.keys()
    return isinstance(record.get("instruction"), str) and has_end


def alpaca(record: dict[str, Any]) -> dict[str, Any]:
    """An instruction with its input below it, after what `history` says; `output` is the answer."""
    turns: list[dict[str, Any]] = []
    if isinstance(record.get("system"), str) and record["system"]:
        turns.append({"role": "system", "content": record["system"]})
    for n, pair in enumerate(values.from_json(record.get("history")) or []):
        if not isinstance(pair, list) or len(pair) != 2:
            raise Invalid("expected a pair of texts", field=f"history.{n}")
        turns += [
            {"role": "user", "content": str(pair[0])},
            {"role": "assistant", "content": str(pair[1])},
        ]
    more = record.get("input")
    asked = record["instruction"] + (f"\n{more}" if isinstance(more, str) and more else "")
    turns.append({"role": "user", "content": asked})
    if "chosen" in record and "rejected" in record:
        return _preference(turns, record)
    known = {"instruction", "input", "output", "system", "history", "text", "model"}
    if not isinstance(record["output"], str):
        raise Invalid("expected a string", field="output")
    line = {
        "messages": turns,
        "completion": record["output"],
        "model": record.get("model"),
        "user_metadata": {key: record[key] for key in record.keys() - known},
    }
    return values.without_none(line) | {"completion": record["output"]}


def is_trl(record: dict[str, Any]) -> bool:
    """`prompt` with `completion`, or `chosen` and `rejected` with or without `prompt`.

    Two columns of texts may stand in any table: there must be nothing else that a role could be
    told of.
    """
    is_pair = "chosen" in record and "rejected" in record
    if is_pair or not {"prompt", "completion"} <= record.keys():
        return is_pair
    has_turns = isinstance(record["prompt"], list)
    return has_turns or "label" in record or record.keys() <= _OF_ANSWERS


def trl(record: dict[str, Any]) -> dict[str, Any]:
    """A line of TRL's; its `label` (KTO) is feedback of the metric `preferred`."""
    if "chosen" in record:
        # A table has the whole conversation beside the texts of its turns.
        name = "messages" if values.from_json(record.get("messages")) else "prompt"
        prompt = values.from_json(record.get(name))
        return _preference(messages(prompt, field=name) if prompt else [], record)
    *earlier, last = _turns(record["completion"], "completion")
    answered = answer(last)
    tools = values.from_json(record.get("tools"))
    label = values.judgement(record.get("label"))
    given = {"feedback_key": _PREFERRED, "value": bool(label)}
    line = {
        "messages": [*messages(record["prompt"], field="prompt"), *earlier],
        **answered,
        "parameters": {"tools": tools} if tools else None,
        "feedbacks": [given] if label is not None else None,
        "user_metadata": {key: record[key] for key in record.keys() - _OF_ANSWERS},
    }
    return values.without_none(line) | {"completion": answered["completion"]}


def is_adaptive(record: dict[str, Any]) -> bool:
    """A line of a dataset of Adaptive's SDK: feedback by key, or a preferred completion."""
    has_feedback = any(isinstance(record.get(name), dict) for name in ("feedbacks", "scores"))
    return "messages" in record and (has_feedback or "preferred_completion" in record)


def adaptive(record: dict[str, Any]) -> dict[str, Any]:
    """Such a line; `metadata` is kept with the interaction."""
    line: dict[str, Any] = {"messages": messages(record["messages"])}
    if "preferred_completion" in record:
        line["preferred"] = {"text": record["preferred_completion"]}
        line["other"] = {"text": record.get("other_completion")}
        line["feedback_key"] = record.get("feedback_key") or record.get("metric")
        for name in ("tied", "labels", "session_id", "created_at"):
            if record.get(name):
                line[name] = record[name]
        return line | _tools(record)
    name = "feedbacks" if isinstance(record.get("feedbacks"), dict) else "scores"
    feedback = [{"feedback_key": key, "value": one} for key, one in record[name].items()]
    return line | {
        **{key: value for key, value in record.items() if key not in ("messages", name)},
        "completion": record.get("completion"),
        "feedbacks": feedback,
    }


def _preference(turns: list[dict[str, Any]], record: dict[str, Any]) -> dict[str, Any]:
    """Two answers to what `turns` say; where they say nothing, to what both begin with."""
    sides = [_turns(record[name], name) for name in ("chosen", "rejected")]
    if not turns:
        turns = sides[0][:-1]
        if turns != sides[1][:-1] or not turns:
            said = "expected the same messages as in rejected, but for the last"
            raise Invalid(said, field="chosen")
    for name, side in zip(("chosen", "rejected"), sides, strict=True):
        if side[-1].get("tool_calls"):
            raise Invalid("expected an answer without tool calls, to be compared", field=name)
    chosen, rejected = (text_of(side[-1].get("content")) for side in sides)
    return {
        "messages": turns,
        "preferred": {"text": chosen},
        "other": {"text": rejected},
        "feedback_key": _PREFERRED,
        **_tools(record),
    }


def _tools(record: dict[str, Any]) -> dict[str, Any]:
    """The member of a preference that keeps the tools, which files have as JSON or as a list."""
    tools = values.from_json(record.get("tools"))
    return {"parameters": {"tools": tools}} if isinstance(tools, list) and tools else {}


def _turns(given: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(given, str):
        return [{"role": "assistant", "content": given}]
    return messages(given, field=name)
