"""The builder of datasets: one page, whose address holds all that is chosen on it."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import Invalid
from interactions.models import Selection
from interactions.services import selections
from interactions.services.building.recipe import RecordKind
from interactions.services.jobs.builds import begin_build
from interactions.web.building import controls
from interactions.web.building.builder_page import BuilderPage, dataset_of
from interactions.web.building.builder_preview import BuilderPreview
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project, project_page

# Of a warning: look at its rows, or go on without them; of a step: look at what it leaves out.
ROWS, WITHOUT, DROPPED = "rows", "without", "dropped"


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_project()
def builder(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx the preview of what the form says. POST presses one of its buttons."""
    if request.method == "POST":
        return _pressed(request)
    if not request.GET.get("of"):
        return _start(request)
    asked = controls.from_controls(request.GET)
    page = _page(request, asked, is_chosen_here=bool(request.htmx))
    if request.htmx:
        return _later(request, page) if controls.LATER in asked else _preview(request, page)
    if controls.has_controls(request.GET):
        return HttpResponseRedirect(_kept(page, asked))
    return _whole(request, page, has_preview=controls.SHOW in asked)


def _start(request: ProjectRequest) -> HttpResponse:
    """The ways to a selection; what comes of it may go into a dataset that is there."""
    into = dataset_of(request.project, request.GET.get(controls.INTO, ""))
    kind = next((kind for kind in RecordKind if into and kind.of_dataset == into.kind), "")
    context = {"into": into, "kind": kind}
    return project_page(request, "datasets/builder_start.html", context, tab="datasets")


def _page(request: ProjectRequest, asked: QueryDict, **how: bool) -> BuilderPage:
    selection = _selection(request, asked.get("of", ""))
    return BuilderPage.of(request.caller, selection, asked, **how)


def _selection(request: ProjectRequest, text: str) -> Selection:
    try:
        uuid = UUID(text)
    except ValueError as error:
        raise Invalid("expected the UUID of a selection", field="of") from error
    return selections.known(request.project, uuid)


def _kept(page: BuilderPage, asked: QueryDict) -> str:
    """The address to go to, which still asks for the preview where it did."""
    return page.address + (f"&{controls.SHOW}=1" if controls.SHOW in asked else "")


def _whole(
    request: ProjectRequest, page: BuilderPage, *, has_preview: bool, status: int = 200
) -> HttpResponse:
    preview = BuilderPreview.of(page, is_whole=True) if has_preview else None
    context = {"page": page, "preview": preview}
    return project_page(request, "datasets/builder.html", context, tab="datasets", status=status)


def _preview(request: ProjectRequest, page: BuilderPage) -> HttpResponse:
    """The preview, and what of the form follows from what was chosen.

    While something in the form cannot be read, the last preview stays.
    """
    is_read = not page.faults
    context = {"page": page, "preview": BuilderPreview.of(page), "project": request.project}
    response = render(request, "datasets/_builder_answer.html", context)
    response["HX-Replace-Url"] = page.address
    if not is_read:
        response["HX-Reswap"] = "none"
    return response


def _later(request: ProjectRequest, page: BuilderPage) -> HttpResponse:
    """The preview again, with what takes longer: the form is left as it is."""
    preview = BuilderPreview.of(page, is_whole=True)
    context = {"page": page, "preview": preview, "project": request.project}
    return render(request, "datasets/_builder_later.html", context)


def _pressed(request: ProjectRequest) -> HttpResponse:
    asked = controls.from_controls(request.POST)
    pressed, _, warning = request.POST.get(controls.DO, "").partition(":")
    page = _page(request, asked, is_filled=pressed != "make")
    if pressed == "make":
        return _make(request, page)
    if pressed in (ROWS, WITHOUT, DROPPED) and page.recipe is not None:
        preview = BuilderPreview.of(page)
        ids = preview.dropped(warning) if pressed == DROPPED else preview.ids_of(warning)
        return _of_rows(request, page, ids, is_without=pressed == WITHOUT)
    return HttpResponseRedirect(f"{page.address}&{controls.SHOW}=1", status=303)


def _make(request: ProjectRequest, page: BuilderPage) -> HttpResponse:
    """Begin the job that makes the dataset, or say what is wrong."""
    request.caller.check_may(EDIT_DATASETS, request.project)
    if page.recipe is not None and not page.faults:
        try:
            recipe = replace(page.recipe, name=page.name)
            _, job = begin_build(request.caller, request.project, recipe, dataset=page.into)
        except Invalid as error:
            page.blame(error)
        else:
            where = {"key": request.project.key, "uuid": job.uuid}
            return HttpResponseRedirect(reverse("job", kwargs=where), status=303)
    return _whole(request, page, has_preview=True, status=422)


def _of_rows(
    request: ProjectRequest, page: BuilderPage, ids: Collection[UUID], *, is_without: bool
) -> HttpResponse:
    """The rows that the page has counted as a selection, or the builder with all but them.

    They are those that the page showed: what is drawn at random is drawn alike.
    """
    by = request.caller.user
    if not ids:
        return HttpResponseRedirect(f"{page.address}&{controls.SHOW}=1", status=303)
    if is_without:
        left = selections.without(page.selection, ids, by=by)
        return HttpResponseRedirect(page.with_selection(left), status=303)
    found = selections.tick(request.project, ids, by=by, came_from=page.selection.came_from)
    where = {"key": request.project.key, "uuid": found.uuid}
    return HttpResponseRedirect(reverse("selection", kwargs=where), status=303)
