"""Adding, changing and removing labels on the page of an interaction."""

from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.services.browsing import rows as browsing_rows
from interactions.services.editing import labels
from interactions.services.recording.drafts import MAX_LABEL_KEY, MAX_LABEL_VALUE
from interactions.web.interaction.page import detail_of
from interactions.web.interaction.redirects import back_to, query_of
from interactions.web.rendering.labels import Tags, tags_of
from projects.services.access import LABEL, MANAGE
from projects.web.requests import ProjectRequest, in_project, project_page


class LabelForm(forms.Form):
    """A label; its value may be empty, and keeps its spaces."""

    key = forms.CharField(
        max_length=MAX_LABEL_KEY, error_messages={"required": "expected a key, such as env"}
    )
    value = forms.CharField(required=False, strip=False, max_length=MAX_LABEL_VALUE)


@require_POST
@in_project(LABEL)
def label(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Add a label, or change the value of one that is there."""
    form = LabelForm(request.POST)
    if not form.is_valid():
        name, messages = next(iter(form.errors.items()))
        return _refused(request, id, f"{name}: {messages[0]}")
    key, value = form.cleaned_data["key"], form.cleaned_data["value"]
    try:
        labels.set_label(
            request.project,
            id,
            key=key,
            value=value,
            by=request.caller.user,
            may_lift=request.caller.may(MANAGE, request.project),
            is_undoable=True,
        )
    except (Invalid, Forbidden) as error:
        return _refused(request, id, str(error))
    return _answer(request, id)


@require_POST
@in_project(LABEL)
def unlabel(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Take a label away."""
    try:
        labels.remove_label(
            request.project,
            id,
            key=request.POST.get("key", ""),
            by=request.caller.user,
            may_lift=request.caller.may(MANAGE, request.project),
            is_undoable=True,
        )
    except Forbidden as error:
        return _refused(request, id, str(error))
    return _answer(request, id)


def _answer(request: ProjectRequest, id: UUID) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(back_to(request, id), status=303)
    return _section(request, id, _tags(request, id), status=200)


def _refused(request: ProjectRequest, id: UUID, error: str) -> HttpResponse:
    typed = {"key": request.POST.get("key", "")[:200], "value": request.POST.get("value", "")[:600]}
    if request.htmx:
        tags = _tags(request, id)
        tags.refuse(error, **typed)
        return _section(request, id, tags, status=422)
    detail = detail_of(request.caller, request.project, id, query=query_of(request))
    detail.tags.refuse(error, **typed)
    context = {"detail": detail, "here": back_to(request, id)}
    return project_page(request, "interactions/detail.html", context, status=422)


def _tags(request: ProjectRequest, id: UUID) -> Tags:
    rows = browsing_rows.rows(request.project, [id])
    return tags_of(request.project, id, rows[0].labels if rows else [], may_change=True)


def _section(request: ProjectRequest, id: UUID, tags: Tags, *, status: int) -> HttpResponse:
    context = {"tags": tags, "here": back_to(request, id)}
    return render(request, "interactions/_labels.html", context, status=status)
