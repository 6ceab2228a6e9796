"""Runs of LangSmith (the “run data format”), as its API, its UI and its bulk export write them."""

from typing import Any

from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import answer, message, messages
from interactions.services.importing.formats.passed_over import PassedOver


def is_langsmith(record: dict[str, Any]) -> bool:
    """A run has its type and inputs."""
    return "run_type" in record and "inputs" in record


def langsmith(record: dict[str, Any]) -> dict[str, Any]:
    """A run of a model; chains, tools and the like are passed over."""
    kind = str(record.get("run_type") or "").lower()
    if kind not in ("llm", "prompt_llm", "chat_model"):
        raise PassedOver(f"a run of type {kind}, not a model’s answer")
    asked = values.from_json(record.get("inputs"))
    said = values.from_json(record.get("outputs"))
    if not asked or not said:
        raise PassedOver("no inputs or no outputs")
    begin, end = record.get("start_time"), record.get("end_time")
    extra = values.from_json(record.get("extra"))
    extra = extra if isinstance(extra, dict) else {}
    metadata = extra.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    parameters = extra.get("invocation_params") or extra.get("invocation_parameters")
    usage = {
        "prompt_tokens": values.whole(record.get("prompt_tokens")),
        "completion_tokens": values.whole(record.get("completion_tokens")),
    }
    thread = next((metadata[key] for key in ("session_id", "thread_id") if metadata.get(key)), None)
    line = {
        "messages": _asked(asked),
        **_answered(said),
        "model": _model(metadata, parameters, asked, said),
        "created_at": values.time(begin),
        "latency_ms": values.milliseconds(begin, end),
        "ttft_ms": values.milliseconds(begin, record.get("first_token_time")),
        "usage": {name: n for name, n in usage.items() if n is not None},
        "parameters": parameters if isinstance(parameters, dict) else None,
        "session_id": values.session(thread),
        "labels": values.tags(record.get("tags")),
        "feedbacks": _feedback(record.get("feedback_stats")),
        "user_metadata": {key: one for key, one in metadata.items() if key != "revision_id"},
        "external_id": f"langsmith:{record['id']}"[:256] if record.get("id") else None,
    }
    return values.without_none(line) | {"completion": line["completion"]}


def _asked(inputs: Any) -> list[dict[str, Any]]:
    if isinstance(inputs, dict):
        for name in ("messages", "prompts", "prompt", "input", "question", "text"):
            if inputs.get(name):
                given = inputs[name]
                if name == "prompts" and isinstance(given, list) and isinstance(given[0], str):
                    given = given[0]
                return messages(given, field=f"inputs.{name}")
        return messages(values.to_json(inputs), field="inputs")
    return messages(inputs, field="inputs")


def _answered(outputs: Any) -> dict[str, Any]:
    """The last message in the outputs, whichever program wrote them."""
    found = outputs
    if isinstance(outputs, dict):
        if isinstance(outputs.get("generations"), list):
            found = _first(_first(outputs["generations"]))
            if isinstance(found, dict) and isinstance(found.get("message"), dict):
                return answer(message({"role": "assistant"} | _unwrapped(found["message"])))
            found = found.get("text") if isinstance(found, dict) else found
        elif isinstance(outputs.get("choices"), list):
            choice = _first(outputs["choices"])
            found = choice.get("message") if isinstance(choice, dict) else choice
        elif isinstance(outputs.get("messages"), list) and outputs["messages"]:
            found = messages(outputs["messages"], field="outputs.messages")[-1]
        elif not outputs.keys() & {"role", "content", "kwargs"}:
            named = (outputs.get(name) for name in ("output", "message", "answer", "text"))
            found = next((one for one in named if one), outputs)
    if isinstance(found, dict) and found.keys() & {"role", "content", "kwargs", "data"}:
        return answer(message({"role": "assistant"} | _unwrapped(found)))
    return {"completion": found if isinstance(found, str) else values.to_json(found)}


def _unwrapped(given: dict[str, Any]) -> dict[str, Any]:
    inner = given.get("kwargs") or given.get("data")
    found = inner if isinstance(inner, dict) else given
    return {key: one for key, one in found.items() if key not in ("type", "id")}


def _first(given: Any) -> Any:
    return given[0] if isinstance(given, list) and given else given


def _model(metadata: dict[str, Any], parameters: Any, asked: Any, said: Any) -> str | None:
    for source, names in (
        (metadata, ("ls_model_name", "model_name", "model")),
        (parameters, ("model", "model_name")),
        (asked, ("model",)),
        (said, ("model",)),
    ):
        for name in names if isinstance(source, dict) else ():
            if isinstance(source.get(name), str) and source[name]:
                return str(source[name])
    return None


def _feedback(stats: Any) -> list[dict[str, Any]]:
    """What feedback of each key says on average; the export holds no single values."""
    found = []
    stats = values.from_json(stats)
    for key, one in stats.items() if isinstance(stats, dict) else ():
        average = values.judgement(one.get("avg")) if isinstance(one, dict) else None
        if average is not None:
            given: dict[str, Any] = {"feedback_key": key, "value": average}
            if isinstance(one.get("n"), int) and one["n"] > 1:
                given["details"] = f"average of {one['n']}"
            found.append(given)
    return found[:1000]
