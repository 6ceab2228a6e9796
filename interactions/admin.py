"""Raw records: interactions and what hangs on them, to look things up in.

All of it is read-only: the pages and the API are where interactions are written, with their
postings and roll-ups.
"""

from uuid import UUID

import orjson
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from adaptive_site.lib import exact_json
from interactions.models import Comparison, Feedback, Image, Interaction, InteractionBody, Label
from interactions.web.images.files import thumbnail_url
from projects.audited_admin import ReadOnlyAdmin
from projects.models import Project
from projects.services.auditing import reads


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    """Interactions, found by their ids; the list reads only the narrow rows."""

    list_display = ("id", "created_at", "project", "llm", "source", "prompt_preview")
    list_filter = ("project", "source")
    list_select_related = ("project", "llm")
    search_fields = ("id",)  # shows the box; `get_search_results` does the search
    search_help_text = "A whole interaction id, session id or external id."
    ordering = ("-id",)
    exclude = ("label_ids",)
    readonly_fields = ("messages", "completion", "metadata")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Interaction], search_term: str
    ) -> tuple[QuerySet[Interaction], bool]:
        """By exact ids, which indexes hold; Django's own search would compare upper-case texts."""
        if term := search_term.strip():
            queryset = queryset.filter(_id_is(term, "id", "session_id") | Q(external_id=term))
        return queryset, False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interaction]:
        """With its project and model; never with its body."""
        return super().get_queryset(request).select_related("project", "llm", "created_by")

    @admin.display(description="Messages")
    def messages(self, interaction: Interaction) -> SafeString:
        """As stored."""
        reads.saw(interaction.project, [interaction.id])
        return _pre(interaction.body.messages)

    @admin.display(description="Completion")
    def completion(self, interaction: Interaction) -> SafeString:
        """As stored."""
        return format_html("<pre>{}</pre>", interaction.body.completion)

    @admin.display(description="Metadata")
    def metadata(self, interaction: Interaction) -> SafeString:
        """Parameters, usage, and what else came with it."""
        body: InteractionBody = interaction.body
        names = ("parameters", "usage", "system", "user_metadata")
        return _pre({name: getattr(body, name) for name in names})


def _id_is(term: str, *fields: str) -> Q:
    """One of the fields is the UUID `term`; nothing when it is not one."""
    try:
        id = UUID(term)
    except ValueError:
        return Q(pk__in=[])
    return Q(*((field, id) for field in fields), _connector=Q.OR)


def _pre(value: object) -> SafeString:
    return format_html(
        "<pre>{}</pre>", exact_json.dumps(value, option=orjson.OPT_INDENT_2).decode()
    )


@admin.register(Label)
class LabelAdmin(ReadOnlyAdmin):
    """The label dictionary."""

    list_display = ("key", "value", "project")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("key",)  # shows the box; `get_search_results` does the search
    search_help_text = "A whole key or a whole value."
    ordering = ("project", "key", "value")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Label], search_term: str
    ) -> tuple[QuerySet[Label], bool]:
        """By whole texts: parts of them would be looked for in every label of every project."""
        if term := search_term.strip():
            queryset = queryset.filter(Q(key=term) | Q(value=term))
        return queryset, False


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """Feedback."""

    list_display = ("created_at", "project", "metric", "value", "interaction_id", "created_by")
    list_filter = ("project", "source")
    list_select_related = ("project", "metric", "created_by")
    search_fields = ("id",)
    search_help_text = "A whole interaction id, or a metric's key."
    ordering = ("-id",)
    raw_id_fields = ("interaction",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Feedback], search_term: str
    ) -> tuple[QuerySet[Feedback], bool]:
        """By exact id or key, which indexes hold."""
        if term := search_term.strip():
            queryset = queryset.filter(_id_is(term, "interaction_id") | Q(metric__key=term))
        return queryset, False


@admin.register(Comparison)
class ComparisonAdmin(ReadOnlyAdmin):
    """Comparisons."""

    list_display = ("created_at", "project", "metric", "preferred_id", "other_id", "tied")
    list_filter = ("project", "tied")
    list_select_related = ("project", "metric")
    search_fields = ("id",)
    search_help_text = "A whole interaction id, or a metric's key."
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Comparison], search_term: str
    ) -> tuple[QuerySet[Comparison], bool]:
        """By exact id or key, which indexes hold."""
        if term := search_term.strip():
            queryset = queryset.filter(
                _id_is(term, "preferred_id", "other_id") | Q(metric__key=term)
            )
        return queryset, False


@admin.register(Image)
class ImageAdmin(ReadOnlyAdmin):
    """Images, by the hash of their bytes."""

    list_display = ("thumbnail", "sha256", "project", "format", "width", "height", "size")
    list_display_links = ("sha256",)
    list_filter = ("project", "format")
    list_select_related = ("project",)
    search_fields = ("sha256",)  # shows the box; `get_search_results` does the search
    search_help_text = "A whole hash, in hexadecimal."
    ordering = ("-id",)
    readonly_fields = ("thumbnail",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Image], search_term: str
    ) -> tuple[QuerySet[Image], bool]:
        """By the whole hash, which an index holds for each project."""
        if term := search_term.strip():
            projects = Project.objects.values("id")
            queryset = queryset.filter(project__in=projects, sha256=term.lower())
        return queryset, False

    @admin.display(description="")
    def thumbnail(self, image: Image) -> SafeString:
        """Small, and as it came on its own page; of formats that are not shown, their name."""
        if not image.is_shown:
            return format_html("<span>{}</span>", image.format)
        return format_html(
            '<img class="thumbnail" src="{}" alt="" loading="lazy">',
            thumbnail_url(image.project, image, "icon"),
        )
