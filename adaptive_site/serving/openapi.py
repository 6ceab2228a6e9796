"""`GET /api/v1/openapi.json`: what programs may ask of this site, made from its routes."""

from functools import lru_cache
from hashlib import blake2b

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, get_script_prefix
from django.utils.cache import get_conditional_response

from adaptive_site.lib.openapi.document import document

API = "/api/"
ABOUT = (
    "Log, label and read interactions with language models, and ask models. Keys are made on the"
    " Connect page of a project. A refusal names the member at fault and what was expected, and"
    " stores nothing."
)


@lru_cache(4)
def rendered(prefix: str) -> tuple[bytes, str]:
    """The document of a site below `prefix`, and its ETag; made once (50 ms)."""
    made = document(
        get_resolver().url_patterns,
        under=API,
        info={"title": "Adaptive site", "version": "1", "description": ABOUT},
        servers=[{"url": prefix}],
    )
    raw = orjson.dumps(made)
    return raw, f'"{blake2b(raw, digest_size=12).hexdigest()}"'


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    raw, etag = rendered(get_script_prefix().rstrip("/") or "/")
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(raw, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"  # asked for again, and mostly answered 304
    return response
