"""The admin console: people, keys, projects and what belongs to them.

Nothing here deletes what interactions point to; people are deactivated and keys revoked.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from projects.audited_admin import AuditedAdmin, record_each
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
from projects.services import api_keys, llms, projects
from projects.services.access import PERMISSIONS
from projects.web.llm_form import ProjectLlmForm, RegistrationForm

admin.site.unregister(Group)
admin.site.site_header = "Adaptive Site"
admin.site.site_title = "Adaptive Site"
admin.site.index_title = "Admin console"


class KeptForever:
    """An admin that offers no deletion, because interactions point to its rows."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never."""
        return False


class MembershipInline(admin.TabularInline):
    """Teams of a user, or users of a team."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "team", "role")


@admin.register(User)
class UserAdmin(KeptForever, AuditedAdmin, DjangoUserAdmin):
    """People and service accounts."""

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
    readonly_fields = ("uuid", "created_at", "last_login")
    filter_horizontal = ()
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "uuid")}),
        ("May", {"fields": ("is_active", "is_superuser", "is_service_account")}),
        ("When", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
        ("May", {"fields": ("is_superuser",)}),
    )

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool
    ) -> None:
        """Let administrators, and nobody else, use this console."""
        obj.is_staff = obj.is_superuser
        super().save_model(request, obj, form, change)


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    """Teams with their members."""

    list_display = ("name", "key", "created_at")
    search_fields = ("key", "name")
    prepopulated_fields = {"key": ("name",)}
    inlines = (MembershipInline,)


class RoleForm(forms.ModelForm):
    """A role with a choice of the permissions there are."""

    permissions = forms.MultipleChoiceField(
        choices=[(permission, permission) for permission in PERMISSIONS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


@admin.register(Role)
class RoleAdmin(AuditedAdmin):
    """Roles and their permissions."""

    form = RoleForm
    list_display = ("name", "key", "permissions")
    search_fields = ("key", "name")


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin):
    """API keys; the secret is shown once, right after a key is made."""

    list_display = ("name", "prefix", "user", "created_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A new key has an owner and a name; the rest follows."""
        return (
            ("user", "name")
            if obj is None
            else ("user", "name", "prefix", "created_at", "revoked_at")
        )

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiKey | None = None
    ) -> tuple[str, ...]:
        """Only the name of a key can be changed."""
        return () if obj is None else ("user", "prefix", "created_at", "revoked_at")

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm, change: bool
    ) -> None:
        """Make the secret of a new key, and show it."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made, secret = api_keys.make(obj.user, obj.name)
        obj.prefix, obj.digest = made.prefix, made.digest
        super().save_model(request, obj, form, change)
        self.message_user(
            request, f"The key is {secret} — copy it now; it is not shown again.", messages.WARNING
        )

    @admin.action(description="Revoke the selected keys")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Stop the keys from working; they stay listed."""
        going = list(queryset.filter(revoked_at=None))
        record_each(request, "key.revoked", going)
        n = queryset.filter(id__in=[key.pk for key in going]).update(revoked_at=timezone.now())
        self.message_user(request, f"{n} keys revoked.")


class ShareInline(admin.TabularInline):
    """Teams a project is shared with."""

    model = ProjectShare
    extra = 0
    autocomplete_fields = ("team", "role")


class MetricInline(admin.TabularInline):
    """Metrics of a project, to look at and to add; the link leads to where one is changed."""

    model = Metric
    extra = 0
    fields = ("key", "name", "kind", "scoring_type", "threshold")
    show_change_link = True
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """Not here: the kind of a metric in use must stay."""
        return False


@admin.register(Project)
class ProjectAdmin(KeptForever, AuditedAdmin):
    """Projects with their shares and metrics."""

    list_display = ("name", "key", "uuid", "created_at")
    search_fields = ("key", "name")
    readonly_fields = ("uuid",)
    prepopulated_fields = {"key": ("name",)}
    exclude = ("primary_metric",)  # the project's settings offer its own metrics alone
    inlines = (ShareInline, MetricInline)

    def save_model(
        self, request: HttpRequest, obj: Project, form: forms.ModelForm, change: bool
    ) -> None:
        """A new project gets the echo, as it does everywhere else; retention is audited."""
        keep_days = obj.keep_days
        if change and "keep_days" in form.changed_data:
            obj.keep_days = form.initial["keep_days"]
        super().save_model(request, obj, form, change)
        if obj.keep_days != keep_days:
            assert isinstance(request.user, User)
            projects.set_retention(obj, keep_days=keep_days, by=request.user)
        if settings.DEMO_MODEL and not change:
            llms.attach_echo(obj)


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
    list_display = ("name", "llm", "owner", "provider", "base_url", "is_for_all", "created_at")
    list_filter = ("provider", "is_for_all", "may_be_private")
    list_select_related = ("llm", "owner")
    search_fields = ("name", "llm__key", "owner__email")
    autocomplete_fields = ("llm", "owner", "teams")
    readonly_fields = ("uuid",)

    def get_readonly_fields(self, request: HttpRequest, obj: Registration | None = None) -> Any:
        """Projects that have it attached know it by its key, so that stays."""
        return ("uuid", "llm") if obj else ("uuid",)


@admin.register(ProjectLlm)
class ProjectLlmAdmin(AuditedAdmin):
    """Which models may be used in which projects, and who answers for them there."""

    form = ProjectLlmForm
    list_display = ("llm", "project", "registration", "is_default", "desired_online", "created_at")
    list_filter = ("project", "is_default")
    list_select_related = ("llm", "project", "registration")
    search_fields = ("llm__key",)
    autocomplete_fields = ("llm", "project", "registration")


@admin.register(Metric)
class MetricAdmin(AuditedAdmin):
    """Metrics."""

    list_display = ("key", "project", "kind", "scoring_type", "threshold")
    list_filter = ("project", "kind")
    list_select_related = ("project",)
    search_fields = ("key", "name")
    readonly_fields = ("uuid",)
    autocomplete_fields = ("project",)

    def get_readonly_fields(self, request: HttpRequest, obj: Metric | None = None) -> Any:
        """The kind decides what values mean, so it is fixed once a metric is there."""
        return ("uuid", "kind", "project") if obj else ("uuid",)

    def has_delete_permission(self, request: HttpRequest, obj: Metric | None = None) -> bool:
        """Only a metric nobody has used yet can go."""
        return obj is None or not (obj.feedback.exists() or obj.comparisons.exists())


@admin.register(Event)
class EventAdmin(KeptForever, AuditedAdmin):
    """The audit log; it can only be read."""

    list_display = ("created_at", "verb", "actor", "project", "subject")
    list_filter = ("verb", "project")
    list_select_related = ("actor", "project")
    search_fields = ("subject", "actor__email")
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Never."""
        return False
