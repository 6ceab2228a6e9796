"""What a provider says when it does not answer, in our words and its own."""

import re
from typing import Any

import orjson

from interactions.providers.base import UpstreamError
from interactions.providers.redaction import redacted
from projects.models import Llm

MAX_REASON = 500
_SHORTEST_SECRET = 16  # of characters; "ollama" or "none" may well stand in an answer


class Secret:
    """The key of a model, which no answer may tell."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._bytes = key.encode() if len(key) >= _SHORTEST_SECRET else b""

    def left_out_of(self, reason: str) -> str:
        """The beginning of `reason`, in which no server can tell the key, nor parts of it."""
        return redacted(reason[: 4 * MAX_REASON], self.key)[:MAX_REASON]

    def left_out(self, body: bytes) -> bytes:
        """The bytes of an answer without the key."""
        if self._bytes and self._bytes in body:
            return body.replace(self._bytes, "…".encode())
        return body


def reason_in(body: bytes) -> str:
    """The reason in the body of an error, in any of the shapes servers have for it.

    >>> reason_in(b'{"error": {"message": "no such model", "code": null}}')
    'no such model'
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[: 4 * MAX_REASON].decode(errors="replace").strip()
        return "" if text.startswith("<") else text
    return _reason(value)


def _reason(value: object) -> str:
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        found = (value.get(name) for name in ("error", "message", "detail", "msg"))
        return next((reason for one in found if (reason := _reason(one))), "")
    return value if isinstance(value, str) else ""


def is_error(value: dict[str, Any], name: str = "") -> bool:
    """Whether an object, or an event of this name, says that something went wrong."""
    if value.get("error") or name == "error":
        return True
    is_marked = "error" in (value.get("object"), value.get("type"))
    return is_marked or ("choices" not in value and bool(_reason(value)))


def told(llm: Llm, value: dict[str, Any], secret: Secret) -> UpstreamError:
    """An error that came with a good status, as some servers send once they stream."""
    error = value.get("error") or value
    code = str(error.get("code")) if isinstance(error, dict) else ""
    reason = secret.left_out_of(_reason(value))
    return UpstreamError(
        f"the provider of {llm.key} answered with an error: {reason}",
        status=int(code) if re.fullmatch("4[0-9][0-9]", code) else 502,
    )


def nonsense(llm: Llm, expected: str) -> UpstreamError:
    """The error of a provider that answered with something else than `expected`."""
    return UpstreamError(f"the provider of {llm.key} did not answer with {expected}", status=502)
