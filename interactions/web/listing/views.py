"""Saving, changing and choosing views of the list, and how it looks to a person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import Invalid
from interactions.models import SavedView
from interactions.services.browsing import saved_views
from interactions.web.filtering.links import query, saved_view_address
from interactions.web.listing.column_menu import chosen
from interactions.web.listing.display import DENSITIES
from interactions.web.listing.view_menu import Shelf, without_place
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@in_project()
def shelf(request: ProjectRequest) -> HttpResponse:
    """All the views one sees, to rename, share, delete and begin with."""
    return _shelf(request)


@require_GET
@in_project()
def show(request: ProjectRequest, id: UUID) -> HttpResponse:
    """A link that stays, whatever the view will hold: to the list as it has it now."""
    return HttpResponseRedirect(
        saved_view_address(saved_views.find(request.project, id, caller=request.caller))
    )


@require_POST
@in_project()
def save(request: ProjectRequest) -> HttpResponse:
    """Keep the present address as a view, and go to it."""
    try:
        view = saved_views.save(
            request.project,
            caller=request.caller,
            name=request.POST.get("name", ""),
            query=_query_in(request),
            is_shared=request.POST.get("is_shared") == "1",
        )
    except Invalid as error:
        return _shelf(request, error=str(error))
    return HttpResponseRedirect(saved_view_address(view))


@require_POST
@in_project()
def update(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Let the view be the present address."""
    view = saved_views.find(request.project, id, caller=request.caller)
    saved_views.change(view, caller=request.caller, query=_query_in(request))
    return HttpResponseRedirect(saved_view_address(view))


@require_POST
@in_project()
def change(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Rename a view, share it or no longer."""
    view = saved_views.find(request.project, id, caller=request.caller)
    shared = request.POST.get("is_shared")
    try:
        saved_views.change(
            view,
            caller=request.caller,
            name=request.POST.get("name"),
            is_shared=None if shared is None else shared == "1",
        )
    except Invalid as error:
        return _shelf(request, error=str(error))
    return _back(request)


@require_POST
@in_project()
def delete(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Let a view go."""
    view = saved_views.find(request.project, id, caller=request.caller)
    saved_views.delete(view, caller=request.caller)
    messages.info(request, f"The view “{view.name}” is deleted.")
    return _back(request)


@require_POST
@in_project()
def begin(request: ProjectRequest) -> HttpResponse:
    """Choose the view the bare list opens with: `for` me, or the whole project."""
    given = request.POST.get("view", "")
    view = None
    if given:
        view = saved_views.find(request.project, _id(given), caller=request.caller)
    choose = (
        saved_views.begin_project_with
        if request.POST.get("for") == "project"
        else saved_views.begin_with
    )
    try:
        choose(request.project, view, caller=request.caller)
    except Invalid as error:
        return _shelf(request, error=str(error))
    return _back(request)


@require_POST
@in_project()
def display(request: ProjectRequest) -> HttpResponse:
    """Take the columns and density of the menu: remembered, or (`only=1`) in the address alone."""
    try:
        columns, density = chosen(request.POST), request.POST.get("density", "")
        if density not in DENSITIES:
            raise ValueError(f"density: expected one of {', '.join(DENSITIES)}")
    except ValueError as error:
        raise Invalid(f"columns: {error}", field="columns") from error
    data = QueryDict(request.POST.get("query", ""), mutable=True)
    if request.POST.get("only") == "1" or "columns" in data:
        data["columns"], data["density"] = columns, density
    else:
        data.pop("density", None)
    if request.POST.get("only") != "1":
        saved_views.remember(
            request.project, user=request.caller.user, columns=columns, density=density
        )
    return HttpResponseRedirect(_list(request) + query(data))


def _query_in(request: ProjectRequest) -> str:
    """The address a form would save, without what is of one look at it."""
    return query(without_place(QueryDict(request.POST.get("query", ""))))[1:]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(f"“{text}”: expected the id of a view", field="view") from error


def _list(request: ProjectRequest) -> str:
    return reverse("interactions", kwargs={"key": request.project.key})


def _back(request: ProjectRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("views", kwargs={"key": request.project.key}))


def _shelf(request: ProjectRequest, *, error: str = "") -> HttpResponse:
    kept = saved_views.kept(request.project, user=request.caller.user)
    page = Shelf(request.caller, request.project, kept, QueryDict(), "")
    lines = [(one, page.link(one), _may_change(request, one)) for one in kept.views]
    context = {"page": page, "shelf": page, "lines": lines, "error": error}
    status = 422 if error else 200
    return project_page(request, "interactions/views.html", context, status=status)


def _may_change(request: ProjectRequest, view: SavedView) -> bool:
    view.project = request.project  # the same row; without this each would be read
    return saved_views.may_change(view, caller=request.caller)
