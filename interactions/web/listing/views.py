"""Saving, changing and choosing views of the list, and how it looks to a person."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import Invalid
from interactions.models import SavedView
from interactions.services.browsing import saved_views
from interactions.web.filtering.links import link_to_view
from interactions.web.filtering.query_string import encoded
from interactions.web.listing.column_menu import chosen
from interactions.web.listing.display import DENSITIES
from interactions.web.listing.view_menu import ViewMenu, without_place
from projects.web.requests import ProjectRequest, in_project, project_page


@require_GET
@in_project()
def views(request: ProjectRequest) -> HttpResponse:
    """All the saved views a person sees, to rename, share, delete and begin with."""
    return _views_page(request)


@require_GET
@in_project()
def show(request: ProjectRequest, id: UUID) -> HttpResponse:
    """A link that stays, whatever the view will hold: to the list as it has it now."""
    return HttpResponseRedirect(
        link_to_view(saved_views.find(request.project, id, caller=request.caller))
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
        return _views_page(request, error=str(error))
    return HttpResponseRedirect(link_to_view(view))


@require_POST
@in_project()
def update(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Let the view be the present address."""
    view = saved_views.find(request.project, id, caller=request.caller)
    saved_views.change(view, caller=request.caller, query=_query_in(request))
    return HttpResponseRedirect(link_to_view(view))


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
        return _views_page(request, error=str(error))
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
        return _views_page(request, error=str(error))
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
    return HttpResponseRedirect(_list(request) + encoded(data))


@require_POST
@in_project()
def density(request: ProjectRequest) -> HttpResponse:
    """Remember how dense the person wants the rows, and show the list so."""
    wanted = request.POST.get("density", "")
    if wanted not in DENSITIES:
        raise Invalid(f"expected one of {', '.join(DENSITIES)}", field="density")
    data = QueryDict(request.POST.get("query", ""), mutable=True)
    if "density" in data:
        data["density"] = wanted
    saved_views.remember(request.project, user=request.caller.user, density=wanted)
    return HttpResponseRedirect(_list(request) + encoded(data))


def _query_in(request: ProjectRequest) -> str:
    """The address a form would save, without page, open interaction and view."""
    return encoded(without_place(QueryDict(request.POST.get("query", ""))))[1:]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(f"“{text}”: expected the id of a view", field="view") from error


def _list(request: ProjectRequest) -> str:
    return reverse("interactions", kwargs={"key": request.project.key})


def _back(request: ProjectRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("views", kwargs={"key": request.project.key}))


@dataclass(frozen=True)
class ViewsPage(ViewMenu):
    """The saved views as a table, each with whether the caller may change it."""

    error: str = ""

    @property
    def rows(self) -> list[tuple[SavedView, str, bool]]:
        """View, link, and whether the caller may change it."""
        return [(view, self.link(view), self._may_change(view)) for view in self.kept.views]

    def _may_change(self, view: SavedView) -> bool:
        view.project = self.project  # the same row; without this each would be read
        return saved_views.may_change(view, caller=self.caller)


def _views_page(request: ProjectRequest, *, error: str = "") -> HttpResponse:
    kept = saved_views.kept(request.project, user=request.caller.user)
    page = ViewsPage(request.caller, request.project, kept, QueryDict(), "", error)
    status = 422 if error else 200
    return project_page(request, "interactions/views.html", {"page": page}, status=status)
