"""The projects of a person: their page, the menu that switches between them, and a new one."""

from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.services.rollups.project_facts import ProjectFacts, facts
from projects.models import User
from projects.services import project_sharing
from projects.services.access import Caller
from projects.web.projects import ProjectLink, ProjectList
from projects.web.refusals import blame
from projects.web.requests import ProjectRequest


class NewProjectForm(forms.Form):
    """A name, the key under which programs know it, and what it is for."""

    name = forms.CharField(max_length=200, error_messages={"required": "expected a name"})
    key = forms.SlugField(
        max_length=100,
        required=False,
        error_messages={"invalid": "expected letters, digits, - and _, or nothing"},
    )
    description = forms.CharField(max_length=10_000, required=False)


@dataclass
class ProjectsPage(ProjectList):
    """The page: what each project holds, the archived ones last."""

    @cached_property
    def shown(self) -> list[ProjectLink]:
        """Those that are shown."""
        return sorted(self.links, key=lambda link: link.project.is_archived)

    @cached_property
    def facts(self) -> dict[int, ProjectFacts]:
        """What each of these holds."""
        return facts([link.project for link in self.shown])

    @property
    def may_create(self) -> bool:
        """Whether the caller may make projects."""
        return self.caller.may_create_projects


@login_required
@require_GET
@vary_on_headers("HX-Request")
def projects(request: ProjectRequest) -> HttpResponse:
    """The page; for htmx the links of the menu alone."""
    assert isinstance(request.user, User)
    given = {
        name: request.GET[name].strip() for name in ("name", "tab", "now") if name in request.GET
    }
    page = ProjectsPage(Caller(request.user), **given)
    part = "#switch" if request.htmx else ""
    return render(request, f"projects/list.html{part}", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def new_project(request: ProjectRequest) -> HttpResponse:
    """Make a project that the caller owns."""
    assert isinstance(request.user, User)
    caller = Caller(request.user)
    if not caller.may_create_projects:
        raise Forbidden("you may not create projects here; ask an administrator")
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = project_sharing.create_owned(caller, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            return redirect("interactions", made.project.key)
    status = 422 if form.errors else 200
    return render(request, "projects/new.html", {"form": form}, status=status)
