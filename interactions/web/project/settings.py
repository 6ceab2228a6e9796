"""The settings of a project: how long it keeps its interactions, and its primary metric."""

from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from interactions.services.retention import expiry
from interactions.web.project.primary_metric import PrimaryMetricForm
from projects.models import Project
from projects.models.project import LONGEST_KEPT
from projects.services import metrics
from projects.services import projects as service
from projects.services.access import DELETE, MANAGE, Caller
from projects.web.requests import ProjectRequest, in_project

COUNT_TO = 100_001  # some 15 ms


class SettingsForm(forms.Form):
    """Empty keeps for ever."""

    keep_days = forms.IntegerField(min_value=1, max_value=LONGEST_KEPT, required=False)


@dataclass
class Settings:
    """The page."""

    caller: Caller
    project: Project
    form: SettingsForm
    primary: PrimaryMetricForm

    tab = "settings"

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)

    @property
    def may_delete(self) -> bool:
        """Whether the caller may delete the project."""
        return self.may_manage and self.may_shorten

    @property
    def may_shorten(self) -> bool:
        """Whether the caller may have more of it deleted."""
        return self.caller.may(DELETE, self.project)

    @cached_property
    def expired(self) -> expiry.Expired | None:
        """The interactions that are older than the project keeps, and not deleted yet."""
        return expiry.survey(self.project, at_most=COUNT_TO)


@require_http_methods(["GET", "POST"])
@in_project()
def settings(request: ProjectRequest) -> HttpResponse:
    """Show the settings, or change them."""
    project = request.project
    form = SettingsForm(request.POST or None, initial={"keep_days": project.keep_days})
    page = Settings(request.caller, project, form, PrimaryMetricForm(project))
    if request.method == "POST":
        request.caller.check_may(MANAGE, project)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["keep_days"]
        service.set_retention(project, keep_days=days, by=request.caller.user)
        messages.info(request, _change_in_words(page))
        return redirect("settings", project.key)
    status = 422 if form.errors else 200
    return render(request, "projects/settings.html", {"page": page}, status=status)


@require_POST
@in_project(MANAGE)
def primary_metric(request: ProjectRequest) -> HttpResponse:
    """Choose the metric whose values are on the number keys."""
    project = request.project
    form = PrimaryMetricForm(project, request.POST)
    if form.is_valid():
        metrics.set_primary(project, form.metric, by=request.caller.user)
        chosen = form.metric.key if form.metric else "the most used yes or no metric"
        messages.info(request, f"The number keys give {chosen} now.")
        return redirect("settings", project.key)
    days = SettingsForm(initial={"keep_days": project.keep_days})
    context = {"page": Settings(request.caller, project, days, form)}
    return render(request, "projects/settings.html", context, status=422)


def _change_in_words(page: Settings) -> str:
    found = page.expired
    if found is None:
        return "Interactions are kept for ever."
    if not found.interactions:
        return f"Interactions are kept for {page.project.keep_days} days."
    n = f"{min(found.interactions, COUNT_TO - 1):,}{'' if found.is_exact else '+'}"
    return (
        f"From an hour from now on, what is older than {page.project.keep_days} days is deleted for"
        f" good: {n} now. Until then you can still change it."
    )
