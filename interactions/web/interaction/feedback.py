"""Giving feedback on the page of an interaction, and taking it back."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import DomainError, Invalid, NotFound
from interactions.filters import feedback_text
from interactions.services.browsing import rows as browsing_rows
from interactions.services.judging import feedback as service
from interactions.services.judging.metric_scales import Scale, scales
from interactions.services.recording.drafts import FeedbackDraft, check_value
from interactions.web.interaction.page import detail_of
from interactions.web.interaction.redirects import back_to, is_elsewhere, page_of, query_of
from interactions.web.rendering.feedback import InteractionFeedback, feedback_of, given_to
from projects.models import Metric
from projects.services import metrics
from projects.services.access import GIVE_FEEDBACK, MANAGE
from projects.web.requests import ProjectRequest, in_project, project_page


class FeedbackForm(forms.Form):
    """A value under a metric, with a reason if one is given."""

    metric = forms.CharField(max_length=200)
    value = forms.FloatField(
        error_messages={"required": "expected a number", "invalid": "expected a number"}
    )
    reason = forms.CharField(required=False, max_length=10_000)


@require_POST
@in_project(GIVE_FEEDBACK)
def give(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Store a value; a wrong one is refused at its field."""
    form = FeedbackForm(request.POST)
    metric = metrics.known(request.project, request.POST.get("metric", "").replace("\0", ""))
    if not form.is_valid():
        return _refused(request, id, metric, str(next(iter(form.errors.values()))[0]))
    try:
        given = _given(metric, form.cleaned_data)
    except DomainError as error:
        return _refused(request, id, metric, str(error))
    # A pressed button pressed again lets go; with a reason typed it says something new.
    is_toggle = "choice" in request.POST and not given.reason
    service.give_own(request.project, id, given=given, by=request.caller.user, is_toggle=is_toggle)
    return _answer(request, id)


@require_POST
@in_project(GIVE_FEEDBACK)
def give_by_key(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Give the value of the primary metric that a number key stands for; once more withdraws it.

    The answer begins with what was done, in words, in the element `said`.
    """
    key = request.POST.get("key", "")
    if not re.fullmatch("[1-9]", key):
        raise Invalid("expected one of the keys 1 to 9", field="key")
    scale = next((one for one in scales(request.project) if one.is_primary), None)
    value = scale.of_key(key) if scale else None
    if scale is None or value is None:
        return render(request, "interactions/_said.html", {"said": _nothing_on(scale)})
    given = _given(scale.metric, {"value": value, "reason": ""})
    by = request.caller.user
    made = service.give_own(request.project, id, given=given, by=by, is_toggle=True)
    word = feedback_text.with_metric(scale.metric, value)
    said = f"{word} given. {key} again withdraws it." if made else f"{word} withdrawn."
    return _answer(request, id, said=said)


def _nothing_on(scale: Scale | None) -> str:
    """What is said of a number key without a value."""
    if scale is None:
        return "No metric of this project has its values on keys; its settings choose one."
    if not scale.values:
        return f"{scale.metric.key} is a number: open the interaction to type it."
    return f"{scale.metric.key} has its values on the keys 1 to {len(scale.values)}."


@require_POST
@in_project(GIVE_FEEDBACK)
def withdraw(request: ProjectRequest, id: UUID, feedback_id: UUID) -> HttpResponse:
    """Take a value back: one's own, or as an owner of the project anyone's."""
    service.withdraw(
        request.project,
        feedback_id,
        by=request.caller.user,
        any_author=request.caller.may(MANAGE, request.project),
        of=id,
        is_undoable=True,
    )
    return _answer(request, id)


@require_GET
@in_project()
def section(request: ProjectRequest, id: UUID) -> HttpResponse:
    """The form with every metric, for a turn of a transcript, which shows what was given alone."""
    if not request.htmx:
        return HttpResponseRedirect(page_of(request, id))
    context = {"feedback": _feedback(request, _row(request, id)), "is_opened": True}
    context["here"] = request.htmx.current_url_abs_path or page_of(request, id)
    return render(request, "interactions/_feedback.html", context)


@require_GET
@in_project()
def of_turn(request: ProjectRequest, id: UUID) -> HttpResponse:
    """What a turn of a transcript was given, to be read again in place of the form."""
    if not request.htmx:
        return HttpResponseRedirect(page_of(request, id))
    feedback = given_to(request.caller, request.project, id, _row(request, id).feedback)
    return render(request, "interactions/_turn_feedback.html", {"feedback": feedback})


def _given(metric: Metric, cleaned: dict[str, Any]) -> FeedbackDraft:
    value = check_value(metric, cleaned["value"], field="")
    return FeedbackDraft(metric=metric, value=value, reason=cleaned["reason"].strip())


def _answer(request: ProjectRequest, id: UUID, *, said: str = "", **refused: str) -> HttpResponse:
    """The section anew, and for a list behind it the row's marks; without htmx, the page again."""
    if not request.htmx:
        return HttpResponseRedirect(back_to(request, id), status=303)
    row = _row(request, id)
    feedback = _feedback(request, row)
    if refused:
        feedback.refuse(**refused)
    context = {
        "feedback": feedback,
        "row": row,
        "is_beside_a_list": is_elsewhere(request, id),
        "here": back_to(request, id),
        "said": said,
    }
    status = 422 if refused else 200
    return render(request, "interactions/_feedback_answer.html", context, status=status)


def _row(request: ProjectRequest, id: UUID) -> browsing_rows.Row:
    rows = browsing_rows.rows(request.project, [id], all_feedback=True)
    if not rows:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    return rows[0]


def _feedback(request: ProjectRequest, row: browsing_rows.Row) -> InteractionFeedback:
    return feedback_of(
        request.caller,
        request.project,
        row.interaction.id,
        scales=scales(request.project),
        feedback=row.feedback,
    )


def _refused(request: ProjectRequest, id: UUID, metric: Metric, error: str) -> HttpResponse:
    refused = {
        "metric": metric.key,
        "error": error,
        "typed": request.POST.get("value", "")[:100],
        "reason": request.POST.get("reason", "")[:10_000],
    }
    if request.htmx:
        return _answer(request, id, **refused)
    detail = detail_of(request.caller, request.project, id, query=query_of(request))
    detail.feedback.refuse(**refused)
    context = {"detail": detail, "here": back_to(request, id)}
    return project_page(request, "interactions/detail.html", context, status=422)
