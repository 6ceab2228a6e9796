"""Exports of Langfuse: observations and traces, from its tables or its blob storage.

Members as of Langfuse 3: camel case in exports from tables (`traceId`, CSV and JSON), snake case in
those to blob storage (`trace_id`, `provided_model_name`). Scores are columns of their own names.
"""

from typing import Any

from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import answer, message, messages, split
from interactions.services.importing.formats.passed_over import PassedOver

_TYPES = {
    "GENERATION", "SPAN", "EVENT", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "EVALUATOR",
    "EMBEDDING", "GUARDRAIL",
}  # fmt: skip
# Members that are no score, in both spellings (`_snake` makes one of them).
_KNOWN = {
    "id", "trace_id", "project_id", "type", "environment", "parent_observation_id", "start_time",
    "end_time", "name", "metadata", "level", "status_message", "version", "user_id", "session_id",
    "input", "output", "model_parameters", "completion_start_time", "prompt_id", "created_at",
    "updated_at", "usage_details", "cost_details", "provided_usage_details", "unit", "bookmarked",
    "provided_cost_details", "model", "internal_model_id", "prompt_name", "prompt_version",
    "latency", "time_to_first_token", "input_cost", "output_cost", "total_cost", "input_usage",
    "output_usage", "total_usage", "model_id", "input_price", "output_price", "total_price",
    "trace_name", "trace_tags", "trace_timestamp", "comments", "usage", "prompt_tokens",
    "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "timestamp", "release",
    "tags", "public", "error_count", "warning_count", "default_count", "debug_count",
    "observation_count", "provided_model_name", "usage_pricing_tier_name", "tool_calls",
    "usage_pricing_tier_id", "tool_definitions", "tool_call_names", "event_ts", "is_deleted",
    "html_path", "observations", "scores", "external_id", "calculated_input_cost",
    "calculated_output_cost", "calculated_total_cost", "is_app_root", "has_parent_observation",
}  # fmt: skip


def is_langfuse(record: dict[str, Any]) -> bool:
    """An observation (with its trace and type) or a trace (with time, input and output)."""
    if not {"input", "output"} <= record.keys():
        return False
    is_observation = str(record.get("type")).upper() in _TYPES
    if is_observation and record.keys() & {"traceId", "trace_id"}:
        return True
    is_trace = "timestamp" in record and bool(record.keys() & {"userId", "user_id", "release"})
    return is_trace and "id" in record


def langfuse(record: dict[str, Any]) -> dict[str, Any]:
    """A generation, or a trace as a whole; spans and events are passed over."""
    given = {_snake(key): values.from_json(value) for key, value in record.items()}
    kind = str(given.get("type") or "").upper()
    if kind and kind != "GENERATION":
        raise PassedOver(f"a {kind.lower()}, not a model’s answer")
    if given.get("input") in (None, "") or given.get("output") in (None, ""):
        raise PassedOver("no input or no output")
    line = _said(given["input"], given["output"])
    begin = given.get("start_time") or given.get("timestamp") or given.get("created_at")
    metadata = given.get("metadata")
    line |= {
        "model": given.get("provided_model_name") or given.get("model") or None,
        "created_at": values.time(begin),
        "latency_ms": values.milliseconds(begin, given.get("end_time")),
        "ttft_ms": values.milliseconds(begin, given.get("completion_start_time")),
        "usage": _usage(given),
        "parameters": _object(given.get("model_parameters")),
        "session_id": values.session(given.get("session_id")),
        "labels": _labels(given),
        "feedbacks": _scores(record),
        "said_by": str(given["user_id"])[:512] if given.get("user_id") else None,
        "user_metadata": metadata if isinstance(metadata, dict) else None,
        "external_id": f"langfuse:{given['id']}"[:256] if given.get("id") else None,
    }
    return values.without_none(line) | {"completion": line["completion"]}


def _said(asked: Any, answered: Any) -> dict[str, Any]:
    turns = messages(asked if isinstance(asked, str | list | dict) else str(asked), field="input")
    if isinstance(answered, dict) and isinstance(answered.get("choices"), list):
        choices = answered["choices"]
        answered = choices[0].get("message") if choices and isinstance(choices[0], dict) else None
    if isinstance(answered, list) and answered:
        return {"messages": turns, **answer(messages(answered, field="output")[-1])}
    if isinstance(answered, dict) and answered.keys() & {"role", "content"}:
        return {"messages": turns, **answer(message({"role": "assistant"} | answered))}
    if turns[-1]["role"] == "assistant" and not answered:
        return split(turns, field="input")
    return {"messages": turns, "completion": _text(answered)}


def _text(value: Any) -> str:
    """An answer that is no message: its text, or its JSON."""
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        value = only if isinstance(only, str) else value
    return value if isinstance(value, str) else values.to_json(value)


def _usage(given: dict[str, Any]) -> dict[str, Any] | None:
    details = _object(given.get("usage_details")) or _object(given.get("usage")) or {}
    asked = _first(details, "input", "promptTokens", "prompt_tokens")
    said = _first(details, "output", "completionTokens", "completion_tokens")
    asked = values.whole(given.get("input_usage")) if asked is None else asked
    said = values.whole(given.get("output_usage")) if said is None else said
    usage = {"prompt_tokens": asked, "completion_tokens": said}
    return {name: n for name, n in usage.items() if n is not None} if asked or said else None


def _labels(given: dict[str, Any]) -> dict[str, str]:
    named = {"name": given.get("trace_name") or given.get("name")}
    named |= {key: given.get(key) for key in ("environment", "release", "version")}
    named_only = {key: value for key, value in named.items() if isinstance(value, str) and value}
    return values.labels(named_only) | values.tags(given.get("trace_tags") or given.get("tags"))


def _scores(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Feedback out of `scores`, or of columns that are named by a score and hold its values."""
    found = []
    listed = values.from_json(record.get("scores"))
    for score in listed if isinstance(listed, list) else []:
        if isinstance(score, dict) and values.judgement(score.get("value")) is not None:
            value = values.judgement(score["value"])
            is_bool = score.get("dataType", score.get("data_type")) == "BOOLEAN"
            one = {"feedback_key": score.get("name"), "value": bool(value) if is_bool else value}
            found.append(one | ({"reason": score["comment"]} if score.get("comment") else {}))
    columns = dict(listed) if isinstance(listed, dict) else {}
    columns |= {key: record[key] for key in record if _snake(key) not in _KNOWN}
    for key, value in columns.items():
        given = values.from_json(value)
        for one in given if isinstance(given, list) else [given]:
            judged = None if one in (None, "") else values.judgement(one)
            if judged is not None:
                found.append({"feedback_key": key, "value": judged})
    return found[:1000]


def _first(given: dict[str, Any], *names: str) -> int | None:
    return next((values.whole(given[name]) for name in names if name in given), None)


def _object(value: Any) -> dict[str, Any] | None:
    value = values.from_json(value)
    return value if isinstance(value, dict) and value else None


def _snake(name: str) -> str:
    """A member's name in snake case.

    >>> _snake("traceId"), _snake("helpful")
    ('trace_id', 'helpful')
    """
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
