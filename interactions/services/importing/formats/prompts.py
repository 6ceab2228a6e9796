"""Prompts alone, as trainers that have a model answer want them, and datasets of prompts."""

from typing import Any

from interactions.services.importing.formats import values
from interactions.services.importing.formats.messages import messages

_ANSWERS = {
    "completion", "chosen", "rejected", "preferred", "preferred_completion", "choices",
    "conversations", "run_type", "request", "response", "output", "answer",
}  # fmt: skip
_KEPT = ("labels", "model", "session_id", "created_at", "external_id")


def is_prompt(record: dict[str, Any]) -> bool:
    """`messages` whose last is no answer, or `prompt`, and nothing that could be an answer."""
    if record.keys() & _ANSWERS:
        return False
    turns = record.get("messages")
    if turns is None:
        return isinstance(record.get("prompt"), str | list) and record.keys() <= {
            "prompt", "tools", "metadata", *_KEPT,
        }  # fmt: skip
    last = turns[-1] if isinstance(turns, list) and turns else None
    return isinstance(last, dict) and last.get("role") in ("user", "system", "tool", "developer")


def prompt(record: dict[str, Any]) -> dict[str, Any]:
    """Such a record as a line whose completion is empty."""
    name = "messages" if "messages" in record else "prompt"
    tools = values.from_json(record.get("tools"))
    rest = record.keys() - {"messages", "prompt", "tools", "metadata", *_KEPT}
    metadata = record.get("metadata")
    line = {
        "messages": messages(record[name], field=name),
        "parameters": {"tools": tools} if tools else None,
        "user_metadata": {key: record[key] for key in rest}
        | (metadata if isinstance(metadata, dict) else {}),
        **{key: record.get(key) for key in _KEPT},
    }
    return values.without_none(line) | {"completion": ""}
