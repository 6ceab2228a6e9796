"""What a request to a model says, read member by member; the contract is in `docs/chat.md`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.hot import HotRequest
from interactions.providers import HOPS, came_through
from interactions.services.incoming import check_labels, check_text, parse_json
from projects.models import Llm, Project
from projects.services.access import WRITE, Caller
from projects.services.passes import caller_of, default_llm_of, llm_of, project_of

Payload = dict[str, Any]

# Reading, and decoding images, may take longer than others should wait.
LARGE = 256 * 1024
MAX_USER = 512
# Members that are for us, or that the SDK's request type has and no one uses; every other one
# goes to the provider as it is.
_OURS = frozenset(
    (
        "model", "messages", "stream", "stream_options", "session_id", "user", "labels",
        "metadata", "store", "ab_campaign", "n", "max_ttft_ms", "constrained_decoding",
        "system_prompt_args", "tags", "use_tools",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A request by a known key, whose body is a JSON object.

    `nul_replaced` says that NULs in it became U+FFFD.
    """

    caller: Caller
    payload: Payload
    nul_replaced: bool


async def read(request: HotRequest) -> Asked:
    """Who asks, and what. Raises Unauthenticated, Invalid, or UpstreamError for a loop.

    A body that is a JSON string with the object in it, as two versions of the SDK send for
    embeddings, is read too.
    """
    caller = await caller_of(request.headers.get("authorization", ""))
    came_through(request.headers.get(HOPS.lower(), ""))
    payload, nul_replaced = await _parsed(request.body)
    if isinstance(payload, str):
        payload, nul_replaced = await _parsed(payload.encode())
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object")
    return Asked(caller, payload, nul_replaced)


async def _parsed(raw: bytes) -> tuple[Any, bool]:
    if len(raw) > LARGE:
        return await asyncio.to_thread(parse_json, raw, is_lenient=True)
    return parse_json(raw, is_lenient=True)


async def model(asked: Asked) -> tuple[Project, Llm]:
    """What `model` names: `project/model`, or a project, whose default model it then is.

    Ids and keys will do for both; the model's part may itself hold a `/`.
    """
    name = asked.payload.get("model")
    if not isinstance(name, str) or not name:
        raise Invalid("expected project/model or project", field="model")
    first, slash, rest = name.partition("/")
    project = await project_of(asked.caller, first, WRITE)
    if slash:
        return project, await llm_of(project, rest)
    return project, await default_llm_of(project, field="model")


def flag(payload: Payload, name: str, *, default: bool) -> bool:
    """A member that is true or false, or absent."""
    value = payload.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Invalid("expected true or false", field=name)
    return value


def wants_usage(payload: Payload) -> bool:
    """Whether the counts of tokens are to follow a stream."""
    given = payload.get("stream_options")
    if given is None:
        return False
    if not isinstance(given, dict):
        raise Invalid("expected an object", field="stream_options")
    return flag(given, "include_usage", default=False)


def labels(payload: Payload) -> dict[str, str]:
    """`labels`, and `metadata`, which is what OpenAI's clients have for them."""
    metadata = check_labels(payload.get("metadata"), field="metadata")
    given = check_labels(payload.get("labels"))
    return check_labels({**metadata, **given})


def user(payload: Payload) -> str:
    """Whoever the caller asks for, in the caller's own words; "" for nobody."""
    return check_text(payload.get("user"), field="user", longest=MAX_USER)


def options(payload: Payload) -> dict[str, Any]:
    """What the provider is to get as it is; what we know of is checked.

    Raises Invalid, so that nobody is charged for what cannot be right.
    """
    if payload.get("n") not in (None, 1) or payload.get("n") is True:
        raise Invalid("expected 1: a request gets one completion", field="n")
    found = {
        name: value for name, value in payload.items() if value is not None and name not in _OURS
    }
    for name, (is_right, expected) in _EXPECTED.items():
        if name in found and not is_right(found[name]):
            raise Invalid(f"expected {expected}", field=name)
    if "tools" in found:
        # The SDK's own tools, `{"id", "enabled"}`, are not a provider's.
        found["tools"] = [tool for tool in found["tools"] if tool.get("type")]
        if not found["tools"]:
            del found["tools"]
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return value >= 0 and value % 1 == 0


def _is_stop(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(end, str) for end in value)
    )


def _is_format(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str)


def _are_tools(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(tool, dict) for tool in value)


_EXPECTED: dict[str, tuple[Callable[[object], bool], str]] = {
    "temperature": (_is_number, "a number"),
    "top_p": (_is_number, "a number"),
    "max_tokens": (_is_count, "a whole number of 0 or more"),
    "max_completion_tokens": (_is_count, "a whole number of 0 or more"),
    "stop": (_is_stop, "a string or a list of strings"),
    "response_format": (_is_format, "an object with a type"),
    "tools": (_are_tools, "a list of objects"),
}
