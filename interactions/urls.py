"""Addresses of interactions: pages, fragments of pages, and the REST API."""

from django.urls import path

from interactions.api import comparisons, fallback, feedback
from interactions.api import interactions as api_interactions
from interactions.web import detail, facets, histogram, images, labels, listing
from interactions.web import feedback as web_feedback

_PROJECT = "projects/<slug:key>/interactions/"
_ONE = f"{_PROJECT}<uuid:id>/"
_IMAGES = "api/v1/images/<uuid:project>/"

urlpatterns = [
    path(_PROJECT, listing.interactions, name="interactions"),
    path(f"{_PROJECT}count/", listing.matching, name="interactions-count"),
    path(f"{_PROJECT}histogram/", histogram.histogram, name="interactions-histogram"),
    path(f"{_PROJECT}facets/", facets.facets, name="interactions-facets"),
    path(f"{_PROJECT}models/", facets.models, name="interactions-models"),
    path("api/v1/interactions", api_interactions.create, name="api-interactions"),
    path("api/v1/feedback", feedback.create, name="api-feedback"),
    path("api/v1/comparison", comparisons.create, name="api-comparison"),
    path(_ONE, detail.interaction, name="interaction"),
    path(f"{_ONE}raw/", detail.raw, name="interaction-raw"),
    path(f"{_ONE}feedback/", web_feedback.give, name="give-feedback"),
    path(
        f"{_ONE}feedback/<uuid:feedback_id>/withdraw/",
        web_feedback.withdraw,
        name="withdraw-feedback",
    ),
    path(f"{_ONE}labels/", labels.label, name="label"),
    path(f"{_ONE}labels/remove/", labels.unlabel, name="unlabel"),
    path(f"{_IMAGES}<str:sha256>.thumb.webp", images.thumbnail, name="thumbnail"),
    path(f"{_IMAGES}<str:sha256>.<str:extension>", images.image, name="image"),
]
# Every other address under /api/ answers in JSON, not with a page; the roof puts it last.
api_fallback = [path("api/<path:rest>", fallback.not_found, name="api-fallback")]
