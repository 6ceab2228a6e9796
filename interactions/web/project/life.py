"""A project is renamed, archived and restored, and deleted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import Conflict, Invalid
from interactions.services.holds import rules
from projects.services import projects
from projects.services.access import DELETE, MANAGE
from projects.web.requests import ProjectRequest, in_project


@require_POST
@in_project(MANAGE)
def rename(request: ProjectRequest) -> HttpResponse:
    """Give it another name and description."""
    given = {name: request.POST.get(name, "") for name in ("name", "description")}
    try:
        projects.rename(request.caller, request.project, **given)
    except Invalid as error:
        messages.error(request, f"{error.field.capitalize()}: {error.said}")
    else:
        messages.info(request, "The name is saved.")
    return redirect("settings", request.project.key)


@require_POST
@in_project(MANAGE)
def archive(request: ProjectRequest) -> HttpResponse:
    """Archive it, or restore it."""
    is_archived = request.POST.get("restore") != "1"
    projects.archive(request.caller, request.project, is_archived)
    done = "archived: nothing is added or changed" if is_archived else "open again"
    messages.info(request, f"{request.project} is {done}.")
    return redirect("settings", request.project.key)


@require_POST
@in_project(DELETE)
def delete(request: ProjectRequest) -> HttpResponse:
    """Delete it, if its name was typed."""
    try:
        rules.check_none(request.project)
        projects.delete(request.caller, request.project, typed=request.POST.get("name", ""))
    except (Conflict, Invalid) as error:
        messages.error(request, f"Nothing was deleted: {error.said}.")
        return redirect("settings", request.project.key)
    messages.info(request, f"{request.project} is deleted. What it held is being removed.")
    return redirect("projects")
