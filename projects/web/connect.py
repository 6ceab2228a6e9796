"""The page that says how programs reach a project, and makes keys for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from projects.models import ApiKey, Metric, Project, ProjectLlm
from projects.services import api_keys as keys
from projects.services import people
from projects.services.access import CREATE, MANAGE, Caller

from .requests import ProjectRequest, in_project
from .snippets import Snippet, snippets


class KeyForm(forms.Form):
    """What to call a key."""

    name = forms.CharField(
        max_length=200, error_messages={"required": "expected a name, such as laptop"}
    )


@dataclass
class Connect:
    """The page; `secret` is that of a key made just now, "" otherwise."""

    caller: Caller
    project: Project
    address: str
    form: KeyForm
    secret: str = ""

    tab = "connect"

    @cached_property
    def keys(self) -> Iterable[ApiKey]:
        """The caller's own keys."""
        return keys.in_use(self.caller.user)

    @cached_property
    def snippets(self) -> list[Snippet]:
        """Code for each client."""
        return snippets(self.project, address=self.address, metric=self.metric)

    @cached_property
    def metric(self) -> Metric | None:
        """A yes/no metric for the snippets to use, whose key needs no quoting there."""
        bools = Metric.objects.in_project(self.project).linked().filter(kind=Metric.Kind.BOOL)
        plain = bools.filter(key__regex=r"^[A-Za-z0-9_.-]+$")
        return plain.order_by("created_at", "id").first()

    @cached_property
    def can_answer(self) -> bool:
        """Whether some model of the project can be asked."""
        return ProjectLlm.objects.in_project(self.project).askable().exists()

    @property
    def may_write(self) -> bool:
        """Whether a key of the caller's can chat and log here."""
        return self.caller.may(CREATE, self.project)

    @property
    def may_manage(self) -> bool:
        """Whether the caller may add what is missing."""
        return self.caller.may(MANAGE, self.project)


def _connect(request: ProjectRequest, form: KeyForm, *, secret: str = "") -> Connect:
    address = request.build_absolute_uri(reverse("projects")).rstrip("/")
    return Connect(request.caller, request.project, address, form, secret)


@require_GET
@in_project()
def connect(request: ProjectRequest) -> HttpResponse:
    """The page."""
    page = _connect(request, KeyForm())
    return render(request, "projects/connect.html", {"page": page})


@require_POST
@never_cache
@in_project()
def make_key(request: ProjectRequest) -> HttpResponse:
    """Make a key and show it in the answer itself: kept for another page it would be stored."""
    form = KeyForm(request.POST)
    secret = ""
    if form.is_valid():
        secret = people.issue_key(request.caller.user, name=form.cleaned_data["name"])
    page = _connect(request, KeyForm() if secret else form, secret=secret)
    status = 200 if secret else 422
    return render(request, "projects/connect.html", {"page": page}, status=status)


@require_POST
@in_project()
def revoke_key(request: ProjectRequest, id: int) -> HttpResponse:
    """Let a key of the caller's open nothing any more."""
    revoked = keys.revoke(request.caller.user, id)
    messages.info(request, f"The key {revoked} is revoked.")
    return redirect("connect", request.project.key)
