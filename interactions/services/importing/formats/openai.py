"""OpenAI's own files: lines for fine-tuning, logs of requests, stored completions, batches."""

from typing import Any

from adaptive_site.lib.errors import Invalid
from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import answer, message, messages, split
from interactions.services.importing.formats.passed_over import PassedOver

# What a request says beside its messages.
_PARAMETERS = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "stop", "tools",
    "tool_choice", "functions", "parallel_tool_calls", "response_format", "reasoning_effort",
    "frequency_penalty", "presence_penalty", "n", "logit_bias", "service_tier", "verbosity",
)  # fmt: skip


def is_training_line(record: dict[str, Any]) -> bool:
    """`{"messages": […]}` whose last message is the answer."""
    return isinstance(record.get("messages"), list) and not record.keys() & {
        "completion", "choices", "conversations", "preferred", "preferred_completion", "run_type",
    }  # fmt: skip


def training_line(record: dict[str, Any]) -> dict[str, Any]:
    """A line for fine-tuning; `tools` are kept with the parameters."""
    rest = {
        key: value
        for key, value in record.items()
        if key not in ("messages", "model", "metadata", *_PARAMETERS)
    }
    line = split(messages(record["messages"])) | {
        "model": record.get("model"),
        "parameters": _parameters(record),
        "labels": values.labels(record.get("metadata")),
        "user_metadata": rest,
    }
    return values.without_none(line)


def is_log(record: dict[str, Any]) -> bool:
    """`{"request": {"messages": …}, "response": {"choices": …}}`, or a line of a batch's output."""
    response = record.get("response")
    has_request = isinstance(record.get("request") or record.get("body"), dict)
    return isinstance(response, dict) and (has_request or "custom_id" in record)


def log(record: dict[str, Any]) -> dict[str, Any]:
    """A request and its response. A batch's output holds no prompts, and says so."""
    request = record.get("request") or record.get("body")
    response = record["response"]
    response = response["body"] if isinstance(response.get("body"), dict) else response
    if isinstance(request, dict) and isinstance(request.get("body"), dict):
        request = request["body"]
    if not isinstance(request, dict):
        raise Invalid(
            "a batch’s output has no prompts: add each line of its input as `request`",
            field="request",
        )
    if record.get("error"):
        raise PassedOver("a request that failed")
    line = _completed(response, request)
    metadata = record.get("metadata") or request.get("metadata")
    line["labels"] = values.labels(metadata)
    if "created_at" not in line:
        at = record.get("created_at") or record.get("timestamp") or record.get("created")
        line["created_at"] = values.time(at)
    if record.get("custom_id"):
        line["user_metadata"] = {"custom_id": record["custom_id"]}
    return values.without_none(line)


def is_stored(record: dict[str, Any]) -> bool:
    """A `chat.completion` object, as the list of stored completions has them."""
    return isinstance(record.get("choices"), list) and (
        record.get("object") == "chat.completion" or "messages" in record or "input" in record
    )


def stored(record: dict[str, Any]) -> dict[str, Any]:
    """A stored completion with its messages, which the API gives apart, as `messages`."""
    if not record.get("messages") and not record.get("input"):
        raise Invalid(
            "a stored completion has its prompt elsewhere: add what"
            " /chat/completions/{id}/messages answers as `messages`",
            field="messages",
        )
    asked = record.get("messages") or record.get("input")
    if isinstance(asked, dict) and isinstance(asked.get("data"), list):
        asked = asked["data"]
    line = _completed(record, record | {"messages": asked})
    return values.without_none(line | {"labels": values.labels(record.get("metadata"))})


def is_preference(record: dict[str, Any]) -> bool:
    """A line for preference tuning."""
    return "preferred_output" in record and "non_preferred_output" in record


def preference(record: dict[str, Any]) -> dict[str, Any]:
    """`{"input": {"messages"}, "preferred_output": […], "non_preferred_output": […]}`."""
    given = record.get("input")
    tools = given.get("tools") if isinstance(given, dict) else None
    return {
        "messages": messages(given, field="input"),
        "parameters": {"tools": tools} if isinstance(tools, list) and tools else None,
        "preferred": {"text": _one_answer(record, "preferred_output")},
        "other": {"text": _one_answer(record, "non_preferred_output")},
        "feedback_key": "preferred",
    }


def _one_answer(record: dict[str, Any], name: str) -> str:
    last = messages(record[name], field=name)[-1]
    if last.get("tool_calls"):
        raise Invalid("expected an answer without tool calls, to be compared", field=name)
    return str(answer(last)["completion"])


def _completed(response: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    choices = response.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        raise Invalid("expected a choice with a message", field="choices")
    usage = response.get("usage")
    created = response.get("created") or response.get("created_at")
    return values.without_none(
        {
            "messages": messages(request.get("messages")),
            **answer(message({"role": "assistant"} | choice["message"])),
            "model": response.get("model") or request.get("model"),
            "created_at": values.time(created),
            "usage": usage if isinstance(usage, dict) else None,
            "parameters": _parameters(request),
            "finish_reason": choice.get("finish_reason"),
            "external_id": f"openai:{response['id']}" if response.get("id") else None,
        }
    )


def _parameters(request: dict[str, Any]) -> dict[str, Any]:
    found = {name: request[name] for name in _PARAMETERS if request.get(name) is not None}
    if isinstance(found.get("tools"), str):  # TRL's files have them as JSON, `[]` for none
        found["tools"] = values.from_json(found["tools"])
        if found["tools"] in ("", []):
            del found["tools"]
    return found
