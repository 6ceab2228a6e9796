"""The addresses that are answered before Django, and the same ones as Django's routes."""

from django.urls import path

from adaptive_site.lib.http.direct import DirectHandler
from adaptive_site.lib.http.direct_view import as_view
from adaptive_site.lib.openapi.methods import by_method
from interactions.api.openai import chat, embeddings, stored
from interactions.api.rest import comparisons, feedback, interactions, uploads
from interactions.services.uploads import parts
from interactions.web.listing import live
from projects.services.cached_lookups import identified

POSTED: dict[str, DirectHandler] = {
    "/api/v1/chat/completions": chat.complete,
    "/api/v1/embeddings": embeddings.embed,
    "/api/v1/interactions": interactions.create,
    "/api/v1/feedback": feedback.create,
    "/api/v1/comparison": comparisons.create,
}
HANDLERS: dict[tuple[str, str], DirectHandler] = {
    **{("POST", address): handler for address, handler in POSTED.items()},
    # Only here: a stream through Django would hold a thread to its end.
    ("GET", live.STREAM_PATH): live.stream,
}
# Here we wait for a provider's answer, or for rows, and hardly work meanwhile.
ELSEWHERE = frozenset(("/api/v1/chat/completions", "/api/v1/embeddings", live.STREAM_PATH))
# Bodies that are larger than others', which Django keeps in a file of its own while they come.
BODY_BYTES = {uploads.PART_PATH: parts.MAX_PART_BYTES}
# What Django answers at the same addresses; the server never comes to a view with a POST.
OTHER_METHODS = {"/api/v1/chat/completions": {"GET": stored.list_completions}}
urlpatterns = [
    path(address[1:], by_method(**OTHER_METHODS.get(address, {}), POST=as_view(handler)))
    for address, handler in POSTED.items()
]


async def identify(authorization: str) -> str:
    """The user whose key is in an Authorization header. Raises Unauthenticated."""
    return f"user {(await identified(authorization)).user.pk}"
