"""Undoing the last change: what the key `z` asks for on any page of a project."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from interactions.services import undo
from interactions.web.bulk.toasts import toast
from projects.web.requests import ProjectRequest, in_project

NOTHING = "Nothing to undo: you have changed nothing here in the last 24 hours."


@require_POST
@in_project()
def undo_last(request: ProjectRequest) -> HttpResponse:
    """Undo the caller's last change, whatever it was, and say which that was."""
    undone = undo.undo_last(request.project, caller=request.caller)
    words = undone.words if undone else NOTHING
    if request.htmx and undone and (undone.entry or undone.job):  # no row of a list has changed
        return toast(request, words, job=undone.job)
    if request.htmx:
        changed = "undo" if undone else ""
        return toast(request, words, action=undone.action if undone else None, changed=changed)
    messages.info(request, words)
    where = {"key": request.project.key}
    return HttpResponseRedirect(reverse("bulk-actions", kwargs=where), status=303)
