"""The addresses that are answered before Django."""

from adaptive_site.lib.http.direct import HotHandler
from interactions.api.openai import chat, embeddings
from interactions.api.rest import comparisons, feedback, interactions
from interactions.web.listing import live
from projects.services.cached_lookups import caller_of

# By method and path. `interactions.urls` routes the same handlers through Django, for tests
# and for the other methods.
HANDLERS: dict[tuple[str, str], HotHandler] = {
    ("POST", "/api/v1/chat/completions"): chat.complete,
    ("POST", "/api/v1/embeddings"): embeddings.embed,
    ("POST", "/api/v1/interactions"): interactions.create,
    ("POST", "/api/v1/feedback"): feedback.create,
    ("POST", "/api/v1/comparison"): comparisons.create,
    # Only here: a stream through Django would hold a thread to its end.
    ("GET", live.STREAM_PATH): live.stream,
}


async def identify(authorization: str) -> str:
    """The user whose key is in an Authorization header. Raises Unauthenticated."""
    return f"user {(await caller_of(authorization)).user.pk}"
