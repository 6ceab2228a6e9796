"""What is done in the admin console, in the audit log as well as in the console's own."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from projects.models import Project, User
from projects.services import audit

ADDED, CHANGED, DELETED = "console.added", "console.changed", "console.deleted"


class AuditedAdmin(admin.ModelAdmin):
    """The admin of a model whose changes are audited; every admin of the console is one."""

    def log_addition(self, request: HttpRequest, object: Model, message: Any) -> Any:
        """Note that something was added."""
        record(request, ADDED, object, change=message)
        return super().log_addition(request, object, message)

    def log_change(self, request: HttpRequest, object: Model, message: Any) -> Any:
        """Note what was changed of it: the fields, never their values."""
        record(request, CHANGED, object, change=message)
        return super().log_change(request, object, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Note each that is about to be deleted."""
        for one in queryset:
            record(request, DELETED, one)
        return super().log_deletions(request, queryset)


def record(request: HttpRequest, verb: str, what: Model, **details: Any) -> None:
    """Add one to the audit log of the project that it belongs to, if it belongs to one."""
    assert isinstance(request.user, User)
    project = what if isinstance(what, Project) else getattr(what, "project", None)
    audit.record(
        project,
        actor=request.user,
        verb=verb,
        subject=f"{what._meta.verbose_name} {what}",
        id=what.pk,
        **details,
    )


def record_each(request: HttpRequest, verb: str, found: Iterable[Model], **details: Any) -> None:
    """The same for several, as an action of the console changes them."""
    for one in found:
        record(request, verb, one, **details)
