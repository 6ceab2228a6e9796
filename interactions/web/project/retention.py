"""What a project keeps: for how long, how many, and what is under legal hold."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from interactions.models import Retention
from interactions.services.holds import held, rules
from interactions.services.retention import expiry, limits, runs
from interactions.web.project.holds import HoldForm
from projects.models import Project
from projects.models.project import LONGEST_KEPT
from projects.services import projects as service
from projects.services.access import DELETE, MANAGE, Caller
from projects.web.requests import ProjectRequest, in_project

COUNT_TO = 100_001  # some 15 ms


class RetentionForm(forms.Form):
    """Empty keeps for ever, and all."""

    keep_days = forms.IntegerField(min_value=1, max_value=LONGEST_KEPT, required=False)
    keep_newest = forms.IntegerField(min_value=1, max_value=limits.MOST_KEPT, required=False)

    @property
    def before(self) -> datetime | None:
        """The beginning of the oldest day that a valid form keeps."""
        days = self.cleaned_data["keep_days"]
        return None if days is None else limits.first_day_of(days)


@dataclass
class RetentionPage:
    """The page; `is_dry` where `expired` is what the form would remove, and nothing was saved."""

    caller: Caller
    project: Project
    form: RetentionForm
    hold_form: HoldForm
    is_dry: bool = False

    tab = "retention"

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)

    @property
    def may_shorten(self) -> bool:
        """Whether the caller may have more of it deleted."""
        return self.caller.may(DELETE, self.project)

    @cached_property
    def newest(self) -> int | None:
        """How many of its newest interactions the project keeps."""
        return limits.newest_of(self.project)

    @cached_property
    def before(self) -> datetime | None:
        """The beginning of the oldest day that the project keeps."""
        return limits.limit_of(self.project)

    @cached_property
    def expired(self) -> expiry.Expired | None:
        """What goes and has not gone yet; in a dry run what would go."""
        if not self.is_dry:
            return expiry.survey(self.project, at_most=COUNT_TO)
        newest = self.form.cleaned_data["keep_newest"]
        return expiry.survey_by(self.project, self.form.before, newest, at_most=COUNT_TO)

    @property
    def number(self) -> str:
        """How many go, of many at least so many."""
        assert self.expired is not None
        return f"{self.expired.interactions:,}{'' if self.expired.is_exact else ' or more'}"

    @cached_property
    def runs(self) -> Retention | None:
        """When the worker last looked, and last removed some."""
        return runs.of_project(self.project)

    @cached_property
    def next_run(self) -> datetime | None:
        """When more goes: after a change in an hour, by age at midnight, by number soon: None."""
        begins = limits.begins_at(self.project)
        if begins is not None or self.newest is not None or self.expired is None:
            return begins
        if self.expired.interactions:
            return None
        midnight = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)

    @cached_property
    def holds(self) -> list[rules.PlacedHold]:
        """The legal holds."""
        return rules.of_project(self.project)

    @cached_property
    def held(self) -> int:
        """How many interactions they hold together."""
        return held.count(self.project)


@require_http_methods(["GET", "POST"])
@in_project()
def retention(request: ProjectRequest) -> HttpResponse:
    """Show what is kept; count what a change would remove; or change it."""
    project, caller = request.project, request.caller
    known = {"keep_days": project.keep_days, "keep_newest": limits.newest_of(project)}
    form = RetentionForm(request.POST or None, initial=known)
    page = RetentionPage(caller, project, form, HoldForm())
    if request.method == "POST":
        caller.check_may(MANAGE, project)
        if form.is_valid() and request.POST.get("do") != "look":
            _save(page)
            messages.info(request, _change_in_words(page))
            return redirect("retention", project.key)
        page.is_dry = form.is_valid()
    status = 422 if form.errors else 200
    return render(request, "projects/retention.html", {"page": page}, status=status)


@transaction.atomic
def _save(page: RetentionPage) -> None:
    given, by = page.form.cleaned_data, page.caller.user
    service.set_retention(page.project, keep_days=given["keep_days"], by=by)
    limits.keep_newest(page.project, given["keep_newest"], by=by)


def _change_in_words(page: RetentionPage) -> str:
    if page.expired is None:
        return "All interactions are kept for ever."
    if not page.expired.interactions:
        return "Saved. Nothing is removed now."
    return (
        f"Saved. From an hour from now on {page.number} interactions are deleted for good. Until"
        " then you can still change it."
    )
