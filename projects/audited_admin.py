"""What the lists of raw records have in common: audited, read-only, and counted by estimate.

What is done in them stands in the audit log as well as in Django's own.
"""

import json
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from projects.models import Project, User
from projects.services import audit

LOOKED_THROUGH = 5_000  # rows: further one comes by a filter, since OFFSET reads what it skips
_LIMIT_MS = 500
ADDED, CHANGED = "console.added", "console.changed"


class EstimatedPaginator(Paginator):
    """Asks no table how many rows it has: PostgreSQL's planner says about how many they are.

    Pages are offered as far as LOOKED_THROUGH rows; up to there their number is exact.
    """

    @cached_property
    def about(self) -> int:
        """How many rows there are in all, as the planner has it; 0 where they were seen."""
        return self._estimate if self.count >= LOOKED_THROUGH else 0

    @cached_property
    def _estimate(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        plan = rows.order_by().values("pk").explain(format="json")
        return max(int(json.loads(plan)[0]["Plan"]["Plan Rows"]), LOOKED_THROUGH)

    @cached_property
    def count(self) -> int:
        """How many rows the pages show."""
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        try:
            with time_limit(_LIMIT_MS):
                return len(rows.order_by().values_list("pk")[:LOOKED_THROUGH])
        except TookTooLong:  # a filter that few rows pass
            return LOOKED_THROUGH


class EstimatedList(ChangeList):
    """A list that says how many there are at its foot alone, unless something was looked for."""

    def get_results(self, request: HttpRequest) -> None:
        """Have Django say at the top how many were found, and of nothing else."""
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class AuditedAdmin(admin.ModelAdmin):
    """The admin of a model whose changes are audited; every admin of the console is one."""

    paginator = EstimatedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each value of a filter would count the whole table
    list_per_page = 50

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The kind of list."""
        return EstimatedList

    def log_addition(self, request: HttpRequest, object: Model, message: Any) -> Any:
        """Note that something was added."""
        record(request, ADDED, object, change=message)
        return super().log_addition(request, object, message)

    def log_change(self, request: HttpRequest, object: Model, message: Any) -> Any:
        """Note what was changed of it: the fields, never their values."""
        record(request, CHANGED, object, change=message)
        return super().log_change(request, object, message)


class ReadOnlyAdmin(AuditedAdmin):
    """Lists and shows; neither adds, changes nor deletes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


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
