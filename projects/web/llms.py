"""The models of a project: which there are, and for owners, which there shall be."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib import exactjson
from adaptive_site.lib.errors import Invalid
from interactions.services import rollups
from projects.models import Llm, Project, ProjectLlm
from projects.services import llms, registry
from projects.services.access import MANAGE, Caller

from .refusals import blame
from .requests import ProjectRequest, in_project

NEWEST = 50_000  # interactions that are counted
PROVIDERS = {
    Llm.Provider.NONE: "name only",
    Llm.Provider.ECHO: "this server",
    Llm.Provider.OPEN_AI: "OpenAI-compatible",
    Llm.Provider.GOOGLE: "Google",
    Llm.Provider.ANTHROPIC: "Anthropic",
}


class RegisterForm(forms.Form):
    """A model at a provider; the service checks what the form cannot."""

    name = forms.CharField(max_length=200)
    provider = forms.ChoiceField(choices=[(name, PROVIDERS[name]) for name in llms.EXTERNAL])
    base_url = forms.CharField(max_length=200, required=False)
    external_id = forms.CharField(max_length=200)
    api_key = forms.CharField(max_length=1000, required=False)
    extra_params = forms.CharField(max_length=10_000, required=False)
    is_default = forms.BooleanField(required=False)

    def clean_extra_params(self) -> dict[str, Any]:
        """The JSON object that was typed; empty for nothing."""
        try:
            given = exactjson.loads(self.cleaned_data["extra_params"] or "{}")
        except ValueError as error:
            raise forms.ValidationError(f"this is not JSON: {error}") from error
        if not isinstance(given, dict):
            raise forms.ValidationError('expected a JSON object, such as {"temperature": 0}')
        return given


@dataclass(frozen=True, slots=True)
class Line:
    """A model of the project, who answers for it, and how often it did lately."""

    link: ProjectLlm
    provider: str
    n: int

    @property
    def llm(self) -> Llm:
        """The model."""
        return self.link.llm


@dataclass
class Models:
    """The page; `form` is an attempt that was refused, if there was one."""

    caller: Caller
    project: Project
    form: RegisterForm

    tab = "models"
    newest = NEWEST

    @cached_property
    def lines(self) -> list[Line]:
        """The attached models, the default first."""
        uses = dict(rollups.llm_uses(self.project, newest=NEWEST))
        return [
            Line(link, PROVIDERS[Llm.Provider(link.llm.provider)], uses.get(link.llm.key, 0))
            for link in registry.in_project(self.project)
        ]

    @cached_property
    def attachable(self) -> list[Llm]:
        """Models of other projects that may be added."""
        return list(registry.attachable(self.caller, self.project))

    @property
    def key_help(self) -> str:
        """What to say at the field of the key, which is never filled in again."""
        again = "Type it again; empty" if self.form.is_bound else "Empty"
        return f"{again} for a server that wants none."

    @property
    def may_manage(self) -> bool:
        """Whether the caller may change any of it."""
        return self.caller.may(MANAGE, self.project)


def _page(request: ProjectRequest, form: RegisterForm, *, status: int = 200) -> HttpResponse:
    page = Models(request.caller, request.project, form)
    return render(request, "projects/models.html", {"page": page}, status=status)


def _back(request: ProjectRequest, said: str) -> HttpResponse:
    messages.info(request, said)
    return redirect("models", request.project.key)


@require_GET
@in_project()
def models(request: ProjectRequest) -> HttpResponse:
    """The page."""
    return _page(request, RegisterForm())


@sensitive_post_parameters("api_key")
@require_POST
@in_project(MANAGE)
def register(request: ProjectRequest) -> HttpResponse:
    """Register a model at a provider and attach it."""
    form = RegisterForm(request.POST)
    if form.is_valid():
        try:
            llm = registry.register(request.caller, request.project, **form.cleaned_data)
        except Invalid as error:
            blame(form, error)
        else:
            return _back(request, f"{llm.key} can be asked now.")
    return _page(request, form, status=422)


@require_POST
@in_project(MANAGE)
def attach(request: ProjectRequest) -> HttpResponse:
    """Add a model that is there already."""
    llm = registry.attach(request.caller, request.project, request.POST.get("model", ""))
    return _back(request, f"{llm.key} can be asked here now.")


@require_POST
@in_project(MANAGE)
def detach(request: ProjectRequest, id: str) -> HttpResponse:
    """Take a model out of the project."""
    llm = llms.attached(request.project, str(id))
    registry.detach(request.caller, request.project, llm)
    return _back(request, f"{llm.key} is detached; what it said stays.")


@require_POST
@in_project(MANAGE)
def set_default(request: ProjectRequest, id: str) -> HttpResponse:
    """Make a model the default, or with `is_default=0` no longer so."""
    llm = llms.attached(request.project, str(id))
    is_default = request.POST.get("is_default") != "0"
    registry.set_default(request.caller, request.project, llm, is_default=is_default)
    said = "answers when no model is named" if is_default else "is no longer the default"
    return _back(request, f"{llm.key} {said}.")
