"""What every POST of the REST API begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adaptive_site.lib.concurrency.database_threads import in_thread
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.direct import DirectRequest
from interactions.services.recording.drafts import MAX_EXTERNAL_ID, check_text, parse_json
from interactions.services.recording.idempotency import HEADER
from projects.services.access import Caller
from projects.services.cached_lookups import caller_of

# From here on, parsing JSON takes longer than handing it to a thread and back (0.1 ms).
_LARGE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """A request whose key was good and whose body is a JSON object.

    `nul_replaced` says that NULs in it became U+FFFD; `headers` have lower-case names.
    """

    caller: Caller
    payload: dict[str, Any]
    nul_replaced: bool
    headers: Mapping[str, str]

    @property
    def idempotency_key(self) -> str | None:
        """The name of this request among the caller's, if it has one. Raises Invalid."""
        given = self.headers.get(HEADER.lower())
        return check_text(given, field=HEADER, longest=MAX_EXTERNAL_ID) or None


async def posted(request: DirectRequest) -> Posted:
    """Who asks, and what they sent. Raises Unauthenticated or Invalid."""
    caller = await caller_of(request.headers.get("authorization", ""))
    if len(request.body) < _LARGE:
        payload, nul_replaced = parse_json(request.body)
    else:
        payload, nul_replaced = await in_thread(parse_json, request.body)
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object")
    return Posted(caller, payload, nul_replaced, request.headers)
