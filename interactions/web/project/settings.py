"""The settings of a project: its primary metric, its name, and its end."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from interactions.web.project.primary_metric import PrimaryMetricForm
from projects.models import Project
from projects.services import metrics
from projects.services.access import DELETE, MANAGE, Caller
from projects.web.requests import ProjectRequest, in_project


@dataclass
class Settings:
    """The page."""

    caller: Caller
    project: Project
    primary: PrimaryMetricForm

    tab = "settings"

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)

    @property
    def may_delete(self) -> bool:
        """Whether the caller may delete the project."""
        return self.may_manage and self.caller.may(DELETE, self.project)


@require_GET
@in_project()
def settings(request: ProjectRequest) -> HttpResponse:
    """Show the settings."""
    page = Settings(request.caller, request.project, PrimaryMetricForm(request.project))
    return render(request, "projects/settings.html", {"page": page})


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
    context = {"page": Settings(request.caller, project, form)}
    return render(request, "projects/settings.html", context, status=422)
