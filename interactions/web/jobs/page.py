"""Pages of jobs: the list, one with its progress and its result, cancelling, trying again.

What came of a job stands in `Job.result`, where its kind puts it, also while it runs:

- `words`: a sentence, such as "Made 4,000 records in the dataset tickets.";
- `address` with `open`: where to go on, and what the button says. An address is one within the
  project, without a slash before it: `datasets/tickets/`;
- `links`: more of these, each `{"address": …, "words": …}`;
- `lines`: a list of `[what, n]`, shown as a table of counts, such as `["left out: empty", 12]`.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.addresses import split
from interactions.models import Job
from interactions.services.jobs import begin, queue
from interactions.web.jobs.shown import ShownJob
from projects.web.requests import ProjectRequest, in_project, project_page

JOBS_PER_PAGE = 50
# Kinds whose end is said on the page that the progress was watched on.
SAID_ELSEWHERE = (Job.Kind.CHANGE, Job.Kind.VERSION)


@require_GET
@in_project()
def listing(request: ProjectRequest) -> HttpResponse:
    """The list of the caller's jobs, and for owners of everybody's."""
    before = request.GET.get("before", "")
    if before and not before.isdecimal():
        raise Invalid("expected a whole number", field="before")
    found = begin.listed(
        request.project,
        caller=request.caller,
        before=int(before[:18]) if before else None,
        limit=JOBS_PER_PAGE + 1,
    )
    page = found[:JOBS_PER_PAGE]
    older = f"?{urlencode({'before': page[-1].id})}" if len(found) > len(page) else ""
    context = {"jobs": [ShownJob(job) for job in page], "older": older}
    return project_page(request, "jobs/jobs.html", context, tab="datasets")


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def job(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """The page of a job with its progress or result; for htmx the progress alone.

    A page of what the job makes, which shows its progress too, is loaded anew at the end; the
    job's own page then leads on to what came of it.
    """
    shown = ShownJob(begin.known(request.project, uuid, caller=request.caller))
    if request.htmx:
        if not shown.job.is_under_way and not _is_on_its_page(request):
            if shown.job.kind in SAID_ELSEWHERE:
                messages.info(request, shown.ended)
            return HttpResponse(headers={"HX-Refresh": "true"})
        return _progress(request, shown)
    return project_page(request, "jobs/job.html", {"shown": shown}, tab="datasets")


@require_POST
@in_project()
def cancel(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Have a job end at its next step; for htmx answer with its progress."""
    found = begin.known(request.project, uuid, caller=request.caller)
    queue.cancel(found, by=request.caller.user)
    return _after(request, found)


@require_POST
@in_project()
def retry(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """Have a job that has failed tried again."""
    found = begin.known(request.project, uuid, caller=request.caller)
    queue.retry(found, by=request.caller.user)
    return _after(request, found)


def _is_on_its_page(request: ProjectRequest) -> bool:
    """Whether a job's own page asks, not one of what the job makes."""
    here = split(request.htmx.current_url or "").path
    return bool(here) and f"{request.path}".startswith(here)


def _after(request: ProjectRequest, found: Job) -> HttpResponse:
    if request.htmx:
        now = begin.known(request.project, found.uuid, caller=request.caller)
        return _progress(request, ShownJob(now))
    where = {"key": request.project.key}
    if "list" in request.POST:
        return HttpResponseRedirect(reverse("jobs", kwargs=where), status=303)
    return HttpResponseRedirect(reverse("job", kwargs=where | {"uuid": found.uuid}), status=303)


def _progress(request: ProjectRequest, shown: ShownJob) -> HttpResponse:
    is_job_page = _is_on_its_page(request)
    is_followed = is_job_page and request.method == "GET" and shown.leads_on
    context = {"shown": shown, "project": request.project, "is_followed": is_followed}
    context["is_named"] = shown.job.kind in SAID_ELSEWHERE and not is_job_page
    return render(request, "jobs/_progress.html", context)
