"""Spans of Phoenix: rows of `get_spans_dataframe`, or spans of its REST API.

Attributes are OpenInference's, either nested or with dots in their names, at any depth:
`attributes.llm.input_messages` is a list of `{"message.role": …, "message.content": …}`.
"""

from typing import Any

from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import answer, message, messages
from interactions.services.importing.formats.passed_over import PassedOver

_MOST_LISTED = 10_000  # of a list whose places stand in names: `input_messages.7.message.role`


def is_phoenix(record: dict[str, Any]) -> bool:
    """A span with its kind and attributes."""
    if any(key.startswith(("attributes.llm.", "attributes.input.")) for key in record):
        return True
    attributes = values.from_json(record.get("attributes"))
    has_kind = "span_kind" in record or "spanKind" in record
    return isinstance(attributes, dict) and (has_kind or "context" in record)


def phoenix(record: dict[str, Any]) -> dict[str, Any]:
    """A span of a model; those of other kinds are passed over."""
    span = nested({key: values.from_json(value) for key, value in record.items()})
    attributes = _part(span, "attributes")
    kind = span.get("span_kind") or span.get("spanKind")
    kind = kind or _part(attributes, "openinference", "span").get("kind") or "LLM"
    if str(kind).upper() != "LLM":
        raise PassedOver(f"a span of kind {str(kind).lower()}, not a model’s answer")
    llm, given = _part(attributes, "llm"), _part(attributes, "llm", "token_count")
    asked = [_message(one) for one in _list(llm.get("input_messages"))]
    said = [_message(one) for one in _list(llm.get("output_messages"))]
    begin = span.get("start_time") or span.get("startTime")
    if not asked:
        prompts = values.from_json(_part(attributes, "input").get("value"))
        asked = messages(prompts, field="attributes.input.value") if prompts else []
    if not asked:
        raise PassedOver("no input")
    written = _part(attributes, "output").get("value")
    answered = answer(said[-1]) if said else {"completion": _text(written)}
    context = _part(span, "context")
    span_id = context.get("span_id") or span.get("span_id") or span.get("id")
    usage = {
        "prompt_tokens": values.whole(given.get("prompt")),
        "completion_tokens": values.whole(given.get("completion")),
    }
    metadata = values.from_json(attributes.get("metadata"))
    line = {
        "messages": asked,
        **answered,
        "model": llm.get("model_name"),
        "created_at": values.time(begin),
        "latency_ms": values.milliseconds(begin, span.get("end_time") or span.get("endTime")),
        "usage": {name: n for name, n in usage.items() if n is not None},
        "parameters": _parameters(llm),
        "session_id": values.session(_part(attributes, "session").get("id")),
        "said_by": _part(attributes, "user").get("id"),
        "labels": values.tags(_part(attributes, "tag").get("tags")),
        "feedbacks": _annotations(span),
        "user_metadata": metadata if isinstance(metadata, dict) else None,
        "external_id": f"phoenix:{span_id}"[:256] if span_id else None,
    }
    return values.without_none(line) | {"completion": line["completion"]}


def nested(value: Any) -> Any:
    """The same with names that hold dots taken apart; places in lists may be such names.

    >>> nested({"llm.model": "m", "llm": {"in.0.role": "user", "in.0.text": "Hi"}})
    {'llm': {'model': 'm', 'in': [{'role': 'user', 'text': 'Hi'}]}}
    """
    if isinstance(value, list):
        return [nested(one) for one in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, one in value.items():
        *path, last = str(key).split(".")
        place = found
        for name in path:
            inner = place.get(name)
            if not isinstance(inner, dict):
                inner = place[name] = {}
            place = inner
        one = nested(one)
        there = place.get(last)
        place[last] = there | one if isinstance(there, dict) and isinstance(one, dict) else one
    return _with_lists(found)


def _with_lists(value: Any) -> Any:
    """Objects whose names are 0, 1, 2 … as the lists that they stand for."""
    if not isinstance(value, dict):
        return value
    value = {key: _with_lists(one) for key, one in value.items()}
    if value and len(value) <= _MOST_LISTED and all(key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


def _message(given: Any) -> dict[str, Any]:
    """A message as OpenInference has it: role, `content` or `contents`, and `tool_calls`."""
    given = given.get("message", given) if isinstance(given, dict) else given
    if not isinstance(given, dict):
        return message(given)
    parts = [_content(part) for part in _list(given.get("contents"))]
    calls = [_call(call, n) for n, call in enumerate(_list(given.get("tool_calls")))]
    rest = {key: one for key, one in given.items() if key not in ("contents", "tool_calls")}
    if parts:
        rest["content"] = parts
    if calls:
        rest["tool_calls"] = calls
    return message(rest)


def _content(part: Any) -> Any:
    part = part.get("message_content", part) if isinstance(part, dict) else part
    url = _part(part, "image", "image").get("url") or _part(part, "image").get("url")
    if url:
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "text", "text": str(part.get("text", "")) if isinstance(part, dict) else ""}


def _call(call: Any, n: int) -> dict[str, Any]:
    call = call.get("tool_call", call) if isinstance(call, dict) else {}
    function = _part(call, "function")
    said = function.get("arguments")
    arguments = said if isinstance(said, str) else values.to_json(said or {})
    return {
        "id": call.get("id") or f"call_{n}",
        "type": "function",
        "function": {"name": function.get("name", ""), "arguments": arguments},
    }


def _parameters(llm: dict[str, Any]) -> dict[str, Any] | None:
    given = values.from_json(llm.get("invocation_parameters"))
    given = dict(given) if isinstance(given, dict) else {}
    given.pop("messages", None)
    tools = [
        values.from_json(_part(tool, "tool").get("json_schema")) for tool in _list(llm.get("tools"))
    ]
    return given | ({"tools": tools} if any(tools) else {}) or None


def _annotations(span: dict[str, Any]) -> list[dict[str, Any]]:
    """Feedback out of a span's annotations, where they are in the file."""
    found = []
    for one in _list(span.get("annotations")) + _list(span.get("span_annotations")):
        result = _part(one, "result") or _part(one, "annotation") or one
        score = values.judgement(result.get("score")) if isinstance(result, dict) else None
        name = one.get("name") or result.get("name") if isinstance(one, dict) else None
        if score is not None and name:
            reason = result.get("explanation")
            given = {"feedback_key": name, "value": score}
            found.append(given | ({"reason": reason} if reason else {}))
    return found[:1000]


def _part(value: Any, *path: str) -> dict[str, Any]:
    """The object at a path; an empty one where there is none."""
    for name in path:
        value = values.from_json(value.get(name)) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    value = values.from_json(value)
    return nested(value) if isinstance(value, list) else []


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else values.to_json(value)
