"""Addresses of interactions: pages, fragments of pages, and what of the REST API Django answers."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from adaptive_site.lib.http.late_view import late_view
from interactions.api import fallback
from interactions.api.openai import models, stored
from interactions.api.rest import downloads
from interactions.api.rest import uploads as rest_uploads
from interactions.web.auditing import page as audit_page
from interactions.web.auditing import seen_by
from interactions.web.building import builder
from interactions.web.bulk import actions, prepare, selections, undo
from interactions.web.charts import histogram, trends
from interactions.web.datasets import changes as dataset_changes
from interactions.web.datasets import figures as dataset_figures
from interactions.web.datasets import lineage as dataset_lineage
from interactions.web.datasets import listing as datasets_listing
from interactions.web.datasets import record as dataset_record
from interactions.web.datasets import record_facets as dataset_facets
from interactions.web.datasets import records as dataset_records
from interactions.web.datasets import review as dataset_review
from interactions.web.datasets import settings as dataset_settings
from interactions.web.datasets import versions_page as dataset_versions
from interactions.web.exporting import dataset as dataset_export
from interactions.web.exporting import job_file
from interactions.web.exporting import selection as selection_export
from interactions.web.facets import panel
from interactions.web.filtering import calendar, completion, no_matches, why
from interactions.web.go_to.page import go
from interactions.web.groups import compare as groups_compare
from interactions.web.groups import page as groups_page
from interactions.web.groups import selecting as groups_selecting
from interactions.web.guide import query_syntax, tour
from interactions.web.images import files, gallery
from interactions.web.importing import file as import_file
from interactions.web.importing import page as import_page
from interactions.web.importing import refused as import_refused
from interactions.web.interaction import feedback as web_feedback
from interactions.web.interaction import (
    history,
    labels,
    plain_text,
    raw_json,
    seen,
    siblings,
    system_prompt,
)
from interactions.web.interaction import page as interaction_page
from interactions.web.jobs import page as job_page
from interactions.web.judging import pairs, review
from interactions.web.listing import count, first_steps, live, menus, percentiles, views
from interactions.web.listing import page as listing_page
from interactions.web.project import life, llms, metrics, prices, project_list, settings
from interactions.web.sessions import list as sessions_list
from interactions.web.sessions import transcript
from interactions.web.uploads import parts as web_uploads

_PROJECT = "projects/<slug:key>/"
_INTERACTIONS = f"{_PROJECT}interactions/"
_ONE = f"{_INTERACTIONS}<uuid:id>/"
_SELECTIONS = f"{_PROJECT}selections/"
_SELECTION = f"{_SELECTIONS}<uuid:uuid>/"
_BULK_ACTIONS = f"{_PROJECT}bulk-actions/"
_UPLOADS = f"{_PROJECT}uploads/"
_DATASETS = f"{_PROJECT}datasets/"
_DATASET = f"{_DATASETS}<slug:dataset>/"
_JOBS = f"{_PROJECT}jobs/"
_IMPORT = f"{_PROJECT}import/"
_CHAT = "api/v1/chat/completions"
_IMAGES = "api/v1/images/<uuid:project>/"

urlpatterns = [
    path("", project_list.projects, name="projects"),
    path("projects/new/", project_list.new_project, name="new-project"),
    path("go/", go, name="go"),
    path("tour/", tour.tour, name="tour"),
    path(_INTERACTIONS, listing_page.interactions, name="interactions"),
    path(f"{_INTERACTIONS}count/", count.count, name="interactions-count"),
    path(
        f"{_INTERACTIONS}feedback-counts/",
        count.feedback_counts,
        name="interactions-feedback-counts",
    ),
    path(f"{_INTERACTIONS}percentiles/", percentiles.percentiles, name="interactions-percentiles"),
    path(f"{_INTERACTIONS}seen/", seen.seen, name="interactions-seen"),
    path(f"{_INTERACTIONS}new/", live.new, name="interactions-new"),
    path(f"{_INTERACTIONS}histogram/", histogram.histogram, name="interactions-histogram"),
    path(f"{_INTERACTIONS}facets/", panel.facets, name="interactions-facets"),
    path(f"{_INTERACTIONS}facet/", panel.facet, name="interactions-facet"),
    path(f"{_INTERACTIONS}calendar/", calendar.calendar, name="interactions-calendar"),
    path(f"{_INTERACTIONS}add-filter/", menus.add_filter, name="add-filter"),
    path(f"{_INTERACTIONS}view-menu/", menus.view_menu, name="view-menu"),
    path(f"{_INTERACTIONS}column-menu/", menus.column_menu, name="column-menu"),
    path(f"{_INTERACTIONS}syntax/", query_syntax.query_syntax, name="query-syntax"),
    path(f"{_INTERACTIONS}complete/", completion.complete, name="interactions-complete"),
    path(f"{_INTERACTIONS}empty/", no_matches.no_matches, name="interactions-empty"),
    path(f"{_INTERACTIONS}why/", why.why, name="interactions-why"),
    path(f"{_INTERACTIONS}models/", panel.models, name="interactions-models"),
    path(f"{_PROJECT}pairs/", pairs.pairs, name="pairs"),
    path(f"{_PROJECT}pairs/prefer/", pairs.prefer, name="pairs-prefer"),
    path(f"{_PROJECT}pairs/undo/", pairs.undo, name="pairs-undo"),
    path(f"{_PROJECT}review/", review.review, name="review"),
    path(f"{_PROJECT}review/give/", review.give, name="review-give"),
    path(f"{_PROJECT}review/undo/", review.undo, name="review-undo"),
    path(f"{_PROJECT}groups/", groups_page.groups, name="groups"),
    path(f"{_PROJECT}groups/compare/", groups_compare.compare, name="groups-compare"),
    path(f"{_PROJECT}groups/open/", groups_compare.open_groups, name="groups-open"),
    path(f"{_PROJECT}groups/to-dataset/", groups_selecting.to_dataset, name="groups-to-dataset"),
    path(f"{_PROJECT}feedback/", trends.feedback, name="feedback"),
    path(f"{_PROJECT}images/", gallery.images, name="images"),
    path(f"{_PROJECT}images/<str:sha256>/", gallery.image_page, name="image-page"),
    path(f"{_INTERACTIONS}first/", first_steps.first, name="first-interaction"),
    path(f"{_INTERACTIONS}first/key/", first_steps.make_key, name="first-key"),
    path(f"{_INTERACTIONS}display/", views.display, name="display"),
    path(f"{_INTERACTIONS}density/", views.density, name="density"),
    path(f"{_INTERACTIONS}views/", views.views, name="views"),
    path(f"{_INTERACTIONS}views/save/", views.save, name="save-view"),
    path(f"{_INTERACTIONS}views/begin/", views.begin, name="begin-with-view"),
    path(f"{_INTERACTIONS}views/<uuid:id>/", views.show, name="view"),
    path(f"{_INTERACTIONS}views/<uuid:id>/update/", views.update, name="update-view"),
    path(f"{_INTERACTIONS}views/<uuid:id>/change/", views.change, name="change-view"),
    path(f"{_INTERACTIONS}views/<uuid:id>/delete/", views.delete, name="delete-view"),
    path(f"{_PROJECT}models/", llms.models, name="models"),
    path(f"{_PROJECT}models/register/", llms.register, name="register-model"),
    path(f"{_PROJECT}models/attach/", llms.attach, name="attach-model"),
    path(f"{_PROJECT}models/<uuid:id>/detach/", llms.detach, name="detach-model"),
    path(f"{_PROJECT}models/<uuid:id>/default/", llms.set_default, name="default-model"),
    path(f"{_PROJECT}models/<uuid:id>/online/", llms.set_online, name="online-model"),
    path(f"{_PROJECT}models/<uuid:id>/prices/", prices.prices, name="model-prices"),
    path(f"{_PROJECT}models/<uuid:id>/share/", llms.share, name="share-model"),
    path(f"{_PROJECT}metrics/", metrics.metrics, name="metrics"),
    path(f"{_PROJECT}metrics/create/", metrics.create, name="create-metric"),
    path(f"{_PROJECT}metrics/<uuid:id>/", metrics.edit, name="metric"),
    path(f"{_PROJECT}metrics/<uuid:id>/link/", metrics.link, name="link-metric"),
    path(f"{_PROJECT}settings/", settings.settings, name="settings"),
    path(
        f"{_PROJECT}settings/masking/",
        late_view("interactions.web.project.masking.masking"),
        name="masking",
    ),
    path(
        f"{_PROJECT}settings/retention/",
        late_view("interactions.web.project.retention.retention"),
        name="retention",
    ),
    path(
        f"{_PROJECT}settings/holds/",
        late_view("interactions.web.project.holds.place"),
        name="place-hold",
    ),
    path(
        f"{_PROJECT}settings/holds/<int:id>/lift/",
        late_view("interactions.web.project.holds.lift"),
        name="lift-hold",
    ),
    path(
        f"{_PROJECT}settings/erasure/",
        late_view("interactions.web.project.erasure.erasure"),
        name="erasure",
    ),
    path(f"{_PROJECT}settings/name/", life.rename, name="rename-project"),
    path(f"{_PROJECT}settings/archive/", life.archive, name="archive-project"),
    path(f"{_PROJECT}settings/delete/", life.delete, name="delete-project"),
    path(f"{_PROJECT}settings/primary-metric/", settings.primary_metric, name="primary-metric"),
    path(f"{_PROJECT}datasets/new/", builder.builder, name="dataset-builder"),
    path(f"{_PROJECT}audit/", audit_page.audit, name="audit"),
    path(f"{_PROJECT}audit/export/<slug:format>/", audit_page.export, name="audit-export"),
    path("console/audit/", audit_page.server_audit, name="server-audit"),
    path(
        "console/audit/export/<slug:format>/",
        audit_page.server_export,
        name="server-audit-export",
    ),
    path(_SELECTIONS, selections.create, name="selections"),
    path(_SELECTION, selections.selection, name="selection"),
    path(f"{_SELECTION}narrow/", selections.narrow, name="selection-narrow"),
    path(f"{_SELECTION}export/", selection_export.export, name="selection-export"),
    path(f"{_SELECTION}export/make/", selection_export.make, name="make-selection-file"),
    path(
        f"{_SELECTION}export/<slug:format>/", selection_export.download, name="selection-download"
    ),
    path(f"{_DATASET}export/", dataset_export.export, name="dataset-export"),
    path(f"{_DATASET}export/make/", dataset_export.make, name="make-dataset-file"),
    path(f"{_DATASET}export/<slug:format>/", dataset_export.download, name="dataset-download"),
    path(f"{_PROJECT}exports/<uuid:uuid>/", job_file.file, name="export-file"),
    path(f"{_PROJECT}exports/<uuid:uuid>/sha256/", job_file.sha256, name="export-sha256"),
    path(f"{_SELECTION}<slug:kind>/", prepare.prepare, name="prepare-bulk-action"),
    path(_BULK_ACTIONS, actions.listing, name="bulk-actions"),
    path(f"{_BULK_ACTIONS}<uuid:uuid>/", actions.bulk_action, name="bulk-action"),
    path(f"{_BULK_ACTIONS}<uuid:uuid>/undo/", actions.undo, name="undo-bulk-action"),
    path(f"{_BULK_ACTIONS}<uuid:uuid>/resume/", actions.resume, name="resume-bulk-action"),
    path(f"{_BULK_ACTIONS}<uuid:uuid>/changed/", actions.changed, name="select-changed"),
    path(f"{_PROJECT}undo/", undo.undo_last, name="undo-last"),
    path(_DATASETS, datasets_listing.datasets, name="datasets"),
    path(
        f"{_DATASETS}deleted/<uuid:id>/restore/", datasets_listing.restore, name="restore-dataset"
    ),
    path(_DATASET, dataset_records.records, name="dataset"),
    path(f"{_DATASET}facets/", dataset_facets.facets, name="dataset-facets"),
    path(f"{_DATASET}records/change/", dataset_changes.change, name="change-dataset-records"),
    path(f"{_DATASET}records/correct/", dataset_changes.correct, name="correct-dataset-record"),
    path(f"{_DATASET}records/undo/", dataset_changes.undo, name="undo-dataset-change"),
    path(
        f"{_DATASET}records/of/<uuid:interaction>/",
        dataset_record.of_interaction,
        name="dataset-record-of",
    ),
    path(f"{_DATASET}records/<uuid:item>/", dataset_record.record, name="dataset-item"),
    path(f"{_DATASET}records/<uuid:item>/json/", dataset_record.as_json, name="dataset-item-json"),
    path(f"{_DATASET}figures/", dataset_figures.figures, name="dataset-figures"),
    path(f"{_DATASET}versions/", dataset_versions.listing, name="dataset-versions"),
    path(f"{_DATASET}versions/make/", dataset_versions.make, name="make-dataset-version"),
    path(f"{_DATASET}versions/compare/", dataset_versions.diff, name="dataset-version-diff"),
    path(f"{_DATASET}lineage/", dataset_lineage.lineage, name="dataset-lineage"),
    path(f"{_DATASET}lineage/<int:id>/undo/", dataset_lineage.undo, name="undo-dataset-batch"),
    path(f"{_DATASET}lineage/<int:id>/redo/", dataset_lineage.redo, name="redo-dataset-batch"),
    path(f"{_DATASET}settings/", dataset_settings.settings, name="dataset-settings"),
    path(f"{_DATASET}log/", dataset_settings.log, name="log-dataset"),
    path(f"{_DATASET}growth/", dataset_settings.grow, name="grow-dataset"),
    path(f"{_DATASET}delete/", dataset_settings.delete, name="delete-dataset"),
    path(f"{_DATASET}review/", dataset_review.review, name="dataset-review"),
    path(f"{_DATASET}review/decide/", dataset_review.decide, name="dataset-review-decide"),
    path(f"{_DATASET}review/undo/", dataset_review.undo, name="dataset-review-undo"),
    path(_JOBS, job_page.listing, name="jobs"),
    path(f"{_JOBS}<uuid:uuid>/", job_page.job, name="job"),
    path(f"{_JOBS}<uuid:uuid>/cancel/", job_page.cancel, name="cancel-job"),
    path(f"{_JOBS}<uuid:uuid>/retry/", job_page.retry, name="retry-job"),
    # What bulk actions were called before 0.2: addresses that people may have kept.
    path(
        f"{_PROJECT}acts/",
        RedirectView.as_view(
            pattern_name="bulk-actions", query_string=True, http_method_names=["get", "head"]
        ),
    ),
    path(
        f"{_PROJECT}acts/<uuid:uuid>/",
        RedirectView.as_view(
            pattern_name="bulk-action", query_string=True, http_method_names=["get", "head"]
        ),
    ),
    path(_IMPORT, import_page.imports, name="import"),
    path(f"{_IMPORT}<uuid:id>/", import_file.file, name="import-file"),
    path(f"{_IMPORT}<uuid:id>/begin/", import_file.begin, name="begin-import"),
    path(f"{_IMPORT}<uuid:id>/discard/", import_file.discard, name="discard-import"),
    path(
        f"{_IMPORT}jobs/<uuid:uuid>/begin/", import_file.after_dry_run, name="import-after-dry-run"
    ),
    path(f"{_IMPORT}jobs/<uuid:uuid>/refused.jsonl", import_refused.refused, name="import-refused"),
    path(_UPLOADS, web_uploads.begin, name="begin-upload"),
    path(f"{_UPLOADS}<uuid:id>/", web_uploads.status, name="upload"),
    path(f"{_UPLOADS}<uuid:id>/parts/<int:number>/", web_uploads.part, name="upload-part"),
    path(f"{_UPLOADS}<uuid:id>/abort/", web_uploads.abort, name="abort-upload"),
    path("api/v1/upload/init", rest_uploads.init, name="api-upload-init"),
    path(rest_uploads.PART_PATH[1:], rest_uploads.part, name="api-upload-part"),
    path("api/v1/upload/status", rest_uploads.status, name="api-upload-status"),
    path("api/v1/upload/abort", rest_uploads.abort, name="api-upload-abort"),
    path("api/v1/datasets/<uuid:id>/download", downloads.dataset, name="api-dataset"),
    path("api/v1/selections/<uuid:uuid>/download", downloads.selection, name="api-selection"),
    path("api/v1/models", models.models, name="api-models"),
    path("api/v1/models/<path:id>", models.model, name="api-model"),
    path(f"{_CHAT}/<str:id>", stored.completion, name="api-completion"),
    path(f"{_CHAT}/<str:id>/messages", stored.messages, name="api-completion-messages"),
    path(_ONE, interaction_page.interaction, name="interaction"),
    path(f"{_ONE}raw/", raw_json.raw, name="interaction-raw"),
    path(f"{_ONE}text/", plain_text.text, name="interaction-text"),
    path(f"{_ONE}system/", system_prompt.system, name="interaction-system"),
    path(f"{_ONE}history/", history.history, name="interaction-history"),
    path(f"{_ONE}seen-by/", seen_by.seen_by, name="interaction-seen-by"),
    path(f"{_ONE}siblings/", siblings.siblings, name="siblings"),
    path(f"{_PROJECT}sessions/", sessions_list.sessions, name="sessions"),
    path(f"{_PROJECT}sessions/<uuid:session>/", transcript.session, name="session"),
    path(f"{_ONE}feedback/section/", web_feedback.section, name="feedback-section"),
    path(f"{_ONE}feedback/turn/", web_feedback.of_turn, name="turn-feedback"),
    path(f"{_ONE}feedback/", web_feedback.give, name="give-feedback"),
    path(f"{_ONE}feedback/by-key/", web_feedback.give_by_key, name="give-feedback-by-key"),
    path(
        f"{_ONE}feedback/<uuid:feedback_id>/withdraw/",
        web_feedback.withdraw,
        name="withdraw-feedback",
    ),
    path(f"{_ONE}labels/", labels.label, name="label"),
    path(f"{_ONE}labels/remove/", labels.unlabel, name="unlabel"),
    *(
        path(f"{_IMAGES}<str:sha256>.{size}.webp", files.thumbnail, {"size": size}, name=size)
        for size in ("thumb", "icon")
    ),
    path(f"{_IMAGES}<str:sha256>.<str:extension>", files.image, name="image"),
]
# Every other address under /api/ answers in JSON, not with a page; the roof puts it last.
# A path converter would leave out `/api/` itself, and what has a line break in it.
api_fallback = [re_path(r"^api/(?P<rest>[\s\S]*)\Z", fallback.not_found, name="api-fallback")]
