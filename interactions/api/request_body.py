"""The body of a request to the API: read once, and checked member by member.

What each address takes is described in `docs/api.md` and `docs/chat.md`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from adaptive_site.lib.concurrency.database_threads import in_database, in_thread
from adaptive_site.lib.concurrency.shares import Shares
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.exact_json import dumps
from adaptive_site.lib.http.direct import DirectRequest
from adaptive_site.lib.openapi.members import OptionalMember, RequestShape
from interactions.api.bodies import ChatBody, InProjectBody, ToModelBody
from interactions.api.kinds import IDEMPOTENCY_KEY, NAME, FeedbackItem, StreamOptions
from interactions.services.recording.drafts import (
    MAX_LABEL_KEY,
    MAX_LABEL_VALUE,
    MAX_LABELS,
    FeedbackDraft,
    check_value,
    parse_json,
)
from interactions.services.recording.idempotency import IDEMPOTENCY_HEADER, KeyedResult, once
from projects.models import Llm, Metric, Project
from projects.services.access import CREATE, Caller
from projects.services.cached_lookups import caller_of, default_llm_of, project_of, resolve

Payload = dict[str, Any]

# From here on, parsing JSON takes longer than handing it to a thread and back (0.1 ms).
LARGE_BODY = 64 * 1024
# Each holds a connection to a provider, of which this process has 1,000 for everybody.
UNFINISHED = Shares(128, "unfinished requests to models")
# Members that are for us, or that the SDK's request type has and no one uses; every other one
# goes to the provider as it is.
_NOT_THE_PROVIDERS = frozenset(
    (
        "model", "messages", "stream", "stream_options", "session_id", "user", "labels",
        "metadata", "store", "ab_campaign", "max_ttft_ms", "constrained_decoding",
        "system_prompt_args", "tags", "use_tools",
    )
)  # fmt: skip
_MEMBERS_OF_SDK_TOOLS = {"id", "enabled"}


class IdempotencyHeaders(RequestShape):
    """Headers of a request that is safe to send again."""

    key = OptionalMember(
        IDEMPOTENCY_KEY, "The request is done once under it.", name=IDEMPOTENCY_HEADER
    )


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A JSON object, and who sent it.

    `nul_replaced` says that NULs in the object became U+FFFD; `headers`, which are those of the
    request, have lower-case names.
    """

    caller: Caller
    payload: Payload
    nul_replaced: bool
    headers: Mapping[str, str]

    @property
    def idempotency_key(self) -> str | None:
        """The name of the request among the caller's, if it has one. Raises Invalid."""
        given = self.headers.get(IDEMPOTENCY_HEADER.lower())
        return given and IDEMPOTENCY_KEY.check(given, field=IDEMPOTENCY_HEADER)

    async def once(
        self, project: Project, kind: str, make: Callable[[], UUID | KeyedResult]
    ) -> KeyedResult:
        """Do `make`; once for each Idempotency-Key, if the request has one."""
        key, by = self.idempotency_key, self.caller.user
        if key is None:
            made = await in_database(make)
            return made if isinstance(made, KeyedResult) else KeyedResult(made, is_new=True)
        return await in_database(
            once, project, make, by=by, kind=kind, key=key, payload=self.payload
        )


async def read(request: DirectRequest, *, is_lenient: bool = False) -> RequestBody:
    """The body of a request with a good key. Raises Unauthenticated or Invalid.

    Where `is_lenient`, as `parse_json` says it, a JSON string with the object in it is read too:
    two versions of the SDK send one for embeddings.
    """
    caller = await caller_of(request.headers.get("authorization", ""))
    payload, nul_replaced = await _parsed(request.body, is_lenient=is_lenient)
    if is_lenient and isinstance(payload, str):
        payload, nul_replaced = await _parsed(payload.encode(), is_lenient=True)
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object")
    return RequestBody(caller, payload, nul_replaced, request.headers)


async def _parsed(raw: bytes, *, is_lenient: bool) -> tuple[Any, bool]:
    if len(raw) < LARGE_BODY:
        return parse_json(raw, is_lenient=is_lenient)
    return await in_thread(parse_json, raw, is_lenient=is_lenient)


async def project(body: RequestBody, permission: str) -> Project:
    """The project named by `project`, or by `use_case` as clients before 0.13 say."""
    is_older = body.payload.get("project") is None and "use_case" in body.payload
    named = InProjectBody.use_case if is_older else InProjectBody.project
    name = NAME.check(named.of(body.payload), field=named.name)
    return await project_of(body.caller, name, permission)


def feedback(payload: Payload, metric: Metric, *, prefix: str = "") -> FeedbackDraft:
    """`value` with `details`, `reason` and `created_at`, under `metric`."""
    if "value" not in payload:
        raise Invalid("expected a value", field=f"{prefix}value")
    given = FeedbackItem.value.of(payload, prefix=prefix)
    return FeedbackDraft(
        metric=metric,
        value=check_value(metric, given, field=f"{prefix}value"),
        details=FeedbackItem.details.of(payload, prefix=prefix) or "",
        reason=FeedbackItem.reason.of(payload, prefix=prefix) or "",
        created_at=FeedbackItem.created_at.of(payload, prefix=prefix),
    )


async def model(body: RequestBody) -> tuple[Project, Llm]:
    """What `model` names: `project/model`, or a project, whose default model is meant.

    Ids and keys will do for both; the model's part may itself hold a `/`.
    """
    first, slash, rest = ToModelBody.model.of(body.payload).partition("/")
    found = await project_of(body.caller, first, CREATE)
    if not slash:
        return found, await default_llm_of(found, field="model")
    return found, (await resolve(body.caller, found, llms={rest: ""})).llms[rest]


def wants_usage(payload: Payload) -> bool:
    """Whether the counts of tokens are to follow a stream."""
    given = ChatBody.stream_options.of(payload)
    return bool(given and StreamOptions.include_usage.of(given))


def labels_and_metadata(payload: Payload) -> tuple[dict[str, str], Any]:
    """`labels`, and `metadata`, which is what OpenAI's clients have for labels.

    Numbers and booleans in `metadata` become the texts JSON has for them. What can be no label
    comes second, as it came; None when there is none.
    """
    given = ChatBody.labels.of(payload) or {}
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


def options(payload: Payload) -> dict[str, Any]:
    """What the provider is to get, as it came, nulls and all: the provider says what is wrong."""
    found = {name: value for name, value in payload.items() if name not in _NOT_THE_PROVIDERS}
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
    """Whether a tool is one of the SDK's own, which are not a provider's."""
    return isinstance(tool, dict) and tool.keys() == _MEMBERS_OF_SDK_TOOLS
