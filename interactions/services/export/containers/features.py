"""What the columns of a file hold, as Hugging Face's `Features` say it.

Lists are JSON lists, which versions 3 to 5 of `datasets` read; `{"_type": "List"}`, as version 5
writes it, stops version 3.
"""

from typing import Any

from interactions.services.export.shape import MESSAGE_COLUMNS, Shape

TEXT = {"dtype": "string", "_type": "Value"}
IMAGE = {"_type": "Image"}
_PARTS = [{"type": TEXT, "text": TEXT}]
_CALLS = [{"id": TEXT, "type": TEXT, "function": {"name": TEXT, "arguments": TEXT}}]
_TURN = {"from": TEXT, "value": TEXT}


def features_of(shape: Shape, *, images: Any = TEXT) -> dict[str, Any]:
    """What each column of lines of this shape holds; `images` are names of files, or images."""
    message: dict[str, Any] = dict.fromkeys(shape.in_messages, TEXT)
    if "tool_calls" in message:
        message["tool_calls"] = _CALLS
    if shape.has_parts:
        message["content"] = _PARTS
    known: dict[str, Any] = {
        "images": [images],
        "label": {"dtype": "bool", "_type": "Value"},
        "history": [[TEXT]],
        "conversations": [_TURN],
    }
    if shape.in_messages:
        known |= dict.fromkeys(MESSAGE_COLUMNS, [message])
    elif "conversations" in shape.members:
        known |= {"chosen": _TURN, "rejected": _TURN}
    return {name: known.get(name, TEXT) for name in shape.members}


def in_yaml(features: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as the head of a dataset's card has it."""
    return [{"name": name, **_in_yaml(feature)} for name, feature in features.items()]


def _in_yaml(feature: Any) -> dict[str, Any]:
    if isinstance(feature, list):
        inner = _in_yaml(feature[0])
        # A list of texts is `list: string`, and of structs `list: [members]`.
        return {"list": inner.get("dtype") or inner.get("struct") or inner}
    if "_type" in feature:
        return {"dtype": feature["dtype"]}
    return {"struct": in_yaml(feature)}
