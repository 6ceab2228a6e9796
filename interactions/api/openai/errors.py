"""Errors of the addresses that OpenAI's clients know, as the client at hand shows them."""

from collections.abc import Mapping

import orjson

from adaptive_site.lib.errors import DomainError, Refusal, told
from adaptive_site.lib.http.direct import DirectRequest, DirectResponse
from interactions.api.answers import EVENTS, OpenAIRefusal
from interactions.providers import UpstreamError

EVENTS_TYPE = f"{EVENTS}; charset=utf-8"
# Beside what every request with a body may be told.
MODEL_REFUSES = (403, 404, 409, 502, 504, 508, "4XX")

# Who shows the body as it is, so that a text reads best: the SDK, and people at a shell.
_PLAIN_AGENTS = (
    "adaptive_sdk/",
    "curl/",
    "wget/",
    "python-httpx/",
    "python-requests/",
    "python-urllib/",
)


def fault(error: DomainError, headers: Mapping[str, str]) -> Refusal | OpenAIRefusal:
    """What went wrong: a text, or the object that clients of OpenAI's protocol look into.

    Without the object they say "Error code: 404", or "Not Found". OpenAI's own send a header
    `X-Stainless-Lang`; others are told by nothing but that they are none of the plain ones.
    """
    agent = headers.get("user-agent", "").lower()
    if "x-stainless-lang" not in headers and (not agent or agent.startswith(_PLAIN_AGENTS)):
        return told(error)
    return {
        "error": {
            "message": str(error),
            "type": "invalid_request_error" if error.status < 500 else "api_error",
            "param": error.field or None,
            "code": str(error.status),
        }
    }


def refused(error: DomainError, request: DirectRequest) -> DirectResponse:
    """The error as JSON, or as an event for a client that looks at nothing else.

    The SDK does not read the status of a stream, only events; OpenAI's client reads both.
    """
    headers = dict(error.headers)
    if isinstance(error, UpstreamError) and error.retry_after:
        headers["Retry-After"] = error.retry_after
    if "text/event-stream" in request.headers.get("accept", ""):
        return DirectResponse(error.status, error_event(error, request), EVENTS_TYPE, headers)
    return DirectResponse(
        error.status, orjson.dumps(fault(error, request.headers)), headers=headers
    )


def error_event(error: DomainError, request: DirectRequest) -> bytes:
    """The error as the last of the events of a stream."""
    return b"data: " + orjson.dumps(fault(error, request.headers)) + b"\n\n"
