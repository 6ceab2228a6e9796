"""What a bulk action or an undoing did, said in a toast, while the rows behind it change."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from adaptive_site.lib.http.addresses import split
from interactions.models import BulkAction, Job
from interactions.services.bulk import actions as bulk_actions
from projects.web.requests import ProjectRequest

ROWS_CHANGED = "rows-changed"  # the event that a list reads its rows anew for


def toast(
    request: ProjectRequest, words: str, *, action: BulkAction | None = None, changed: str = "",
    job: Job | None = None,
) -> HttpResponse:  # fmt: skip
    """The toast, with a button that undoes `action`, or a link to it, or `job`, under way.

    `changed` says what changed the rows, such as the kind of the bulk action; "" for nothing. On
    a page that does not listen, the words stand above the page, which is loaded anew.
    """
    if changed and not _is_on_list(request):
        messages.info(request, words)
        return HttpResponse(headers={"HX-Refresh": "true"})
    may_undo = action is not None and bulk_actions.can_be_undone(action)
    context: dict[str, Any] = {"words": words, "action": action, "may_undo": may_undo, "job": job}
    response = render(request, "selections/_toast.html", context | {"project": request.project})
    if changed:
        response["HX-Trigger"] = json.dumps({ROWS_CHANGED: {"by": changed}})
    return response


def _is_on_list(request: ProjectRequest) -> bool:
    """Whether the page that asks is the list of interactions."""
    here = reverse("interactions", kwargs={"key": request.project.key})
    return split(request.htmx.current_url or "").path == here
