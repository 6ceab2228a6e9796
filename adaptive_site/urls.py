"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from adaptive_site.console import keys, models, work
from adaptive_site.console.pages import status
from adaptive_site.lib.http.late_view import late_view
from adaptive_site.lib.http.methods import by_method
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from adaptive_site.serving.health import favicon, healthz
from adaptive_site.styleguide import design
from interactions.api.graphql import operation as graphql_operation
from interactions.urls import api_fallback
from projects.web.account import AdminLogIn, LogOut

handler400 = "adaptive_site.lib.http.error_middleware.unreadable"
handler500 = "adaptive_site.lib.http.error_middleware.failed"
# With graphql-core, ariadne and the schema: 145 ms of processor time and 9 MB.
graphql = by_method(POST=graphql_operation.described(late_view("adaptive_site.graphql.graphql")))
document_operation = operation(
    "This document",
    title="This document",
    answers={
        "200": DescribedAnswer(
            "OpenAPI 3.1.", json({"type": "object", "required": ["openapi", "paths"]})
        ),
        "304": DescribedAnswer("You have it already."),
    },
    is_public=True,
)
# With pydantic's schemas.
openapi = by_method(GET=document_operation(late_view("adaptive_site.serving.openapi.openapi")))
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/graphql", graphql, name="api-graphql"),
    path("api/v1/openapi.json", openapi, name="api-document"),
    # Pages name their icon; the admin console, and browsers by themselves, ask for this one.
    path("favicon.ico", favicon),
    path("design/", design, name="design"),
    path("console/", status, name="console"),
    path("console/keys/", keys.keys, name="console-keys"),
    path("console/keys/revoke/", keys.revoke, name="console-revoke-keys"),
    path("console/models/", models.models, name="console-models"),
    path("console/models/<uuid:id>/", models.model, name="console-model"),
    path("console/models/<uuid:id>/disable/", models.disable, name="console-disable-model"),
    path("console/models/<uuid:id>/try/", models.try_it, name="console-try-model"),
    path("console/jobs/", work.work, name="console-work"),
    path("console/jobs/act/", work.act, name="console-act-on-work"),
    path("console/jobs/progress/", work.progress, name="console-work-progress"),
    path("metrics", late_view("adaptive_site.console.prometheus.metrics"), name="metrics"),
    path("admin/login/", AdminLogIn.as_view()),  # in place of the console's own
    path("admin/logout/", LogOut.as_view()),
    path("admin/", admin.site.urls),
    path("", include("projects.urls")),
    path("", include("adaptive_site.serving.direct_routes")),
    path("", include("interactions.urls")),
    *api_fallback,
]
