"""What a request to a model says, read member by member; the contract is in `docs/chat.md`."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adaptive_site.lib.concurrency.shares import Shares
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.exact_json import dumps
from adaptive_site.lib.http.direct import DirectRequest
from interactions.providers import HOPS_HEADER, came_through
from interactions.services.recording.drafts import (
    MAX_LABEL_KEY,
    MAX_LABEL_VALUE,
    MAX_LABELS,
    check_labels,
    check_text,
    parse_json,
)
from projects.models import Llm, Project
from projects.services.access import WRITE, Caller
from projects.services.cached_lookups import caller_of, default_llm_of, llm_of, project_of

Payload = dict[str, Any]

# Reading, and decoding images, may take longer than others should wait.
LARGE = 256 * 1024
MAX_USER = 512
# Each holds a connection to a provider, of which this process has 1,000 for everybody.
UNFINISHED = Shares(128, "unfinished requests to models")
# Members that are for us, or that the SDK's request type has and no one uses; every other one
# goes to the provider as it is.
_OURS = frozenset(
    (
        "model", "messages", "stream", "stream_options", "session_id", "user", "labels",
        "metadata", "store", "ab_campaign", "max_ttft_ms", "constrained_decoding",
        "system_prompt_args", "tags", "use_tools",
    )
)  # fmt: skip
_TOOL_OF_THE_SDK = {"id", "enabled"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request by a known key, whose body is a JSON object.

    `nul_replaced` says that NULs in it became U+FFFD.
    """

    caller: Caller
    payload: Payload
    nul_replaced: bool


async def read(request: DirectRequest) -> Asked:
    """Who asks, and what. Raises Unauthenticated, Invalid, or UpstreamError for a loop.

    A body that is a JSON string with the object in it, as two versions of the SDK send for
    embeddings, is read too.
    """
    caller = await caller_of(request.headers.get("authorization", ""))
    came_through(request.headers.get(HOPS_HEADER.lower(), ""))
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


def labels(payload: Payload) -> tuple[dict[str, str], Any]:
    """`labels`, and `metadata`, which is what OpenAI's clients have for them.

    Numbers and booleans in `metadata` become the texts JSON has for them. What can be no label
    comes second, as it came; None when there is none.
    """
    given = check_labels(payload.get("labels"))
    metadata = payload.get("metadata")
    if not isinstance(metadata, dict):
        return given, metadata
    made, left = dict(given), {}
    for key, value in metadata.items():
        text = dumps(value).decode() if isinstance(value, int | float | Decimal) else value
        is_label = (
            isinstance(text, str) and 0 < len(key) <= MAX_LABEL_KEY and len(text) <= MAX_LABEL_VALUE
        )
        if key in given and is_label:
            continue
        if is_label and len(made) < MAX_LABELS:
            made[key] = text
        else:
            left[key] = value
    return made, left or None


def user(payload: Payload) -> str:
    """Whoever the caller asks for, in the caller's own words; "" for nobody."""
    given = payload.get("user")
    if isinstance(given, int | float | Decimal) and not isinstance(given, bool):
        given = dumps(given).decode()  # as some number their users
    return check_text(given, field="user", longest=MAX_USER)


def options(payload: Payload) -> dict[str, Any]:
    """What the provider is to get, as it came, nulls and all: what is right is its to say."""
    found = {name: value for name, value in payload.items() if name not in _OURS}
    counting = payload.get("stream_options")
    if payload.get("stream") and isinstance(counting, dict) and counting.keys() - {"include_usage"}:
        # Tokens are counted whether or not the caller is told.
        found["stream_options"] = {**counting, "include_usage": True}
    tools = found.get("tools")
    if isinstance(tools, list) and any(map(_is_of_the_sdk, tools)):
        found["tools"] = [tool for tool in tools if not _is_of_the_sdk(tool)]
        if not found["tools"]:
            del found["tools"]
    return found


def _is_of_the_sdk(tool: object) -> bool:
    """Whether it is one of the SDK's own tools, which are not a provider's."""
    return isinstance(tool, dict) and tool.keys() == _TOOL_OF_THE_SDK
