"""Raw records of people, keys, projects and what belongs to them.

Almost all of it is read-only: the site's own pages change these things by rules and with an audit
log, and the console's pages are where administrators do. Nothing here deletes what interactions
point to.
"""

from typing import Any

import django.contrib.auth.admin  # noqa: F401  it registers groups, which go
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from projects.audited_admin import AuditedAdmin, ReadOnlyAdmin
from projects.models import (
    ApiKey,
    Event,
    Llm,
    Membership,
    Metric,
    Project,
    ProjectLlm,
    ProjectShare,
    Registration,
    Role,
    Team,
    User,
)
from projects.web.llm_form import RegistrationForm

admin.site.unregister(Group)
admin.site.site_header = "Adaptive Site"
admin.site.site_title = "Adaptive Site"
admin.site.index_title = "Raw records"


class KeptForever:
    """An admin that offers no deletion, because interactions point to its rows."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows below another, to look at."""

    extra = 0
    can_delete = False
    named: tuple[str, ...] = ()  # what each row names, read with the rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each names."""
        return super().get_queryset(request).select_related(*self.named)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False


class MembershipInline(ReadOnlyInline):
    """Teams of a user, or users of a team."""

    model = Membership
    named = ("user", "team", "role")


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People and service accounts; the console's page People changes them."""

    ordering = ("email",)
    list_display = (
        "email",
        "name",
        "is_active",
        "is_superuser",
        "is_service_account",
        "created_at",
    )
    list_filter = ("is_active", "is_superuser", "is_service_account", "memberships__team")
    search_fields = ("email", "name")
    inlines = (MembershipInline,)
    # Not the digest of the password, which `exclude` would show again with each new field.
    fieldsets = (
        (None, {"fields": ("email", "name", "uuid")}),
        ("May", {"fields": ("is_active", "is_superuser", "is_service_account")}),
        ("When", {"fields": ("created_at", "last_login")}),
    )


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    """Teams with their members."""

    list_display = ("name", "key", "created_at")
    search_fields = ("key", "name")
    inlines = (MembershipInline,)


@admin.register(Role)
class RoleAdmin(ReadOnlyAdmin):
    """Roles and their permissions."""

    list_display = ("name", "key", "permissions")
    search_fields = ("key", "name")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """API keys; neither their secrets, which are kept nowhere, nor the digests of these."""

    list_display = ("name", "prefix", "user", "created_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    fields = (
        "user", "name", "prefix", "permissions", "is_for_every_project", "projects",
        "shut_out_of", "requests_a_minute", "created_at", "expires_at", "revoked_at",
    )  # fmt: skip


class ShareInline(KeptForever, admin.TabularInline):
    """Teams that a project is shared with: to add one, which the project's page People changes."""

    model = ProjectShare
    extra = 0
    autocomplete_fields = ("team", "role")
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Not here: a project must keep an owner."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProjectShare]:
        """With the team and the role of each."""
        return super().get_queryset(request).select_related("team", "role", "project")


class MetricInline(ReadOnlyInline):
    """Metrics of a project."""

    model = Metric
    named = ("project",)
    fields = ("key", "name", "kind", "scoring_type", "threshold")
    show_change_link = True


@admin.register(Project)
class ProjectAdmin(KeptForever, AuditedAdmin):
    """Projects with their metrics and shares; another team is added here, the rest in Settings."""

    list_display = ("name", "key", "uuid", "created_at", "archived_at", "deleted_at")
    search_fields = ("key", "name")
    fields = (
        "name", "key", "uuid", "description", "keep_days", "created_at", "archived_at",
        "deleted_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (ShareInline, MetricInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not here: its own page gives a new project an owner."""
        return False


@admin.register(Llm)
class LlmAdmin(KeptForever, AuditedAdmin):
    """The names of models; who answers for one is said where it is registered."""

    list_display = ("key", "name", "created_at")
    search_fields = ("key", "name")
    readonly_fields = ("uuid",)

    def get_readonly_fields(self, request: HttpRequest, obj: Llm | None = None) -> Any:
        """A name stays: interactions of many projects may carry it."""
        return ("uuid", "key") if obj else ("uuid",)


@admin.register(Registration)
class RegistrationAdmin(KeptForever, AuditedAdmin):
    """Models at their providers, whose they are, and who may attach them."""

    form = RegistrationForm
    list_display = ("name", "llm", "owner", "provider", "base_url", "is_for_all", "is_disabled")
    list_filter = ("provider", "is_for_all", "is_disabled", "may_be_private")
    list_select_related = ("llm", "owner")
    search_fields = ("name", "llm__key", "owner__email")
    autocomplete_fields = ("llm", "owner", "teams")
    readonly_fields = ("uuid",)

    def get_fields(self, request: HttpRequest, obj: Registration | None = None) -> Any:
        """The provider's key is given once here, and changed in the console."""
        fields = super().get_fields(request, obj)
        return [one for one in fields if one != "api_key"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Registration | None = None) -> Any:
        """Whose it is can be changed; how it is asked is the console's page Models'."""
        how = (
            "llm", "name", "provider", "base_url", "may_be_private", "external_id",
            "extra_params", "is_for_all",
        )  # fmt: skip
        return (*self.readonly_fields, *how) if obj else self.readonly_fields


@admin.register(ProjectLlm)
class ProjectLlmAdmin(ReadOnlyAdmin):
    """Which models may be used in which projects, and who answers for them there."""

    list_display = ("llm", "project", "registration", "is_default", "desired_online", "created_at")
    list_filter = ("project", "is_default")
    list_select_related = ("llm", "project", "registration")
    search_fields = ("llm__key",)


@admin.register(Metric)
class MetricAdmin(ReadOnlyAdmin):
    """Metrics."""

    list_display = ("key", "project", "kind", "scoring_type", "threshold")
    list_filter = ("project", "kind")
    list_select_related = ("project",)
    search_fields = ("key", "name")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The audit log as it is stored; the page Audit reads it in words."""

    list_display = ("created_at", "verb", "actor", "project", "subject")
    list_filter = ("project",)
    list_select_related = ("actor", "project")
    search_fields = ("id",)  # shows the box; `get_search_results` does the search
    search_help_text = "The whole address of who did it, or a whole subject."
    ordering = ("-created_at", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """By whole texts, in each project by an index: the log is the longest table of all."""
        if term := search_term.strip():
            in_any = Q(project=None) | Q(project__in=Project.objects.values("id"))
            actors = User.objects.at(term).values("id")
            queryset = queryset.filter(in_any).filter(Q(subject=term) | Q(actor__in=actors))
        return queryset, False
