"""Review: the filter as a queue, one interaction at a time, one metric, one key a value."""

from datetime import UTC, datetime
from secrets import randbelow

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.services.judging import feedback
from interactions.services.judging import review as service
from interactions.services.recording.drafts import FeedbackDraft, check_uuid, check_value
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls
from interactions.web.filtering.searched import note_search
from interactions.web.interaction.feedback import FeedbackForm
from interactions.web.judging.review_page import Review
from projects.services.access import GIVE_FEEDBACK
from projects.web.requests import ProjectRequest, in_project, project_page

SEEDS = 1_000_000


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
@opens_ids
def review(request: ProjectRequest) -> HttpResponse:
    """The page; for its script the queue (target `queue`) or the interaction (`card`) alone."""
    page = _page(request)
    drawn = _drawn(page)
    if drawn or (has_form_controls(request.GET) and not request.htmx):
        return HttpResponseRedirect(page.links.changing(**drawn))
    return _shown(request, page.read())


@require_POST
@in_project(GIVE_FEEDBACK)
def give(request: ProjectRequest) -> HttpResponse:
    """Store a value and go on to the next; of a wrong one say what was expected."""
    page = _page(request)
    id = check_uuid(request.POST.get("interaction"), field="interaction")
    page.options["at"] = str(id)
    if not page.checked() or page.metric is None:
        return _shown(request, page, status=422)
    try:
        given = _given(request, page)
    except DomainError as error:
        page.error, page.typed = str(error), request.POST.get("value", "")[:100]
        page.reason = request.POST.get("reason", "")[:10_000]
        return _shown(request, page.read(), status=422)
    feedback.give_own(request.project, id, given=given, by=request.caller.user, is_toggle=False)
    if request.htmx:
        return render(request, "interactions/_review_status.html", {"page": page})
    return HttpResponseRedirect(page.path + page.after(id), status=303)


@require_POST
@in_project(GIVE_FEEDBACK)
def undo(request: ProjectRequest) -> HttpResponse:
    """Withdraw the last value and show its interaction again."""
    page = _page(request)
    if not page.checked() or page.metric is None:
        return _shown(request, page, status=422)
    id = service.undo(request.project, page.metric, by=request.caller.user)
    back = page.links.changing(at=str(id)) if id else page.links.changing()
    return HttpResponseRedirect(page.path + back, status=303)


def _page(request: ProjectRequest) -> Review:
    page = Review.of(request)
    if "sample" in request.GET and "sample" not in page.options:  # the form's field was emptied
        for name in ("seed", "upto"):
            page.options.pop(name, None)
    return page


def _drawn(page: Review) -> dict[str, str]:
    """What a sample that was only asked for still needs: a draw of its own, and its moment."""
    if "sample" not in page.options:
        return {}
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    needed = {"seed": str(randbelow(SEEDS)), "upto": now}
    return {name: value for name, value in needed.items() if name not in page.options}


def _given(request: ProjectRequest, page: Review) -> FeedbackDraft:
    assert page.metric is not None
    form = FeedbackForm({**request.POST.dict(), "metric": page.metric.key})
    if not form.is_valid():
        raise Invalid(str(next(iter(form.errors.values()))[0]))
    value = check_value(page.metric, form.cleaned_data["value"], field="")
    return FeedbackDraft(
        metric=page.metric, value=value, reason=form.cleaned_data["reason"].strip()
    )


def _shown(request: ProjectRequest, page: Review, *, status: int = 200) -> HttpResponse:
    part = {"queue": "_review_queue", "card": "_review_card"}.get(request.htmx.target or "")
    if part and (page.faults or page.metric is None):
        context = {"page": page, "part": request.htmx.target}
        return render(request, "interactions/_queue_faults.html", context, status=422)
    if not part:
        note_search(page)
    template = f"interactions/{part or 'review'}.html"
    return project_page(request, template, {"page": page}, tab="review", status=status)
