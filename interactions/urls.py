"""Addresses of interactions: pages, fragments of pages, and the REST API."""

from django.urls import path

from adaptive_site.lib.http.direct_view import as_view
from interactions.api import (
    chat,
    comparisons,
    embeddings,
    fallback,
    feedback,
    openai_completions,
    openai_models,
)
from interactions.api import interactions as api_interactions
from interactions.api.methods import by_method
from interactions.web import (
    acts,
    complete,
    count,
    detail,
    empty,
    exporting,
    facets,
    first,
    gallery,
    groups,
    histogram,
    history,
    images,
    labels,
    listing,
    live,
    pairs,
    plain,
    preparing,
    review,
    selections,
    session,
    sessions,
    siblings,
    system,
    times,
    trends,
    views,
    why,
)
from interactions.web import feedback as web_feedback
from interactions.web.going.page import go

_PROJECT = "projects/<slug:key>/interactions/"
_ONE = f"{_PROJECT}<uuid:id>/"
_SELECTIONS = "projects/<slug:key>/selections/"
_SELECTION = f"{_SELECTIONS}<uuid:uuid>/"
_ACTS = "projects/<slug:key>/acts/"
_CHAT = "api/v1/chat/completions"
_IMAGES = "api/v1/images/<uuid:project>/"

urlpatterns = [
    path("go/", go, name="go"),
    path(_PROJECT, listing.interactions, name="interactions"),
    path(f"{_PROJECT}count/", count.count, name="interactions-count"),
    path(f"{_PROJECT}judged/", count.judged, name="interactions-judged"),
    path(f"{_PROJECT}new/", live.new, name="interactions-new"),
    path(f"{_PROJECT}histogram/", histogram.histogram, name="interactions-histogram"),
    path(f"{_PROJECT}facets/", facets.facets, name="interactions-facets"),
    path(f"{_PROJECT}facet/", facets.facet, name="interactions-facet"),
    path(f"{_PROJECT}calendar/", times.calendar, name="interactions-calendar"),
    path(f"{_PROJECT}complete/", complete.complete, name="interactions-complete"),
    path(f"{_PROJECT}empty/", empty.empty, name="interactions-empty"),
    path(f"{_PROJECT}why/", why.why, name="interactions-why"),
    path(f"{_PROJECT}models/", facets.models, name="interactions-models"),
    path("projects/<slug:key>/pairs/", pairs.pairs, name="pairs"),
    path("projects/<slug:key>/pairs/judge/", pairs.judge, name="pairs-judge"),
    path("projects/<slug:key>/pairs/undo/", pairs.undo, name="pairs-undo"),
    path("projects/<slug:key>/review/", review.review, name="review"),
    path("projects/<slug:key>/review/give/", review.give, name="review-give"),
    path("projects/<slug:key>/review/undo/", review.undo, name="review-undo"),
    path("projects/<slug:key>/groups/", groups.groups, name="groups"),
    path("projects/<slug:key>/feedback/", trends.feedback, name="feedback"),
    path("projects/<slug:key>/images/", gallery.images, name="images"),
    path("projects/<slug:key>/images/<str:sha256>/", gallery.picture, name="picture"),
    path(f"{_PROJECT}first/", first.first, name="first-interaction"),
    path(f"{_PROJECT}first/key/", first.make_key, name="first-key"),
    path(f"{_PROJECT}display/", views.display, name="display"),
    path(f"{_PROJECT}views/", views.shelf, name="views"),
    path(f"{_PROJECT}views/save/", views.save, name="save-view"),
    path(f"{_PROJECT}views/begin/", views.begin, name="begin-with-view"),
    path(f"{_PROJECT}views/<uuid:id>/", views.show, name="view"),
    path(f"{_PROJECT}views/<uuid:id>/update/", views.update, name="update-view"),
    path(f"{_PROJECT}views/<uuid:id>/change/", views.change, name="change-view"),
    path(f"{_PROJECT}views/<uuid:id>/delete/", views.delete, name="delete-view"),
    path(_SELECTIONS, selections.create, name="selections"),
    path(_SELECTION, selections.selection, name="selection"),
    path(f"{_SELECTION}narrow/", selections.narrow, name="selection-narrow"),
    path(f"{_SELECTION}export/", exporting.export, name="selection-export"),
    path(f"{_SELECTION}export/<slug:format>/", exporting.download, name="selection-download"),
    path(f"{_SELECTION}<slug:kind>/", preparing.prepare, name="selection-act"),
    path(_ACTS, acts.listed, name="acts"),
    path(f"{_ACTS}last/", acts.last, name="last-act"),
    path(f"{_ACTS}<uuid:uuid>/", acts.act, name="act"),
    path(f"{_ACTS}<uuid:uuid>/undo/", acts.undo, name="undo-act"),
    path(f"{_ACTS}<uuid:uuid>/resume/", acts.resume, name="resume-act"),
    path(f"{_ACTS}<uuid:uuid>/touched/", acts.touched, name="touched-by-act"),
    path("api/v1/interactions", as_view(api_interactions.create), name="api-interactions"),
    path("api/v1/feedback", as_view(feedback.create), name="api-feedback"),
    path("api/v1/comparison", as_view(comparisons.create), name="api-comparison"),
    path("api/v1/models", openai_models.models, name="api-models"),
    path("api/v1/models/<path:id>", openai_models.model, name="api-model"),
    path(
        _CHAT,
        by_method(GET=openai_completions.list_completions, POST=as_view(chat.complete)),
        name="api-completions",
    ),
    path("api/v1/embeddings", as_view(embeddings.embed), name="api-embeddings"),
    path(f"{_CHAT}/<str:id>", openai_completions.completion, name="api-completion"),
    path(f"{_CHAT}/<str:id>/messages", openai_completions.messages, name="api-completion-messages"),
    path(_ONE, detail.interaction, name="interaction"),
    path(f"{_ONE}raw/", detail.raw, name="interaction-raw"),
    path(f"{_ONE}text/", plain.text, name="interaction-text"),
    path(f"{_ONE}system/", system.system, name="interaction-system"),
    path(f"{_ONE}history/", history.history, name="interaction-history"),
    path(f"{_ONE}siblings/", siblings.siblings, name="siblings"),
    path("projects/<slug:key>/sessions/", sessions.sessions, name="sessions"),
    path("projects/<slug:key>/sessions/<uuid:session>/", session.session, name="session"),
    path(f"{_ONE}verdicts/", web_feedback.section, name="verdicts"),
    path(f"{_ONE}feedback/", web_feedback.give, name="give-feedback"),
    path(
        f"{_ONE}feedback/<uuid:feedback_id>/withdraw/",
        web_feedback.withdraw,
        name="withdraw-feedback",
    ),
    path(f"{_ONE}labels/", labels.label, name="label"),
    path(f"{_ONE}labels/remove/", labels.unlabel, name="unlabel"),
    *(
        path(f"{_IMAGES}<str:sha256>.{size}.webp", images.thumbnail, {"size": size}, name=size)
        for size in ("thumb", "icon")
    ),
    path(f"{_IMAGES}<str:sha256>.<str:extension>", images.image, name="image"),
]
# Every other address under /api/ answers in JSON, not with a page; the roof puts it last.
api_fallback = [path("api/<path:rest>", fallback.not_found, name="api-fallback")]
