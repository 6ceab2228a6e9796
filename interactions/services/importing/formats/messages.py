"""Conversations as other programs write them, as chat messages, and the answer at their end."""

from collections.abc import Sequence
from typing import Any

import orjson

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.json_faults import kind_of

ROLES = {
    "human": "user", "user": "user", "ai": "assistant", "gpt": "assistant", "bot": "assistant",
    "assistant": "assistant", "chatgpt": "assistant", "model": "assistant", "system": "system",
    "developer": "developer", "tool": "tool", "function": "tool", "observation": "tool",
    "function_call": "assistant", "humanmessage": "user", "aimessage": "assistant",
    "aimessagechunk": "assistant", "systemmessage": "system", "toolmessage": "tool",
    "functionmessage": "tool", "humanmessagechunk": "user",
}  # fmt: skip
# What a message holds beside its text and is worth keeping with an answer.
_BESIDE = ("tool_calls", "function_call", "refusal", "audio", "reasoning_content", "reasoning")


def messages(given: Any, *, field: str = "messages") -> list[dict[str, Any]]:
    """Chat messages out of a list of turns, a text, or an object that holds either."""
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if isinstance(given, dict):
        for name in ("messages", "chat_history", "conversation"):
            if isinstance(given.get(name), list):
                return messages(given[name], field=field)
        given = [given]
    if not isinstance(given, list) or not given:
        got = "an empty list" if given == [] else kind_of(given)
        raise Invalid(f"expected a list of messages, or a text, got {got}", field=field)
    if len(given) == 1 and isinstance(given[0], list):  # LangChain: a batch of one
        given = given[0]
    return [message(one, field=f"{field}.{n}") for n, one in enumerate(given)]


def message(given: Any, *, field: str = "message") -> dict[str, Any]:
    """One message of a chat, whichever of the usual shapes it has."""
    if isinstance(given, str):
        return {"role": "user", "content": given}
    if isinstance(given, dict) and isinstance(given.get("kwargs"), dict) and "id" in given:
        kind = given["id"][-1] if isinstance(given["id"], list) and given["id"] else ""
        given = {"type": kind} | given["kwargs"]  # LangChain's own JSON
    elif isinstance(given, dict) and isinstance(given.get("data"), dict) and "type" in given:
        given = {"type": given["type"]} | given["data"]
    if not isinstance(given, dict):
        said = f"expected a message with role and content, got {kind_of(given)}"
        raise Invalid(said, field=field)
    name = given.get("role") or given.get("from") or given.get("type") or given.get("speaker")
    role = ROLES.get(str(name).lower(), str(name) if name else "")
    if not role:
        raise Invalid("expected a message with role and content: the role is missing", field=field)
    content = given.get("content", given.get("value", given.get("text")))
    found: dict[str, Any] = {"role": role, "content": _content(content)}
    more = given.get("additional_kwargs")
    for source in (more if isinstance(more, dict) else {}, given):
        for key in (*_BESIDE, "tool_call_id", "name"):
            if source.get(key):
                found[key] = _calls(source[key]) if key == "tool_calls" else source[key]
    return found


def _content(given: Any) -> Any:
    """A message's content; parts of types that we know under other names get ours."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, list):
        return [_part(part) for part in given]
    return orjson.dumps(given).decode() if isinstance(given, dict) else str(given)


def _part(part: Any) -> Any:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, dict):
        return part
    if part.get("type") == "image":
        source = part.get("source")
        if isinstance(source, dict) and source.get("data"):  # Anthropic's
            kind = source.get("media_type", "image/png")
            url: Any = f"data:{kind};base64,{source['data']}"
        else:
            url = part.get("url") or part.get("image") or (source or {}).get("url")
        if isinstance(url, str):
            return {"type": "image_url", "image_url": {"url": url}}
    if part.get("type") in ("input_text", "output_text"):
        return {"type": "text", "text": part.get("text", "")}
    if part.get("type") == "input_image" and isinstance(part.get("image_url"), str):
        return {"type": "image_url", "image_url": {"url": part["image_url"]}}
    return part


def _calls(given: Any) -> Any:
    """Tool calls; LangChain's (`name`, `args`) as the API has them."""
    if not isinstance(given, list):
        return given
    return [
        {
            "id": call.get("id") or f"call_{n}",
            "type": "function",
            "function": {
                "name": call.get("name", ""),
                "arguments": orjson.dumps(call["args"]).decode(),
            },
        }
        if isinstance(call, dict) and "args" in call
        else call
        for n, call in enumerate(given)
    ]


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """The members of a line that an assistant's message fills."""
    beside = {key: given[key] for key in _BESIDE if given.get(key)}
    line: dict[str, Any] = {"completion": text_of(given.get("content"))}
    if beside:
        line["completion_parts"] = beside
    return line


def text_of(content: Any) -> str:
    """The text of a content."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def split(turns: Sequence[dict[str, Any]], *, field: str = "messages") -> dict[str, Any]:
    """A whole conversation as a line: what stands before its last turn, and that as the answer."""
    if not turns or turns[-1]["role"] != "assistant":
        last = f", got one of the {turns[-1]['role']}" if turns else ""
        raise Invalid(f"expected the last message to be the assistant’s{last}", field=field)
    if len(turns) < 2:
        raise Invalid("expected a message before the assistant’s", field=field)
    return {"messages": list(turns[:-1]), **answer(turns[-1])}
