"""Pairs: two answers to one prompt, side by side and blind, and one key for the better one."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import Invalid
from interactions.models import Comparison
from interactions.services.judging import pairs as service
from interactions.web.filtering.ids_in_bar import opens_ids
from interactions.web.filtering.page_parameters import has_form_controls
from interactions.web.filtering.searched import note_search
from interactions.web.judging.pairs_page import Pairs
from projects.services.access import GIVE_FEEDBACK
from projects.web.requests import ProjectRequest, in_project, project_page

ANSWERS = ("left", "right", *Comparison.Tied.values)


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
@opens_ids
def pairs(request: ProjectRequest) -> HttpResponse:
    """The page; for its script the queue (target `queue`) or the pair (`card`) alone."""
    page = _page(request)
    is_sent = has_form_controls(request.GET) or "gap_metric" in request.GET
    if is_sent and not request.htmx:
        return HttpResponseRedirect(page.links.changing())
    return _shown(request, page.read())


@require_POST
@in_project(GIVE_FEEDBACK)
def prefer(request: ProjectRequest) -> HttpResponse:
    """Store which answer is better and go on to the next pair."""
    page = _page(request)
    page.options["pair"] = request.POST.get("pair", "")
    page.read()
    if page.faults or page.metric is None or page.pair is None:
        return _shown(request, page, status=422)
    answer = request.POST.get("answer", "")
    if answer not in ANSWERS:
        raise Invalid(f"expected one of {', '.join(ANSWERS)}", field="answer")
    service.prefer(
        request.project,
        page.pair,
        metric=page.metric,
        better=page.on_side(answer),
        tied=answer if answer in Comparison.Tied.values else None,
        by=request.caller.user,
    )
    return _status(request) if request.htmx else _redirect(page, page.next)


@require_POST
@in_project(GIVE_FEEDBACK)
def undo(request: ProjectRequest) -> HttpResponse:
    """Withdraw the last comparison and show its pair again."""
    page = _page(request)
    if not page.checked() or page.metric is None:
        return _shown(request, page, status=422)
    pair = service.undo(request.project, page.metric, by=request.caller.user)
    back = page.links.changing(pair=pair.name) if pair else page.links.changing()
    return _redirect(page, back)


def _redirect(page: Pairs, query: str) -> HttpResponse:
    return HttpResponseRedirect(page.path + query, status=303)


def _status(request: ProjectRequest) -> HttpResponse:
    """The progress, and the last comparison."""
    page = _page(request)
    page.checked()
    return render(request, "interactions/_pairs_status.html", {"page": page})


def _page(request: ProjectRequest) -> Pairs:
    page = Pairs.of(request)
    metric, least = (page.options.pop(name, [""])[-1] for name in ("gap_metric", "gap_least"))
    if metric or least:
        page.options["gap"] = f"{metric}:{least or 1}"
    return page


def _shown(request: ProjectRequest, page: Pairs, *, status: int = 200) -> HttpResponse:
    part = {"queue": "_pairs_queue", "card": "_pairs_card"}.get(request.htmx.target or "")
    if part and (page.faults or page.metric is None):
        context = {"page": page, "part": request.htmx.target}
        return render(request, "interactions/_queue_faults.html", context, status=422)
    if not part:
        note_search(page)
    template = f"interactions/{part or 'pairs'}.html"
    return project_page(request, template, {"page": page}, tab="pairs", status=status)
